"""Home's numbers: what there is, what waits, and how the last days went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import func, select
from sqlmodel import Session, col

from rxapp.db.models import Automation, Partner, Send, SendStatus, Tag, Template
from rxapp.db.types import written


@dataclass(frozen=True, slots=True)
class Inventory:
    """Whether there is any of each; automations are those switched on."""

    partners: bool
    tags: bool
    templates: bool
    automations: bool
    sends: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """Emails that have not left: those that could by now, and those for later.

    `first_later` is when the next of those for later leaves.
    """

    due: int
    later: int
    sending: int
    first_later: datetime | None = None


def inventory(session: Session) -> Inventory:
    """Look for one of everything that is not archived or deleted."""
    there = [
        select(col(Partner.id)),
        select(col(Tag.id)).where(col(Tag.archived_at).is_(None)),
        select(col(Template.id)).where(col(Template.archived_at).is_(None)),
        select(col(Automation.id)).where(
            col(Automation.deleted_at).is_(None), col(Automation.enabled)
        ),
        select(col(Send.id)),
    ]
    row = session.connection().execute(select(*(one.exists() for one in there))).one()
    return Inventory(*map(bool, row))


def queue(session: Session, now: datetime) -> Queue:
    """What waits at this moment."""
    waiting = select(func.count()).where(col(Send.status) == written(SendStatus.QUEUED))
    counts = [
        waiting.where(col(Send.due_at) <= now).scalar_subquery(),
        waiting.where(col(Send.due_at) > now).scalar_subquery(),
        select(func.count()).where(col(Send.status) == SendStatus.SENDING).scalar_subquery(),
        select(func.min(col(Send.due_at)))
        .where(col(Send.status) == written(SendStatus.QUEUED), col(Send.due_at) > now)
        .scalar_subquery(),
    ]
    return Queue(*session.connection().execute(select(*counts)).one())


def decided_between(session: Session, edges: Sequence[datetime]) -> list[dict[SendStatus, int]]:
    """How many emails were decided between each two neighbours of `edges`, by how they stand now.

    Counted by ids, from the first one after either edge on.
    """
    return [
        _by_status(session, low, high) if low < high else {}
        for low, high in pairwise(_first_ids(session, edges))
    ]


def _by_status(session: Session, low: int, high: int) -> dict[SendStatus, int]:
    within = select(col(Send.status), func.count()).where(col(Send.id) >= low, col(Send.id) < high)
    rows = session.connection().execute(within.group_by(col(Send.status)))
    return {SendStatus(status): number for status, number in rows}


def _first_ids(session: Session, edges: Sequence[datetime]) -> list[int]:
    """Of each moment, the id of the first email decided from then on: ids are given out in time."""
    end = select(func.coalesce(func.max(col(Send.id)), 0) + 1).scalar_subquery()
    firsts = [
        func.coalesce(
            select(col(Send.id))
            .where(col(Send.created_at) >= edge)
            .order_by(col(Send.created_at), col(Send.id))
            .limit(1)
            .scalar_subquery(),
            end,
        )
        for edge in edges
    ]
    return list(session.connection().execute(select(*firsts)).one())
