"""how a worker's threads are, and when a moment to wait for was said

Revision ID: 2b7f51c08d3e
Revises: 3c1b7a905e24
"""

import sqlalchemy as sa
from alembic import op

from rxapp.db import types

revision = "2b7f51c08d3e"
down_revision = "3c1b7a905e24"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "workers", sa.Column("threads", types.JsonDocument, nullable=False, server_default="{}")
    )
    op.add_column("pace", sa.Column("said_at", types.UtcDateTime(), nullable=True))
    op.add_column("batches", sa.Column("said_at", types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("batches", "said_at")
    op.drop_column("pace", "said_at")
    op.drop_column("workers", "threads")
