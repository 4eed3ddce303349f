"""jobs about sends, and an index that finds the repetitions of one

Revision ID: 8e2d6a90c4f7
Revises: c3b8d5f2a614
"""

import sqlalchemy as sa
from alembic import op

revision = "8e2d6a90c4f7"
down_revision = "c3b8d5f2a614"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_items", sa.Column("send_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_sends_resend_of",
        "sends",
        ["resend_of"],
        sqlite_where=sa.text("resend_of IS NOT NULL"),
        postgresql_where=sa.text("resend_of IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_sends_resend_of", "sends")
    op.drop_column("job_items", "send_id")
