"""What monitoring asks the database: is it there, is work being done, is work waiting."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, func, select, text, update
from sqlmodel import Session, col

from rxapp.db.models import Batch, BatchStatus, Pace, ProviderEvent, Send, SendStatus, Worker
from rxapp.db.types import written
from rxapp.db.workers import last_seen, lately


@dataclass(frozen=True, slots=True)
class Workload:
    """The state of sending at one moment.

    `sends` counts by status. `oldest_due` is when the email that waits longest could have left,
    `last_seen` the last sign of life of any worker, `stopped` why the provider stopped us.
    """

    sends: dict[str, int]
    due: int
    oldest_due: datetime | None
    open_batches: int
    unapplied_events: int
    workers: int
    last_seen: datetime | None
    stopped: dict[str, str]


def answers(session: Session) -> None:
    """Ask the database for anything at all; raises when it does not answer."""
    session.connection().execute(text("SELECT 1"))


def takes_writes(session: Session, patience: float | None = None) -> None:
    """Change nothing, as a write; raises when the database takes none.

    In SQLite, whoever else writes is waited for `patience` seconds; it must be the first thing
    asked in its transaction.
    """
    connection = session.connection()
    if patience is not None and connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience * 1000)}")
    connection.execute(update(Worker).where(false()).values(provider=""))


def workload(session: Session, now: datetime) -> Workload:
    """Everything at once."""
    run = session.connection().execute
    counted = run(select(col(Send.status), func.count()).group_by(col(Send.status)))
    due, oldest_due = run(
        select(func.count(), func.min(col(Send.due_at))).where(
            col(Send.status) == written(SendStatus.QUEUED), col(Send.due_at) <= now
        )
    ).one()
    alive = select(func.count()).select_from(Worker).where(lately(now))
    open_batches = (
        select(func.count())
        .select_from(Batch)
        .where(col(Batch.status) == written(BatchStatus.OPEN))
    )
    unapplied = (
        select(func.count())
        .select_from(ProviderEvent)
        .where(col(ProviderEvent.applied_at).is_(None))
    )
    stopped = run(select(col(Pace.provider), col(Pace.stop_code)).where(col(Pace.stop_code) != ""))
    return Workload(
        sends=dict(counted.all()),
        due=due,
        oldest_due=oldest_due,
        open_batches=run(open_batches).scalar_one(),
        unapplied_events=run(unapplied).scalar_one(),
        workers=run(alive).scalar_one(),
        last_seen=last_seen(session),
        stopped=dict(stopped.all()),
    )


@dataclass(frozen=True, slots=True)
class Store:
    """The database itself: what it is ("SQLite 3.45.1"), and its size in bytes."""

    version: str
    size: int


def store(session: Session) -> Store:
    """What the data is kept in."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        pages = connection.scalar(text("PRAGMA page_count")) or 0
        size = pages * (connection.scalar(text("PRAGMA page_size")) or 0)
        return Store(f"SQLite {connection.scalar(text('SELECT sqlite_version()'))}", size)
    size = connection.scalar(text("SELECT pg_database_size(current_database())")) or 0
    return Store(f"PostgreSQL {connection.scalar(text('SHOW server_version'))}", size)
