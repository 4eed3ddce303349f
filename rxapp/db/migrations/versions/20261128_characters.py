"""names without what nobody sees, and search folded anew

Revision ID: 5e0b94d7a2c6
Revises: c52e8f1d7b60
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from rxapp.characters import bare, tidy
from rxapp.db.search import SEARCHED, search_text

revision = "5e0b94d7a2c6"
down_revision = "c52e8f1d7b60"
branch_labels = None
depends_on = None

PIECE = 1_000


def upgrade() -> None:
    for name in ("tags", "templates"):
        _retell(_table(name, "name", "name_key"), "name_key", _key, {"name": tidy})
    _retell(_table("users", "email_key"), "email_key", _key, {})
    partners = _table("partners", "search", "email_key", *SEARCHED)
    _retell(partners, "key", tidy, {})
    _retell(partners, "email_key", _key, {})
    _fold(partners)


def downgrade() -> None:
    """What nobody sees is gone, and what was folded otherwise is found all the same."""


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, sa.column("id"), *map(sa.column, dict.fromkeys(columns)))


def _key(text: str) -> str:
    return " ".join(bare(text).casefold().split())


def _retell(
    table: sa.TableClause,
    column: str,
    new: Callable[[str], str],
    besides: dict[str, Callable[[str], str]],
) -> None:
    """Write what identifies a row as it is looked for from now on, unless another row has that.

    Two that look alike stay two: the other one is found by its id, and can be renamed.
    """
    connection = op.get_bind()
    query = sa.select(table.c.id, table.c[column], *(table.c[name] for name in besides))
    rows = connection.execute(query.where(table.c[column].is_not(None))).mappings().all()
    taken = {row[column] for row in rows}
    for row in rows:
        told = new(row[column])
        if told == row[column] or told in taken or not told:
            continue
        taken.add(told)
        values = {column: told} | {name: tidied(row[name]) for name, tidied in besides.items()}
        connection.execute(sa.update(table).where(table.c.id == row["id"]).values(values))


def _fold(partners: sa.TableClause) -> None:
    connection = op.get_bind()
    changed = (
        sa.update(partners)
        .where(partners.c.id == sa.bindparam("number"))
        .values(search=sa.bindparam("folded"))
    )
    after = 0
    while rows := _some(partners, after):
        folded = [(row, search_text(dict(row))) for row in rows]
        stale = [{"number": row["id"], "folded": new} for row, new in folded if new != row["search"]]
        if stale:
            connection.execute(changed, stale)
        after = rows[-1]["id"]


def _some(partners: sa.TableClause, after: int) -> list[Any]:
    query = sa.select(partners).where(partners.c.id > after).order_by(partners.c.id).limit(PIECE)
    return list(op.get_bind().execute(query).mappings())
