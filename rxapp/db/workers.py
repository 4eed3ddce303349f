"""Signs of life of the running dispatchers."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from rxapp.db.models import Worker

# A worker not seen for this long is taken for dead.
DEAD_AFTER = timedelta(seconds=30)


def beat(session: Session, worker: str, provider: str, now: datetime) -> None:
    """This worker is alive; long-dead ones are forgotten."""
    row = session.get(Worker, worker)
    if row is None:
        session.add(Worker(id=worker, provider=provider, started_at=now, seen_at=now))
    else:
        row.seen_at = now
    session.connection().execute(delete(Worker).where(col(Worker.seen_at) < now - 10 * DEAD_AFTER))
    session.flush()


def leave(session: Session, worker: str) -> None:
    """This worker stops."""
    session.connection().execute(delete(Worker).where(col(Worker.id) == worker))


def last_seen(session: Session) -> datetime | None:
    """When any worker last gave a sign of life; None when none runs."""
    return session.connection().scalar(select(func.max(col(Worker.seen_at))))


def everyone(session: Session) -> list[Worker]:
    """Every worker not long dead, the one seen last first."""
    return list(session.scalars(select(Worker).order_by(col(Worker.seen_at).desc())))


def alive(session: Session, now: datetime) -> bool:
    """Whether any worker runs."""
    seen = last_seen(session)
    return seen is not None and now - seen < DEAD_AFTER
