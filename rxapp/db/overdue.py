"""Emails that are due and have not left: how many, since when, and what was said about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from rxapp.db import outbox
from rxapp.db.models import Batch, BatchStatus, Send, SendStatus
from rxapp.db.types import written

LATELY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Unsent:
    """Emails whose time came before some moment, the oldest at `oldest`.

    `problem` is what the provider (or the way to it) answered to one of them last.
    """

    number: int
    oldest: datetime
    problem: str


def unsent(session: Session, before: datetime) -> Unsent | None:
    """Emails that could have left before then; None when all have."""
    first = outbox.next_due(session)
    waits = first is not None and first <= before
    asked, since, problem = _unanswered(session, before)
    moments = [moment for moment in (first if waits else None, since) if moment is not None]
    if not moments:
        return None
    number = asked + (_queued(session, before) if waits else 0)
    return Unsent(number, min(moments), problem)


def left_lately(session: Session, now: datetime) -> int:
    """How many emails left in the last minute."""
    query = select(func.coalesce(func.sum(col(Batch.size)), 0)).where(
        col(Batch.status) == written(BatchStatus.DONE),
        col(Batch.erased_at).is_(None),
        col(Batch.created_at) > now - LATELY,
    )
    return session.connection().scalar(query) or 0


def _queued(session: Session, before: datetime) -> int:
    query = select(func.count()).where(
        col(Send.status) == written(SendStatus.QUEUED), col(Send.due_at) <= before
    )
    return session.connection().scalar(query) or 0


def _unanswered(session: Session, before: datetime) -> tuple[int, datetime | None, str]:
    """The emails of requests that have not been answered."""
    query = select(
        func.coalesce(func.sum(col(Batch.size)), 0),
        func.min(col(Batch.created_at)),
        func.max(col(Batch.last_problem)),
    ).where(col(Batch.status) == written(BatchStatus.OPEN), col(Batch.created_at) <= before)
    number, since, problem = session.connection().execute(query).one()
    return number, since, problem or ""
