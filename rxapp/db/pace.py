"""The request rate all workers share, and whether a provider stopped us: a row per provider."""

from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from rxapp.db.models import Pace
from rxapp.db.upsert import insert_new

# Requests a second before the provider said anything: Resend's documented default, per team
# (resend.com/docs, account quotas and limits).
USUAL = 10.0


def hold(session: Session, provider: str, rate: float, now: datetime) -> Pace:
    """The row of this provider, locked until the transaction ends; made at `rate` if missing."""
    query = select(Pace).where(col(Pace.provider) == provider).with_for_update()
    pace = session.scalar(query)
    if pace is None:
        fresh = {"provider": provider, "rate": rate, "next_at": now, "said_at": now}
        session.connection().execute(
            insert_new(session, Pace).values(**fresh, stop_code="", stop_message="")
        )
        pace = session.scalars(query).one()
    return pace


def find(session: Session, provider: str) -> Pace | None:
    """The row of this provider, unlocked; None before it was ever used."""
    return session.get(Pace, provider)


def clear_stop(session: Session, provider: str, now: datetime) -> None:
    """The account was changed: forget why the old one was refused, and try at once."""
    session.connection().execute(
        update(Pace)
        .where(col(Pace.provider) == provider)
        .values(stop_code="", stop_message="", stopped_at=None, stop_until=None)
        .values(next_at=now, said_at=now)
    )


def try_now(session: Session, now: datetime) -> None:
    """What made a provider refuse us may be put right: the next request finds out, at once."""
    session.connection().execute(
        update(Pace).where(col(Pace.stop_code) != "").values(stop_until=now, said_at=now)
    )


def limit(
    session: Session, provider: str, ceiling: float | None, *, default: float | None, now: datetime
) -> None:
    """Allow at most `ceiling` requests a second; empty, as many as `default` and the provider do.

    It counts at once, whatever the one before still made us wait for; the provider's next answer
    says how much of it holds.
    """
    row = hold(session, provider, ceiling or default or USUAL, now)
    row.ceiling = ceiling
    row.rate = ceiling or default or USUAL
    row.next_at = row.said_at = now
    session.flush()
