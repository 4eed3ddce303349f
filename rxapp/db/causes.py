"""Causes: why assignments were written or ended, as a chain."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from rxapp.db.models import Automation, Cause, Tag


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a cause chain, in names."""

    source: str
    actor: str
    tag: str
    automation_id: int | None
    automation: str | None
    at: datetime


def record(session: Session, cause: Cause) -> Cause:
    """Write a cause; a first one becomes its own root."""
    session.add(cause)
    session.flush()
    if cause.root_id is None:
        cause.root_id = cause.id
        session.flush()
    return cause


def forget(session: Session, cause: Cause) -> None:
    """Take back a cause that turned out to have no effect."""
    if cause.root_id == cause.id:
        cause.root_id = None
        session.flush()
    session.delete(cause)
    session.flush()


def chain(session: Session, cause_id: int) -> list[Link]:
    """The links from the first cause to this one, in order."""
    up = (
        select(col(Cause.id), col(Cause.parent_id), col(Cause.depth))
        .where(col(Cause.id) == cause_id)
        .cte("up", recursive=True)
    )
    parent = aliased(Cause)
    up = up.union_all(
        select(col(parent.id), col(parent.parent_id), col(parent.depth)).join(
            up, up.c.parent_id == col(parent.id)
        )
    )
    rows = session.connection().execute(
        select(
            col(Cause.source),
            col(Cause.actor),
            col(Tag.name),
            col(Cause.automation_id),
            col(Automation.name),
            col(Cause.created_at),
        )
        .select_from(up.join(Cause, col(Cause.id) == up.c.id))
        .join(Tag, col(Tag.id) == col(Cause.tag_id))
        .outerjoin(Automation, col(Automation.id) == col(Cause.automation_id))
        .order_by(up.c.depth)
    )
    return [Link(*row) for row in rows]
