"""What was needed while work was done, and is cleared away in time: pieces of one transaction each.

Only what nothing looks at any more: no list of work that goes on, no event that may still be
applied.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select, tuple_
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.jobs import UNFINISHED
from rxapp.db.models import (
    AccountLink,
    Batch,
    BatchStatus,
    Job,
    JobItem,
    ProviderEvent,
    Send,
    SendStatus,
)
from rxapp.db.types import written


def job_items(session: Session, before: datetime, limit: int) -> int:
    """Forget whom jobs that ended before then were about; how many entries, at most `limit`."""
    primary = (col(JobItem.job_id), col(JobItem.position))
    return _forget(session, JobItem, primary, _old_items(before), limit)


def events(session: Session, before: datetime, limit: int) -> int:
    """Forget the provider's events that came in before then; how many, at most `limit`."""
    return _forget(session, ProviderEvent, (col(ProviderEvent.id),), _old_events(before), limit)


def account_links(session: Session, before: datetime, limit: int) -> int:
    """Forget links that nobody could use any more by then; returns how many, at most `limit`."""
    ended = func.coalesce(col(AccountLink.ended_at), col(AccountLink.expires_at))
    return _forget(session, AccountLink, (col(AccountLink.id),), [ended < before], limit)


def count(session: Session, before: datetime) -> tuple[int, int]:
    """How many entries of lists, and how many events, would be forgotten."""
    run = session.connection().scalar
    items = select(func.count()).select_from(JobItem).where(*_old_items(before))
    told = select(func.count()).select_from(ProviderEvent).where(*_old_events(before))
    return run(items) or 0, run(told) or 0


def _old_items(before: datetime) -> list[ColumnElement[bool]]:
    ended = select(col(Job.id)).where(
        col(Job.status).not_in(UNFINISHED), col(Job.finished_at) < before
    )
    # Canceling a job finds the repetitions that still wait by what was repeated.
    waits = select(col(Send.id)).where(
        col(Send.resend_of) == col(JobItem.send_id), col(Send.status) == SendStatus.QUEUED
    )
    return [col(JobItem.job_id).in_(ended), ~waits.exists()]


def _old_events(before: datetime) -> list[ColumnElement[bool]]:
    # An answer that is still to come may make an event's send known.
    open_batch = select(col(Batch.id)).where(col(Batch.status) == written(BatchStatus.OPEN))
    applied = col(ProviderEvent.applied_at).is_not(None)
    # The page for the webhook says when it last heard something.
    newest = select(func.max(col(ProviderEvent.id))).scalar_subquery()
    return [
        col(ProviderEvent.received_at) < before,
        applied | ~open_batch.exists(),
        col(ProviderEvent.id) != newest,
    ]


def _forget(
    session: Session, table: Any, primary: tuple[Any, ...], old: list[Any], limit: int
) -> int:
    """Delete up to so many old rows, leaving to others what others are clearing."""
    found: Select[Any] = select(*primary).where(*old).limit(limit)
    found = found.with_for_update(skip_locked=True, of=table)
    which = tuple_(*primary) if len(primary) > 1 else primary[0]
    return change(session, delete(table).where(which.in_(found)))
