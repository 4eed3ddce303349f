"""What bulk actions from the dashboard need to know: whom they are about, what they touch."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from rxapp.db.assignments import Partners, selection
from rxapp.db.jobs import UNFINISHED
from rxapp.db.models import Action, Assignment, Job, JobKind, Partner, Send, SendStatus

# The jobs a person starts from the list of partners.
KINDS = (JobKind.ASSIGN, JobKind.REMOVE, JobKind.IMPORT)


def piece(session: Session, partners: Partners, after: int, limit: int) -> list[int]:
    """The next partners of a selection by id, after an id."""
    query = selection(partners).where(col(Partner.id) > after).order_by(col(Partner.id))
    return list(session.connection().scalars(query.limit(limit)))


def holders(session: Session, tag_id: int, partners: Partners) -> int:
    """How many partners of a selection have the tag."""
    return _count(session, _held(tag_id, partners))


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
    return _count(session, query)


def latest_job(session: Session, actor: str, now: datetime) -> int | None:
    """The newest bulk action of a person that still runs or can still be undone."""
    undoable = sa.and_(
        col(Job.hold_until) > now, col(Job.undone_at).is_(None), col(Job.kind) == JobKind.ASSIGN
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


def _count(session: Session, query: sa.Select[int]) -> int:
    found = query.subquery()
    return session.connection().scalar(sa.select(sa.func.count()).select_from(found)) or 0
