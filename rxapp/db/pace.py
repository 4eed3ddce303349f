"""The request rate all workers share, and whether a provider stopped us: a row per provider."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from rxapp.db.models import Pace
from rxapp.db.upsert import insert_new


def hold(session: Session, provider: str, rate: float, now: datetime) -> Pace:
    """The row of this provider, locked until the transaction ends; made at `rate` if missing."""
    query = select(Pace).where(col(Pace.provider) == provider).with_for_update()
    pace = session.scalar(query)
    if pace is None:
        fresh = {"provider": provider, "rate": rate, "next_at": now}
        session.connection().execute(
            insert_new(session, Pace).values(**fresh, stop_code="", stop_message="")
        )
        pace = session.scalars(query).one()
    return pace


def find(session: Session, provider: str) -> Pace | None:
    """The row of this provider, unlocked; None before it was ever used."""
    return session.get(Pace, provider)
