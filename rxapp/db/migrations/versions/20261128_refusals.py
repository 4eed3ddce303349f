"""refusals

Revision ID: 3c7d51b0a9e4
Revises: 3f7c2ab9d160
"""

import sqlalchemy as sa
from alembic import op

from rxapp.db import types

revision = "3c7d51b0a9e4"
down_revision = "3f7c2ab9d160"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refusals",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("unsubscribed_at", types.UtcDateTime(), nullable=True),
        sa.Column("deliverability", sa.String(), nullable=False),
        sa.Column("at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_refusals")),
    )
    # Who changed a consent before was not kept with it; the audit log knows.
    op.add_column(
        "partners", sa.Column("consent_by", sa.String(), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("partners", "consent_by")
    op.drop_table("refusals")
