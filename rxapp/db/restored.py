"""What a restored database must not go on with by itself."""

from datetime import datetime

from sqlalchemy import delete, func, null, select, text, update
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.jobs import UNFINISHED
from rxapp.db.models import (
    AccountLink,
    Batch,
    BatchStatus,
    Job,
    LoginAttempt,
    LoginSession,
    Send,
    SendStatus,
    Worker,
)
from rxapp.db.types import written

SKIPPED = 1_000_000
_OPEN = (col(Batch.status) == written(BatchStatus.OPEN),)


def thaw_unposted(session: Session) -> None:
    """Have emails that were frozen but never posted wait again; such tests are forgotten.

    The one step back that a send ever takes: nobody can have got it, and a person is asked anew.
    """
    unposted = select(col(Batch.id)).where(*_OPEN, ~col(Batch.maybe_sent))
    waiting = {"status": SendStatus.QUEUED, "batch_id": null(), "batch_index": null()}
    change(
        session,
        update(Send)
        .where(col(Send.batch_id).in_(unposted), col(Send.status) == SendStatus.SENDING)
        .values(**waiting, recipient=""),
    )
    change(session, delete(Batch).where(*_OPEN, ~col(Batch.maybe_sent)))


def open_batches(session: Session) -> list[int]:
    """The batches whose outcome is still to come."""
    return list(session.connection().scalars(select(col(Batch.id)).where(*_OPEN)))


def unfinished_jobs(session: Session) -> list[Job]:
    """The jobs that wait or run."""
    return list(session.scalars(select(Job).where(col(Job.status).in_(UNFINISHED))))


def end_sign_ins(session: Session, now: datetime) -> None:
    """End every session, and every link that lets somebody in: they may be used up by now."""
    for table in (LoginSession, LoginAttempt):
        change(session, delete(table))
    links = update(AccountLink).where(col(AccountLink.ended_at).is_(None))
    change(session, links.values(ended_at=now))


def forget_workers(session: Session) -> None:
    """Take nobody for alive who gave a sign of life into the database this is a copy of."""
    change(session, delete(Worker))


def newest_send(session: Session) -> int:
    """The id of the send decided last; 0 for none."""
    return session.connection().scalar(select(func.max(col(Send.id)))) or 0


def skip_numbers(session: Session) -> None:
    """Number new partners and sends far beyond those the app made after the backup.

    Links and events name them by number: what was made then and is lost must lead nowhere now, not
    to somebody else.
    """
    connection = session.connection()
    for table in ("partners", "sends"):
        if connection.dialect.name == "sqlite":
            # A table that never had a row is not counted yet.
            begin = text(
                "INSERT INTO sqlite_sequence (name, seq) SELECT :table, 0"
                " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :table)"
            )
            connection.execute(begin, {"table": table})
            skip = text("UPDATE sqlite_sequence SET seq = seq + :skipped WHERE name = :table")
        else:
            skip = text(
                "SELECT setval(pg_get_serial_sequence(:table, 'id'),"
                " nextval(pg_get_serial_sequence(:table, 'id')) + :skipped)"
            )
        connection.execute(skip, {"table": table, "skipped": SKIPPED})
