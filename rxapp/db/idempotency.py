"""Answers kept for writes that named an `Idempotency-Key`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, tuple_, update
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.models import IdempotencyKey
from rxapp.db.upsert import insert_new

# How long the answer to a write is kept: the same for everybody, as the API says.
KEPT = timedelta(hours=24)
# The status of an answer that told of somebody who was erased since.
ERASED = 404
# How many outdated answers a write clears away: more than it adds, few enough not to be felt.
PURGED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """The request a key was used for, and the answer it got."""

    request_hash: str
    status: int
    response: str


def claim(
    session: Session, owner: str, key: str, *, request_hash: str, now: datetime, oldest: datetime
) -> Kept | None:
    """Take the key for this request, or return what it was used for since `oldest`.

    Of two transactions that claim a key at once, PostgreSQL makes the second wait for the first to
    end, SQLite has one writer anyway: the second sees the whole answer, or a free key.
    """
    connection = session.connection()
    connection.execute(delete(IdempotencyKey).where(_is(owner, key), _older(oldest)))
    new = {"owner": owner, "key": key, "request_hash": request_hash, "created_at": now}
    if change(session, insert_new(session, IdempotencyKey).values(status=0, response="", **new)):
        return None
    row = connection.execute(
        select(
            col(IdempotencyKey.request_hash),
            col(IdempotencyKey.status),
            col(IdempotencyKey.response),
        ).where(_is(owner, key))
    ).one()
    return Kept(*row)


def keep(session: Session, owner: str, key: str, status: int, response: str) -> None:
    """Keep the answer of a key that was claimed."""
    values = {"status": status, "response": response}
    change(session, update(IdempotencyKey).where(_is(owner, key)).values(values))


def answer(session: Session, owner: str, key: str) -> str:
    """The answer that is kept under a key; empty when there is none."""
    asked = select(col(IdempotencyKey.response)).where(_is(owner, key))
    return session.connection().execute(asked).scalar() or ""


def forget_partner(session: Session, partner_id: int, address: str | None) -> None:
    """Keep nothing of what answers said of a partner. Their keys stay used: what they wrote, a
    client that asks again must not write anew.
    """
    said = [f'"id":{partner_id},"email":', f'"partner_id":{partner_id},']
    said += [f'"{address}"'] if address else []
    told = or_(*(col(IdempotencyKey.response).contains(part, autoescape=True) for part in said))
    change(session, update(IdempotencyKey).where(told).values(status=ERASED, response=""))


def purge(session: Session, oldest: datetime, limit: int = PURGED_AT_ONCE) -> int:
    """Clear some outdated answers away, leaving to others what others are clearing; how many."""
    primary = (col(IdempotencyKey.owner), col(IdempotencyKey.key))
    outdated = (
        select(*primary)
        .where(_older(oldest))
        .order_by(col(IdempotencyKey.created_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return change(session, delete(IdempotencyKey).where(tuple_(*primary).in_(outdated)))


def _is(owner: str, key: str) -> Any:
    return and_(col(IdempotencyKey.owner) == owner, col(IdempotencyKey.key) == key)


def _older(moment: datetime) -> Any:
    return col(IdempotencyKey.created_at) < moment
