"""Putting right what a clock that was ahead has written.

Whatever waits, waits for a moment that somebody computed. Computed by a clock an hour ahead, it
would be believed for that hour after the clock is right again. So each such moment is kept with
the one it was said at, and what was said later than now is moved to where it would be had the
clock been right.
"""

from datetime import datetime, timedelta

from sqlalchemy import String, select, type_coerce, update
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.models import Batch, BatchStatus, Job, LoginAttempt, Pace, Send, SendStatus
from rxapp.db.types import written

# Clocks of several machines may differ as much and are still taken to be right.
TOLERANCE = timedelta(seconds=20)
# Emails put right at once; the next look takes more.
MOST = 1_000


def put_right(session: Session, now: datetime) -> int:
    """Move what was written by a clock that was ahead; returns how many rows it was."""
    ahead = now + TOLERANCE
    return (
        _pace(session, ahead, now)
        + _batches(session, ahead, now)
        + _jobs(session, ahead, now)
        + _sends(session, ahead, now)
        + _attempts(session, ahead, now)
    )


def _pace(session: Session, ahead: datetime, now: datetime) -> int:
    wrong = session.scalars(select(Pace).where(col(Pace.said_at) > ahead).with_for_update()).all()
    for row in wrong:
        row.next_at = row.said_at = now
        row.stop_until = now if row.stop_until else None
        row.stopped_at = now if row.stopped_at else None
    session.flush()
    return len(wrong)


def _batches(session: Session, ahead: datetime, now: datetime) -> int:
    return change(
        session,
        update(Batch)
        .where(col(Batch.status) == written(BatchStatus.OPEN), col(Batch.said_at) > ahead)
        .values(lease_until=now, next_post_at=now, said_at=now),
    )


def _jobs(session: Session, ahead: datetime, now: datetime) -> int:
    """Bulk work, and the emails of it that wait out its time to undo."""
    wrong = session.scalars(select(Job).where(col(Job.created_at) > ahead).with_for_update()).all()
    for job in wrong:
        late, job.created_at = job.created_at - now, now
        if job.hold_until is not None:
            held, job.hold_until = job.hold_until, job.hold_until - late
            waiting = update(Send).where(
                col(Send.status) == written(SendStatus.QUEUED),
                col(Send.bulk).is_(True),
                col(Send.due_at) == held,
            )
            change(session, waiting.values(due_at=job.hold_until, created_at=now))
    session.flush()
    return len(wrong)


def _sends(session: Session, ahead: datetime, now: datetime) -> int:
    query = select(Send).where(
        col(Send.created_at) > ahead,
        # Not looked for by its index: much may wait, and hardly ever was any of it made later.
        type_coerce(col(Send.status), String) + "" == SendStatus.QUEUED.value,
    )
    wrong = session.scalars(query.limit(MOST).with_for_update(skip_locked=True)).all()
    for send in wrong:
        send.due_at -= send.created_at - now
        send.created_at = send.status_at = now
    session.flush()
    return len(wrong)


def _attempts(session: Session, ahead: datetime, now: datetime) -> int:
    """Failed sign-ins, which make a person wait."""
    return change(session, update(LoginAttempt).where(col(LoginAttempt.at) > ahead).values(at=now))
