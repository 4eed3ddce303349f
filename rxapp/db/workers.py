"""Signs of life of the running workers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, select, update
from sqlmodel import Session, col

from rxapp.db.models import Worker
from rxapp.db.upsert import insert_new

# A worker not seen for this long is taken for dead, and what it held is free.
DEAD_AFTER = timedelta(seconds=20)


def beat(
    session: Session,
    worker: str,
    provider: str,
    now: datetime,
    threads: Mapping[str, str] | None = None,
) -> None:
    """This worker is alive, and its threads are as said; long-dead ones are forgotten."""
    run = session.connection().execute
    # Two threads of a worker show life, and either may be its first: neither is refused.
    run(
        insert_new(session, Worker).values(
            id=worker, provider=provider, started_at=now, seen_at=now, threads={}
        )
    )
    seen: dict[str, Any] = {"seen_at": now, "provider": provider}
    if threads is not None:
        seen["threads"] = dict(threads)
    run(update(Worker).where(col(Worker.id) == worker).values(seen))
    run(delete(Worker).where(col(Worker.seen_at) < now - 10 * DEAD_AFTER))


def leave(session: Session, worker: str) -> None:
    """This worker stops."""
    session.connection().execute(delete(Worker).where(col(Worker.id) == worker))


def lately(now: datetime) -> ColumnElement[bool]:
    """Whether a worker showed life lately; a moment far ahead was told by a wrong clock."""
    return col(Worker.seen_at).between(now - DEAD_AFTER, now + DEAD_AFTER)


def living(now: datetime) -> Select[str]:
    """The ids of the workers that are alive, for a subquery."""
    return select(col(Worker.id)).where(lately(now))


def alive(session: Session, now: datetime) -> bool:
    """Whether any worker runs."""
    return bool(session.connection().scalar(select(exists().where(lately(now)))))


def is_alive(worker: Worker, now: datetime) -> bool:
    """Whether this one runs."""
    return abs(now - worker.seen_at) <= DEAD_AFTER


def last_seen(session: Session) -> datetime | None:
    """When any worker last gave a sign of life; None when none runs."""
    return session.connection().scalar(select(func.max(col(Worker.seen_at))))


def everyone(session: Session) -> list[Worker]:
    """Every worker not long dead, the one seen last first."""
    return list(session.scalars(select(Worker).order_by(col(Worker.seen_at).desc())))
