"""What becomes of a restored database before anybody works on it."""

from datetime import datetime

from sqlmodel import Session

from rxapp.db import batches, workers
from rxapp.db import restored as sql
from rxapp.db.types import utcnow
from rxapp.domain import audit, jobs, restored
from rxapp.domain.restored import Restored
from rxapp.errors import BadBackup

INTERRUPTED = (
    "A backup was restored that was made while this was under way. What it had done by then is "
    "kept, the rest was not done."
)


def refuse_running(session: Session) -> None:
    """Raise BadBackup when a worker works on the database now: it is no restored one."""
    if workers.alive(session, utcnow()):
        raise BadBackup(
            "The app works on this database. Stop every process of it, wait a minute, and try "
            "again."
        )


def hold(session: Session, made_at: datetime | None, actor: str) -> Restored:
    """Have the database, as it was at `made_at`, start paused and ask; returns the question.

    What was on its way becomes `unknown`, long work under way ends where it is, and everybody
    signs in anew. Without `made_at`, the last sign of life in it says when that was.
    """
    now = utcnow()
    made_at = made_at or workers.last_seen(session) or now
    sql.thaw_unposted(session)
    unknown = 0
    for batch_id in sql.open_batches(session):
        unknown += batches.settle_unknown(session, batch_id, "backup", now)
        batches.close(session, batch_id, "A backup was restored.")
    unfinished = sql.unfinished_jobs(session)
    for job in unfinished:
        jobs.fail(session, job, INTERRUPTED)
    sql.end_sign_ins(session, now)
    sql.forget_workers(session)
    asked = Restored(
        made_at=made_at.isoformat(),
        at=now.isoformat(),
        last_send=sql.newest_send(session),
        unknown=unknown,
        jobs=len(unfinished),
    )
    sql.skip_numbers(session)
    restored.ask(session, asked)
    audit.record(session, actor, "settings", None, "restored", made_at=asked.made_at)
    return asked
