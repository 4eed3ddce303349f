"""Test emails: who sent how many lately, and whose data they hold."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from rxapp.db.models import Batch, BatchStatus, TrialSend


def lock(session: Session, actor: str) -> None:
    """Have others who count the tests of `actor` wait for this transaction to end."""
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time anyway.
        session.connection().execute(select(func.pg_advisory_xact_lock(func.hashtext(actor))))


def since(session: Session, actor: str, moment: datetime) -> tuple[int, datetime | None]:
    """How many tests `actor` sent since then, and when the first of them."""
    query = select(
        func.coalesce(func.sum(col(TrialSend.size)), 0), func.min(col(TrialSend.created_at))
    ).where(col(TrialSend.actor) == actor, col(TrialSend.created_at) > moment)
    number, first = session.connection().execute(query).one()
    return number, first


def of_partner(session: Session, partner_id: int) -> Sequence[tuple[int, int]]:
    """The tests made of a partner's data: batch, and how many emails."""
    query = (
        select(col(Batch.id), col(Batch.size))
        .join(TrialSend, col(TrialSend.batch_id) == col(Batch.id))
        .where(col(TrialSend.partner_id) == partner_id)
    )
    return [(batch, size) for batch, size in session.connection().execute(query)]


def readable(session: Session) -> Sequence[tuple[int, bool]]:
    """The tests whose emails can still be read: batch, and whether it is under way."""
    query = (
        select(col(Batch.id), col(Batch.status))
        .join(TrialSend, col(TrialSend.batch_id) == col(Batch.id))
        .where(col(Batch.erased_at).is_(None))
    )
    found = session.connection().execute(query)
    return [(batch, status == BatchStatus.OPEN) for batch, status in found]


def forget_partner(session: Session, partner_id: int) -> None:
    """No longer say whose data these tests were made of."""
    session.connection().execute(
        update(TrialSend).where(col(TrialSend.partner_id) == partner_id).values(partner_id=None)
    )
