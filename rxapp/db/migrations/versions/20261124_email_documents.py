"""email documents: what the visual editor edits

Revision ID: 5f0c1d7a2e91
Revises: dfc81548fc4e
"""

import sqlalchemy as sa
from alembic import op

revision = "5f0c1d7a2e91"
down_revision = "dfc81548fc4e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("template_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("document", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("template_versions", schema=None) as batch_op:
        batch_op.drop_column("document")
