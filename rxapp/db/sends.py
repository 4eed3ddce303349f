"""Sends: counted and stepped as sets."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.models import Cause, ProviderEvent, Send, SendStatus, Template, TemplateVersion
from rxapp.db.upsert import insert_new


def count_due(session: Session, now: datetime) -> int:
    """How many emails could have left by now and have not."""
    query = select(func.count()).select_from(Send)
    due = query.where(col(Send.status) == SendStatus.QUEUED, col(Send.due_at) <= now)
    return session.connection().scalar(due) or 0


def cancel_due(
    session: Session, reason: str, now: datetime, *, due_by: datetime | None = None
) -> int:
    """Cancel every email that could have left by now, or by `due_by`; returns how many."""
    statement = (
        update(Send)
        .where(col(Send.status) == SendStatus.QUEUED, col(Send.due_at) <= (due_by or now))
        .values(status=SendStatus.CANCELED, reason=reason, status_at=now)
    )
    return change(session, statement)


def cancel_waiting(session: Session, send_id: int, reason: str, now: datetime) -> bool:
    """Cancel one send if it is still queued; false when it is not."""
    statement = (
        update(Send)
        .where(col(Send.id) == send_id, col(Send.status) == SendStatus.QUEUED)
        .values(status=SendStatus.CANCELED, reason=reason, status_at=now)
    )
    return change(session, statement) == 1


def cancel_of_job(session: Session, job_id: int, reason: str, now: datetime) -> int:
    """Cancel what a job queued and has not left yet; returns how many."""
    caused = select(col(Cause.id)).where(col(Cause.job_id) == job_id)
    statement = (
        update(Send)
        .where(col(Send.cause_id).in_(caused), col(Send.status) == SendStatus.QUEUED)
        .values(status=SendStatus.CANCELED, reason=reason, status_at=now)
    )
    return change(session, statement)


def waiting_again(session: Session, send_id: int) -> bool:
    """Whether a repetition of this send is still on its way."""
    query = select(func.count()).select_from(Send).where(col(Send.resend_of) == send_id)
    on_its_way = col(Send.status).in_([SendStatus.QUEUED, SendStatus.SENDING])
    return bool(session.connection().scalar(query.where(on_its_way)))


def current_version(session: Session, template_id: int) -> int:
    """The id of the version new sends of this email are decided with."""
    query = (
        select(col(TemplateVersion.id))
        .join(Template, col(Template.id) == col(TemplateVersion.template_id))
        .where(
            col(Template.id) == template_id,
            col(TemplateVersion.number) == col(Template.version),
        )
    )
    return session.connection().execute(query).scalar_one()


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


def keep_event(session: Session, event: ProviderEvent) -> bool:
    """Store an event once by its id; false when it is there already."""
    values = event.model_dump(exclude={"id"})
    return change(session, insert_new(session, ProviderEvent).values(**values)) == 1


def unapplied_events(session: Session, provider_ids: Sequence[str]) -> Sequence[ProviderEvent]:
    """What was told of these emails and not applied yet, by when it happened; locked."""
    query = (
        select(ProviderEvent)
        .where(
            col(ProviderEvent.provider_id).in_(provider_ids),
            col(ProviderEvent.applied_at).is_(None),
        )
        .order_by(col(ProviderEvent.at), col(ProviderEvent.id))
        .with_for_update()
    )
    return session.scalars(query).all()


def by_provider_id(session: Session, provider_id: str) -> Send | None:
    """The send the provider knows by this id; locked."""
    query = select(Send).where(col(Send.provider_id) == provider_id).with_for_update()
    return session.scalar(query)
