"""A few of everything that is called like what somebody typed."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from rxapp.db import partners as partner_reads
from rxapp.db.models import Automation, Tag, Template
from rxapp.db.partners import PartnerFilter
from rxapp.db.search import called

MOST = 5


@dataclass(frozen=True, slots=True)
class Found:
    """Something by its name, with what helps to tell it from others."""

    id: int
    name: str
    hint: str


def partners(session: Session, text: str) -> list[Found]:
    """Partners, by name, address, company or key."""
    rows = partner_reads.page(session, PartnerFilter(q=text), limit=MOST)
    return [
        Found(row.id, row.label, (row.email or "") if row.email != row.label else row.company)
        for row in rows
    ]


def tags(session: Session, text: str) -> list[Found]:
    """Tags in use before archived ones."""
    archived = sa.case((col(Tag.archived_at).is_not(None), "archived"), else_="")
    query = sa.select(col(Tag.id), col(Tag.name), archived).where(*called(col(Tag.name_key), text))
    return _first(session, query.order_by(archived, col(Tag.name_key)))


def emails(session: Session, text: str) -> list[Found]:
    """Emails in use before archived ones."""
    archived = sa.case((col(Template.archived_at).is_not(None), "archived"), else_="")
    query = sa.select(col(Template.id), col(Template.name), archived).where(
        *called(col(Template.name_key), text)
    )
    return _first(session, query.order_by(archived, col(Template.name_key)))


def automations(session: Session, text: str) -> list[Found]:
    """Automations by their own name or their tag's."""
    off = sa.case((col(Automation.enabled), ""), else_="off")
    name = col(Automation.name) + sa.literal(" ") + col(Tag.name_key)
    query = (
        sa.select(col(Automation.id), col(Automation.name), off)
        .join(Tag, col(Tag.id) == col(Automation.tag_id))
        .where(col(Automation.deleted_at).is_(None), *called(name, text))
    )
    return _first(session, query.order_by(off, sa.func.lower(col(Automation.name))))


def _first(session: Session, query: sa.Select[Any]) -> list[Found]:
    return [Found(*row) for row in session.connection().execute(query.limit(MOST))]
