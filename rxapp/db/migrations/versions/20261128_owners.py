"""whose an API key is, and who made a link

Revision ID: 3c1b7a905e24
Revises: 91d4e07c5b3a
"""

import sqlalchemy as sa
from alembic import op

revision = "3c1b7a905e24"
down_revision = "91d4e07c5b3a"
branch_labels = None
depends_on = None

# SQLite copies the table, and would hand out the ids of deleted rows again.
KEEPS_IDS = {"sqlite_autoincrement": True}


def upgrade() -> None:
    with op.batch_alter_table("api_keys", table_kwargs=KEEPS_IDS) as batch:
        batch.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_api_keys_owner_id", "users", ["owner_id"], ["id"], ondelete="CASCADE"
        )
        batch.create_index("ix_api_keys_owner_id", ["owner_id"])
    with op.batch_alter_table("account_links", table_kwargs=KEEPS_IDS) as batch:
        batch.add_column(sa.Column("maker_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_account_links_maker_id", "users", ["maker_id"], ["id"], ondelete="CASCADE"
        )
        batch.create_index("ix_account_links_maker_id", ["maker_id"])
    # Keys stay the program's own. Links were always made by a person, named by their address.
    op.execute(
        "UPDATE account_links SET maker_id = "
        "(SELECT users.id FROM users WHERE users.email = account_links.actor)"
    )
    op.execute(
        "UPDATE account_links SET ended_at = expires_at WHERE maker_id IS NULL AND ended_at IS NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("account_links", table_kwargs=KEEPS_IDS) as batch:
        batch.drop_index("ix_account_links_maker_id")
        batch.drop_constraint("fk_account_links_maker_id", type_="foreignkey")
        batch.drop_column("maker_id")
    with op.batch_alter_table("api_keys", table_kwargs=KEEPS_IDS) as batch:
        batch.drop_index("ix_api_keys_owner_id")
        batch.drop_constraint("fk_api_keys_owner_id", type_="foreignkey")
        batch.drop_column("owner_id")
