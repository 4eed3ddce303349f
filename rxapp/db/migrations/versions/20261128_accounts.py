"""which account a batch was perhaps posted to

Revision ID: 91d4e07c5b3a
Revises: b7d1c05e8a34
"""

import sqlalchemy as sa
from alembic import op

revision = "91d4e07c5b3a"
down_revision = "b7d1c05e8a34"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "batches", sa.Column("account", sa.String(), nullable=False, server_default="")
    )
    # Nobody can say by which key the others were posted: what may have been taken stays unknown.
    op.execute("UPDATE batches SET account = 'sandbox' WHERE provider = 'sandbox'")


def downgrade() -> None:
    op.drop_column("batches", "account")
