"""What bulk actions from the dashboard need to know: whom they are about, what they touch."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from rxapp.db import audit
from rxapp.db import sends as send_sql
from rxapp.db.assignments import Partners, selection
from rxapp.db.engine import change, count_of
from rxapp.db.jobs import UNFINISHED
from rxapp.db.models import (
    Action,
    Assignment,
    Job,
    JobItem,
    JobKind,
    Partner,
    PartnerStatus,
    Send,
    SendStatus,
    Source,
)
from rxapp.db.types import written

# The jobs a person starts from the lists of partners and sends.
KINDS = (
    JobKind.ASSIGN,
    JobKind.REMOVE,
    JobKind.STATUS,
    JobKind.IMPORT,
    JobKind.SEND_AGAIN,
    JobKind.CANCEL_SENDS,
)
UNDOABLE = (JobKind.ASSIGN, JobKind.REMOVE, JobKind.STATUS, JobKind.SEND_AGAIN)


def piece(session: Session, partners: Partners, after: int, limit: int) -> list[int]:
    """The next partners of a selection by id, after an id."""
    query = selection(partners).where(col(Partner.id) > after).order_by(col(Partner.id))
    return list(session.connection().scalars(query.limit(limit)))


def holders(session: Session, tag_id: int, partners: Partners) -> int:
    """How many partners of a selection have the tag."""
    return count_of(session, _held(tag_id, partners))


def waiting(session: Session, tag_id: int, partners: Partners) -> int:
    """How many delayed emails to these partners will be skipped once the tag is gone."""
    query = (
        sa.select(col(Send.id))
        .join(Action, col(Action.id) == col(Send.action_id))
        .where(
            col(Send.assignment_id).in_(_held(tag_id, partners)),
            col(Send.status) == SendStatus.QUEUED,
            col(Send.resend_of).is_(None),
            col(Action.needs_tag),
            col(Action.delay_seconds) > 0,
        )
    )
    return count_of(session, query)


def statuses(session: Session, partners: Partners) -> dict[PartnerStatus, int]:
    """How many of a selection have each status."""
    status = col(Partner.status)
    query = sa.select(status, sa.func.count()).where(col(Partner.id).in_(selection(partners)))
    found = session.connection().execute(query.group_by(status))
    return {PartnerStatus(row[0]): row[1] for row in found}


def waiting_for(session: Session, partners: Partners) -> int:
    """How many emails to these partners wait."""
    query = sa.select(col(Send.id)).where(
        col(Send.status) == written(SendStatus.QUEUED),
        col(Send.partner_id).in_(selection(partners)),
    )
    return count_of(session, query)


def keep_status(
    session: Session, job_id: int, after: int, upto: int, status: PartnerStatus
) -> None:
    """Note with a job's items, from a position to another, whose partner has this status now."""
    # Looked up for each item: a list of everybody with the status would be most of the program.
    has_it = sa.exists().where(
        col(Partner.id) == col(JobItem.partner_id), col(Partner.status) == status
    )
    query = sa.update(JobItem).where(
        col(JobItem.job_id) == job_id,
        col(JobItem.position) > after,
        col(JobItem.position) <= upto,
        has_it,
    )
    change(session, query.values(data={"was": status}))


def had_status(job_id: int, status: PartnerStatus) -> sa.Select[Any]:
    """The job's partners that had this status before it."""
    return sa.select(col(JobItem.partner_id)).where(
        col(JobItem.job_id) == job_id, col(JobItem.data)["was"].as_string() == status
    )


def set_status(
    session: Session, partners: Partners, old: PartnerStatus, new: PartnerStatus, now: datetime
) -> int:
    """Change one status to another; returns for how many."""
    query = sa.update(Partner).where(
        col(Partner.status) == old, col(Partner.id).in_(selection(partners))
    )
    return change(session, query.values(status=new, updated_at=now))


def wait_again(session: Session, job: Job, status: PartnerStatus, now: datetime) -> None:
    """Let emails wait anew that were skipped since a job began, for the status it gave."""
    active = sa.select(col(Partner.id)).where(
        col(Partner.id).in_(had_status(job.id, PartnerStatus.ACTIVE)),
        col(Partner.status) == PartnerStatus.ACTIVE,
    )
    since = sa.and_(col(Send.partner_id).in_(active), col(Send.status_at) >= job.created_at)
    send_sql.wait_again(session, since, reason=status, now=now)


def audit_status(
    session: Session,
    partners: Partners,
    old: PartnerStatus,
    new: PartnerStatus,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Write an entry for each partner whose status is going to change from `old` to `new`."""
    changing = sa.select(col(Partner.id)).where(
        col(Partner.status) == old, col(Partner.id).in_(selection(partners))
    )
    data = {"changed": ["status"], "status": new, "was": old, "source": Source.BULK}
    audit.write_each(
        session, changing, subject="partner", action="updated", actor=actor, now=now, data=data
    )


def latest_job(session: Session, actor: str, now: datetime) -> int | None:
    """The newest bulk action of a person that still runs or can still be undone."""
    undoable = sa.and_(
        col(Job.hold_until) > now, col(Job.undone_at).is_(None), col(Job.kind).in_(UNDOABLE)
    )
    query = (
        sa.select(col(Job.id))
        .where(
            col(Job.actor) == actor,
            col(Job.kind).in_(KINDS),
            sa.or_(col(Job.status).in_(UNFINISHED), undoable),
        )
        .order_by(col(Job.id).desc())
        .limit(1)
    )
    return session.connection().scalar(query)


def _held(tag_id: int, partners: Partners) -> sa.Select[int]:
    return sa.select(col(Assignment.id)).where(
        col(Assignment.tag_id) == tag_id,
        col(Assignment.ended_at).is_(None),
        col(Assignment.partner_id).in_(selection(partners)),
    )
