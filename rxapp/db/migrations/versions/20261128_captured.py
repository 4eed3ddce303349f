"""what the sandbox captured is not sent

Revision ID: 3f7c2ab9d160
Revises: 8e2d6a90c4f7
"""

from alembic import op

revision = "3f7c2ab9d160"
down_revision = "8e2d6a90c4f7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until now only the id told that nobody was sent it.
    op.execute(
        "UPDATE sends SET status = 'captured', sent_at = NULL"
        " WHERE status = 'sent' AND provider_id LIKE 'sandbox-%'"
    )


def downgrade() -> None:
    op.execute("UPDATE sends SET status = 'sent', sent_at = status_at WHERE status = 'captured'")
