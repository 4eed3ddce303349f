"""Sends: counted and stepped as sets."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, literal, or_, select, update
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.models import (
    Cause,
    JobItem,
    Send,
    SendStatus,
    Template,
    TemplateVersion,
)
from rxapp.db.templates import is_current


def count_due(session: Session, now: datetime, *, upto: int | None = None) -> int:
    """How many emails could have left by now and have not; of those up to `upto`, if told."""
    query = select(func.count()).select_from(Send).where(*_due(now, upto))
    return session.connection().scalar(query) or 0


def cancel_due(
    session: Session,
    reason: str,
    now: datetime,
    *,
    due_by: datetime | None = None,
    upto: int | None = None,
) -> int:
    """Cancel every email that could have left by now, or by `due_by`; returns how many.

    Only those decided up to the send `upto`, if told.
    """
    statement = (
        update(Send)
        .where(*_due(due_by or now, upto))
        .values(status=SendStatus.CANCELED, reason=reason, status_at=now)
    )
    return change(session, statement)


def _due(moment: datetime, upto: int | None) -> tuple[Any, ...]:
    due = (col(Send.status) == SendStatus.QUEUED, col(Send.due_at) <= moment)
    return due if upto is None else (*due, col(Send.id) <= upto)


def cancel_waiting(session: Session, send_id: int, reason: str, now: datetime) -> bool:
    """Cancel one send if it is still queued; false when it is not."""
    statement = (
        update(Send)
        .where(col(Send.id) == send_id, col(Send.status) == SendStatus.QUEUED)
        .values(status=SendStatus.CANCELED, reason=reason, status_at=now)
    )
    return change(session, statement) == 1


def cancel_of_job(
    session: Session, job_id: int, reason: str, now: datetime, repeated: Sequence[datetime] = ()
) -> int:
    """Cancel what a job queued and has not left yet; returns how many.

    `repeated` is when it queued emails once more: others may have done so before or since.
    """
    caused = select(col(Cause.id)).where(col(Cause.job_id) == job_id)
    listed = select(col(JobItem.send_id)).where(
        col(JobItem.job_id) == job_id, col(JobItem.send_id).is_not(None)
    )
    again = and_(
        col(Send.bulk), col(Send.resend_of).in_(listed), col(Send.created_at).in_(repeated)
    )
    statement = (
        update(Send)
        .where(or_(col(Send.cause_id).in_(caused), again), col(Send.status) == SendStatus.QUEUED)
        .values(status=SendStatus.CANCELED, reason=reason, status_at=now)
    )
    return change(session, statement)


def wait_again(session: Session, which: ColumnElement[bool], *, reason: str, now: datetime) -> int:
    """Let sends wait anew that were skipped for a reason which is taken back; returns how many."""
    first = col(Send.resend_of).is_(None)
    # One that is being skipped right now is waited for.
    held = select(col(Send.id)).where(
        which, first, col(Send.status).in_([SendStatus.QUEUED, SendStatus.SKIPPED])
    )
    session.connection().execute(held.order_by(col(Send.id)).with_for_update()).close()
    skipped = update(Send).where(
        which, first, col(Send.status) == SendStatus.SKIPPED, col(Send.reason) == reason
    )
    return change(session, skipped.values(status=SendStatus.QUEUED, reason="", status_at=now))


def waiting_again(session: Session, send_id: int) -> bool:
    """Whether a repetition of this send is still on its way."""
    query = select(func.count()).select_from(Send).where(col(Send.resend_of) == send_id)
    on_its_way = col(Send.status).in_([SendStatus.QUEUED, SendStatus.SENDING])
    return bool(session.connection().scalar(query.where(on_its_way)))


def repeat(
    session: Session,
    ids: Sequence[int] | Select[int],
    *,
    actor: str,
    now: datetime,
    due_at: datetime | None = None,
    bulk: bool = False,
) -> int:
    """Queue each of these sends once more, in its email's present wording; returns how many."""
    values: dict[str, Any] = {
        "partner_id": col(Send.partner_id),
        "assignment_id": col(Send.assignment_id),
        "automation_id": col(Send.automation_id),
        "action_id": col(Send.action_id),
        "tag_id": col(Send.tag_id),
        "template_id": col(Send.template_id),
        "version_id": col(TemplateVersion.id),
        "cause_id": col(Send.cause_id),
        "resend_of": col(Send.id),
        "actor": literal(actor),
        "status": literal(SendStatus.QUEUED),
        "reason": literal(""),
        "detail": literal(""),
        "recipient": literal(""),
        "bulk": literal(bulk),
        "due_at": literal(due_at or now),
        "created_at": literal(now),
        "status_at": literal(now),
    }
    rows = (
        select(*(value.label(name) for name, value in values.items()))
        .select_from(Send)
        .join(Template, col(Template.id) == col(Send.template_id))
        .join(TemplateVersion, is_current())
        .where(col(Send.id).in_(ids))
        .order_by(col(Send.id))
    )
    return change(session, insert(Send).from_select(list(values), rows))


def repetition(session: Session, send_id: int) -> Send:
    """The latest repetition of a send."""
    query = select(Send).where(col(Send.resend_of) == send_id).order_by(col(Send.id).desc())
    return session.scalars(query.limit(1)).one()


def frozen_places(session: Session, partner_id: int) -> dict[int, list[int]]:
    """Where a partner's emails lie in the archive: batch id → places."""
    query = select(col(Send.batch_id), col(Send.batch_index)).where(
        col(Send.partner_id) == partner_id, col(Send.batch_id).is_not(None)
    )
    places: dict[int, list[int]] = defaultdict(list)
    for batch_id, index in session.connection().execute(query):
        if batch_id is not None and index is not None:
            places[batch_id].append(index)
    return places


def is_sending(session: Session, partner_id: int) -> bool:
    """Whether an email to this partner is in the provider's hands without an answer yet."""
    query = (
        select(func.count())
        .select_from(Send)
        .where(col(Send.partner_id) == partner_id, col(Send.status) == SendStatus.SENDING)
    )
    return bool(session.connection().scalar(query))


def exists(session: Session, send_id: int) -> bool:
    """Whether there is a send of this number; a number is never given twice."""
    query = select(col(Send.id)).where(col(Send.id) == send_id)
    return session.connection().scalar(query) is not None


def by_provider_id(session: Session, provider_id: str) -> Send | None:
    """The send the provider knows by this id; locked."""
    query = select(Send).where(col(Send.provider_id) == provider_id).with_for_update()
    return session.scalar(query)
