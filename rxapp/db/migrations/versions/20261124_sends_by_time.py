"""an index that finds the first email decided since a moment

Revision ID: c3b8d5f2a614
Revises: a7c41d90be52
"""

from alembic import op

revision = "c3b8d5f2a614"
down_revision = "a7c41d90be52"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sends_created_at_id", "sends", ["created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_sends_created_at_id", "sends")
