"""an index that finds the events of the provider that are old enough to be forgotten

Revision ID: 8d2f60c4b7e1
Revises: 5e0b94d7a2c6
"""

from alembic import op

revision = "8d2f60c4b7e1"
down_revision = "5e0b94d7a2c6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_provider_events_received_at", "provider_events", ["received_at"])


def downgrade() -> None:
    op.drop_index("ix_provider_events_received_at", "provider_events")
