"""kept events are found by the send they name

Revision ID: c52e8f1d7b60
Revises: b81f4e6d2a05
"""

import sqlalchemy as sa
from alembic import op

revision = "c52e8f1d7b60"
down_revision = "b81f4e6d2a05"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_provider_events_unapplied_send",
        "provider_events",
        ["send_id"],
        sqlite_where=sa.text("applied_at IS NULL"),
        postgresql_where=sa.text("applied_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_provider_events_unapplied_send", "provider_events")
