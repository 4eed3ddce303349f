"""The provider's events as they came in."""

from sqlalchemy import select
from sqlmodel import Session, col

from rxapp.db.models import ProviderEvent


def latest(session: Session) -> ProviderEvent | None:
    """The event that came in last; None when none ever did."""
    return session.scalars(
        select(ProviderEvent).order_by(col(ProviderEvent.id).desc()).limit(1)
    ).first()
