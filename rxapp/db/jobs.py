"""Jobs: who is to be worked on, and how far the work is."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, insert, literal, null, or_, select, update
from sqlmodel import Session, col

from rxapp.db.assignments import Partners, selection
from rxapp.db.engine import change
from rxapp.db.models import Job, JobItem, JobStatus, Partner
from rxapp.db.workers import living

UNFINISHED = (JobStatus.WAITING, JobStatus.RUNNING)


def list_partners(session: Session, job_id: int, partners: Partners) -> int:
    """Write down whom the job is about, as they are now; returns how many."""
    position = func.row_number().over(order_by=col(Partner.id))
    chosen = select(literal(job_id), position, col(Partner.id), null(), literal("")).where(
        col(Partner.id).in_(selection(partners))
    )
    columns = ["job_id", "position", "partner_id", "data", "problem"]
    return change(session, insert(JobItem).from_select(columns, chosen))


def items(session: Session, job_id: int, after: int, limit: int) -> Sequence[JobItem]:
    """The next items of a job, after a position."""
    query = (
        select(JobItem)
        .where(col(JobItem.job_id) == job_id, col(JobItem.position) > after)
        .order_by(col(JobItem.position))
        .limit(limit)
    )
    return session.scalars(query).all()


def claim(session: Session, worker: str, now: datetime, lease: timedelta) -> Job | None:
    """The oldest job that waits, or that nobody works on; it is this worker's from now on.

    That is one whose worker died, or that this worker itself had to let go. A lease that is longer
    than any was given by a clock that is ahead.
    """
    free = or_(
        col(Job.worker) == worker,
        col(Job.worker).not_in(living(now)),
        col(Job.lease_until).is_(None),
        ~col(Job.lease_until).between(now, now + lease),
    )
    orphaned = and_(col(Job.status) == JobStatus.RUNNING, free)
    query = (
        select(Job)
        .where(or_(col(Job.status) == JobStatus.WAITING, orphaned))
        .order_by(col(Job.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = session.scalar(query)
    if job is not None:
        job.status = JobStatus.RUNNING
        job.worker = worker
        job.lease_until = now + lease
        session.flush()
    return job


def mine(session: Session, job_id: int, worker: str) -> Job | None:
    """The job, locked, if it still runs and is still this worker's."""
    query = (
        select(Job)
        .where(
            col(Job.id) == job_id,
            col(Job.status) == JobStatus.RUNNING,
            col(Job.worker) == worker,
        )
        .with_for_update()
    )
    return session.scalar(query)


def unfinished_of(session: Session, actor: str) -> Sequence[int]:
    """The jobs that this person or key started and that have not ended."""
    query = select(col(Job.id)).where(col(Job.actor) == actor, col(Job.status).in_(UNFINISHED))
    return session.scalars(query.order_by(col(Job.id))).all()


def locked(session: Session, job_id: int) -> Job | None:
    """The job, locked against its worker."""
    return session.scalar(select(Job).where(col(Job.id) == job_id).with_for_update())


def forget_rows(session: Session, job_id: int, upto: int | None = None) -> None:
    """Keep nothing of what a file said of people, up to a position; all of it unless told."""
    # What was left out has its problem noted, and is kept for the report.
    rows = update(JobItem).where(col(JobItem.job_id) == job_id, col(JobItem.problem) == "")
    if upto is not None:
        rows = rows.where(col(JobItem.position) <= upto)
    # NULL, not the JSON document `null`.
    change(session, rows.where(col(JobItem.data).is_not(None)).values(data=null()))
