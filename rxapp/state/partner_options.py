"""Partners to choose from, by what is typed."""

from __future__ import annotations

from sqlmodel import Session

from rxapp.db import partners as sql
from rxapp.db.engine import reading
from rxapp.db.partners import PartnerFilter, Sort
from rxapp.db.search import fold
from rxapp.domain import personas
from rxapp.domain.text import as_id
from rxapp.state.options import Option

FOUND = 20


def found(text: str, chosen: str) -> list[Option]:
    """Partners who match, and the chosen one."""
    with reading() as session:
        return _matching(session, text, chosen)


def for_preview(text: str, chosen: str) -> list[Option]:
    """Partners who match, the chosen one, and the made-up ones that break emails."""
    with reading() as session:
        return offered(session, text, chosen)


def offered(session: Session, text: str, chosen: str = "") -> list[Option]:
    """The same, in a transaction that is open already."""
    made_up = [
        Option(word, name, "worst case")
        for word, (name, _) in personas.WORST.items()
        if fold(text) in fold(f"{name} worst case")
    ]
    return [*made_up, *_matching(session, text, chosen)]


def beside(chosen: str, *, forward: bool) -> tuple[str, list[Option]]:
    """The partner after or before the chosen one, and at the end the other end's."""
    with reading() as session:
        sort: Sort = "id" if forward else "-id"
        rows = sql.page(session, PartnerFilter(), sort=sort, limit=1, after=as_id(chosen))
        rows = rows or sql.page(session, PartnerFilter(), sort=sort, limit=1)
        next_one = str(rows[0].id) if rows else ""
        return next_one, offered(session, "", next_one)


def _matching(session: Session, text: str, chosen: str) -> list[Option]:
    rows = sql.page(session, PartnerFilter(q=text), limit=FOUND)
    if (number := as_id(chosen)) and all(row.id != number for row in rows):
        rows += [row for row in [sql.row(session, number)] if row is not None]
    return [Option(str(row.id), row.label, row.email or "") for row in rows]
