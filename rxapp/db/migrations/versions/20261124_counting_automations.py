"""indexes that count what automations sent, and find when a tag was last assigned

Revision ID: a7c41d90be52
Revises: fe4fc98bfbcc
"""

from alembic import op

revision = "a7c41d90be52"
down_revision = "fe4fc98bfbcc"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_sends_automation_id_status_created_at",
        "sends",
        ["automation_id", "status", "created_at"],
    )
    op.create_index("ix_assignments_tag_id_id", "assignments", ["tag_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_assignments_tag_id_id", "assignments")
    op.drop_index("ix_sends_automation_id_status_created_at", "sends")
