"""The provider's events as they came in: kept once, and found by the sends they are about."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, or_, select, union
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.models import ProviderEvent, Send, SendStatus
from rxapp.db.upsert import insert_new

_kept = col(ProviderEvent.applied_at).is_(None)
_any_kept = select(exists().where(_kept))
_ids = select(col(ProviderEvent.provider_id)).where(_kept).distinct()


def _about_sends(*which: ColumnElement[bool]) -> Select[Any]:
    """The provider's ids of emails that something is kept about, which settled sends are behind.

    Found by the id the provider gave the send; or by the number its email carried, if it gave none.
    """
    by_id = _ids.join(Send, col(Send.provider_id) == col(ProviderEvent.provider_id))
    by_number = _ids.join(Send, col(Send.id) == col(ProviderEvent.send_id)).where(*_unanswered())
    found = union(by_id.where(*which), by_number.where(*which)).subquery()
    return select(found.c.provider_id).limit(bindparam("limit"))


def _unanswered() -> list[ColumnElement[bool]]:
    """As domain.sends tells it of one send: settled, and with no id of the provider's."""
    refused = and_(col(Send.status) == SendStatus.FAILED, col(Send.batch_id).is_not(None))
    return [
        col(Send.provider_id).is_(None),
        or_(col(Send.status) == SendStatus.UNKNOWN, refused),
    ]


# Built once: it is asked after each answer.
_of_batches = _about_sends(col(Send.batch_id).in_(bindparam("batches", expanding=True)))
_of_all = _about_sends()


def keep(session: Session, event: ProviderEvent) -> bool:
    """Store an event once by its id; false when it is there already."""
    values = event.model_dump(exclude={"id"})
    return change(session, insert_new(session, ProviderEvent).values(**values)) == 1


def unapplied(session: Session, provider_ids: Sequence[str]) -> Sequence[ProviderEvent]:
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


def latest(session: Session) -> ProviderEvent | None:
    """The event that came in last; None when none ever did."""
    return session.scalars(
        select(ProviderEvent).order_by(col(ProviderEvent.id).desc()).limit(1)
    ).first()


def kept_about(session: Session, batch_ids: Sequence[int], limit: int) -> list[str]:
    """The provider's ids of emails in these batches that something is kept about."""
    connection = session.connection()
    if not connection.scalar(_any_kept):
        return []
    return list(connection.scalars(_of_batches, {"batches": list(batch_ids), "limit": limit}))


def applicable(session: Session, limit: int) -> list[str]:
    """The provider's ids of emails that something is kept about though it could be applied."""
    return list(session.connection().scalars(_of_all, {"limit": limit}))
