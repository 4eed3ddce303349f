"""Home's numbers: what there is, what waits, and how the last day went."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from rxapp.db.models import Automation, Partner, Send, SendStatus, Tag, Template
from rxapp.db.types import written


@dataclass(frozen=True, slots=True)
class Inventory:
    """How much there is of everything; automations are those switched on."""

    partners: int
    tags: int
    templates: int
    automations: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Emails that have not left: those that could by now, and those for later."""

    due: int
    later: int
    sending: int


def inventory(session: Session) -> Inventory:
    """Count everything that is not archived or deleted."""
    counts: list[Any] = [
        select(func.count()).select_from(Partner).scalar_subquery(),
        select(func.count()).where(col(Tag.archived_at).is_(None)).scalar_subquery(),
        select(func.count()).where(col(Template.archived_at).is_(None)).scalar_subquery(),
        select(func.count())
        .where(col(Automation.deleted_at).is_(None), col(Automation.enabled))
        .scalar_subquery(),
    ]
    row = session.connection().execute(select(*counts)).one()
    return Inventory(*row)


def queue(session: Session, now: datetime) -> Queue:
    """What waits at this moment."""
    waiting = select(func.count()).where(col(Send.status) == written(SendStatus.QUEUED))
    counts = [
        waiting.where(col(Send.due_at) <= now).scalar_subquery(),
        waiting.where(col(Send.due_at) > now).scalar_subquery(),
        select(func.count()).where(col(Send.status) == SendStatus.SENDING).scalar_subquery(),
    ]
    return Queue(*session.connection().execute(select(*counts)).one())


def decided_since(session: Session, since: datetime) -> dict[str, int]:
    """How many emails were decided from that moment on, by where they stand now."""
    first = _first_since(session, since)
    rows = session.connection().execute(
        select(col(Send.status), func.count())
        .where(col(Send.id) >= first, col(Send.created_at) >= since)
        .group_by(col(Send.status))
    )
    return {row[0]: row[1] for row in rows}


def _first_since(session: Session, since: datetime) -> int:
    """An id before which every send is older, found by halving: ids are given out in time.

    Sends have no index on time. Those written by transactions that ran side by side may be out of
    order by as long as these took; half a thousand ids cover that.
    """
    newest = session.connection().scalar(select(func.max(col(Send.id)))) or 0
    low, high = 1, newest + 1
    while low < high:
        middle = (low + high) // 2
        query = select(col(Send.created_at)).where(col(Send.id) >= middle).order_by(col(Send.id))
        at = session.connection().scalar(query.limit(1))
        if at is not None and at < since:
            low = middle + 1
        else:
            high = middle
    return max(1, low - 500)
