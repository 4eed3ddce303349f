"""Batches: frozen requests, leased to one worker at a time."""

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, update
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.models import Batch, BatchStatus, Send, SendStatus
from rxapp.db.types import table, written
from rxapp.db.workers import living

_sends = table(Send)

# Fast, and mail shrinks well: a batch of 100 takes a few milliseconds and a tenth of its size.
COMPRESSION = 1
# Frozen for whichever provider is on: a test email, written by a door that does not know.
ANY_PROVIDER = ""
# The account of what nobody was sent: any other may take it over.
SANDBOX = "sandbox"


def pack(payload: bytes) -> bytes:
    """A payload as it is stored."""
    return zlib.compress(payload, COMPRESSION)


def unpack(stored: bytes) -> bytes:
    """The exact bytes of a stored payload."""
    return zlib.decompress(stored)


@dataclass(frozen=True, slots=True)
class Poster:
    """Who looks for something to post: this worker, which has these batches under way already."""

    worker: str
    under_way: Collection[int]


def returned(session: Session, now: datetime, poster: Poster, *, bulk: bool | None) -> Batch | None:
    """An open batch nobody is posting and whose time has come, singles first; locked.

    Its worker gave it back for another try, or died with it, or is the one that asks and had to
    let it go. `bulk` narrows to one kind.
    """
    mine = col(Batch.worker) == poster.worker
    free = or_(
        and_(~mine, _held_by_nobody(now)), and_(mine, col(Batch.id).not_in(poster.under_way))
    )
    query = (
        select(Batch)
        .where(
            col(Batch.status) == written(BatchStatus.OPEN),
            col(Batch.next_post_at) <= now,
            free,
        )
        .order_by(col(Batch.bulk), col(Batch.next_post_at))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if bulk is not None:
        query = query.where(col(Batch.bulk) == bulk)
    return session.scalar(query)


def may_go_on(batch: Batch, account: str) -> bool:
    """Whether this account may be posted the batch: nobody else can have taken it already."""
    return not batch.maybe_sent or batch.account in (account, SANDBOX)


def left_behind(session: Session, account: str, now: datetime) -> list[Batch]:
    """Batches that an account other than this one may have taken, and nobody is posting; locked."""
    query = (
        select(Batch)
        .where(_perhaps_with_another(account), _held_by_nobody(now))
        .order_by(col(Batch.id))
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def count_perhaps_taken(
    session: Session, account: str, now: datetime, *, given_back: bool = False
) -> int:
    """How many emails an account other than this one may have taken without having said so.

    Those being posted at this moment are counted, unless `given_back`: they may be answered yet.
    """
    query = (
        select(func.count())
        .select_from(Send)
        .join(Batch, col(Batch.id) == col(Send.batch_id))
        .where(_perhaps_with_another(account))
    )
    if given_back:
        query = query.where(_held_by_nobody(now))
    return session.connection().scalar(query) or 0


def _perhaps_with_another(account: str) -> ColumnElement[bool]:
    return and_(
        col(Batch.status) == written(BatchStatus.OPEN),
        col(Batch.maybe_sent),
        col(Batch.account).not_in([account, SANDBOX]),
    )


def _held_by_nobody(now: datetime) -> ColumnElement[bool]:
    """Given back, let go for too long, or held by a worker that is dead."""
    return or_(
        col(Batch.worker) == "",
        col(Batch.lease_until) <= now,
        col(Batch.worker).not_in(living(now)),
    )


def any_taken_since(session: Session, account: str, at: datetime) -> bool:
    """Whether this account took all of some batch that was made since then."""
    query = select(col(Batch.id)).where(
        col(Batch.status) == written(BatchStatus.DONE),
        col(Batch.created_at) > at,
        col(Batch.account) == account,
        col(Batch.last_problem) == "",
    )
    return session.connection().scalar(query.limit(1)) is not None


def next_return(session: Session) -> datetime | None:
    """When the next open batch can be posted again; None when there is none."""
    query = select(col(Batch.next_post_at), col(Batch.lease_until)).where(
        col(Batch.status) == written(BatchStatus.OPEN)
    )
    times = [max(row) for row in session.connection().execute(query)]
    return min(times, default=None)


def lease(batch: Batch, worker: str, account: str, now: datetime, seconds: float) -> None:
    """Give the batch to a worker, before it posts: whatever happens next, it may have been sent.

    `account` is the one it is posted to; empty when that cannot be told, and nothing is posted.
    """
    batch.worker = worker
    batch.lease_until = now + timedelta(seconds=seconds)
    batch.said_at = now
    batch.posts += 1
    batch.account = account or batch.account
    # A first post that is still to come was noted by a clock that was ahead.
    if not batch.maybe_sent or batch.first_post_at is None or batch.first_post_at > now:
        batch.first_post_at = now
    batch.maybe_sent = True


def new(key: str, payload: bytes, *, size: int, provider: str, bulk: bool, now: datetime) -> Batch:
    """An open batch that nobody holds yet, still to be added to a session."""
    return Batch(
        key=key,
        payload=pack(payload),
        size=size,
        provider=provider,
        bulk=bulk,
        said_at=now,
        lease_until=now,
        next_post_at=now,
    )


def close(session: Session, batch_id: int, problem: str = "") -> None:
    """Every send of the batch is settled; `problem` is what the provider said against any."""
    session.connection().execute(
        update(Batch)
        .where(col(Batch.id) == batch_id)
        .values(status=BatchStatus.DONE, maybe_sent=False, last_problem=problem[:500])
    )


def drop(session: Session, batch_id: int) -> None:
    """Forget a batch that was not sent and has no sends any more."""
    session.connection().execute(delete(Batch).where(col(Batch.id) == batch_id))


def give_back(
    session: Session,
    batch_id: int,
    *,
    next_post_at: datetime,
    maybe_sent: bool,
    problem: str,
    now: datetime,
) -> None:
    """Let any worker post the same bytes again, from a moment on."""
    session.connection().execute(
        update(Batch)
        .where(col(Batch.id) == batch_id, col(Batch.status) == written(BatchStatus.OPEN))
        .values(
            worker="",
            lease_until=next_post_at,
            next_post_at=next_post_at,
            said_at=now,
            maybe_sent=maybe_sent,
            last_problem=problem[:500],
        )
    )


def open_post(session: Session, batch_id: int) -> int | None:
    """The number of its latest post while it waits for its outcome, else None.

    Locks it against a second settling.
    """
    query = select(col(Batch.status), col(Batch.posts)).where(col(Batch.id) == batch_id)
    status, posts = session.connection().execute(query.with_for_update()).one()
    return posts if status == BatchStatus.OPEN else None


def members(session: Session, batch_id: int) -> list[int]:
    """The sends of a batch, in the order of its payload."""
    query = (
        select(col(Send.id)).where(col(Send.batch_id) == batch_id).order_by(col(Send.batch_index))
    )
    return list(session.connection().scalars(query))


def emails(session: Session, batch_id: int) -> list[dict[str, Any]]:
    """The frozen emails of a batch, in order; an erased one is empty."""
    stored = session.connection().scalar(
        select(col(Batch.payload)).where(col(Batch.id) == batch_id)
    )
    found: list[dict[str, Any]] = orjson.loads(unpack(stored)) if stored else []
    return found


def provider(session: Session, batch_id: int) -> str:
    """The provider a batch was frozen for."""
    query = select(col(Batch.provider)).where(col(Batch.id) == batch_id)
    return session.connection().execute(query).scalar_one()


def erase(session: Session, batch_id: int, indices: Sequence[int]) -> None:
    """Blank some emails of a settled batch: the person asked to be forgotten."""
    kept = emails(session, batch_id)
    for index in indices:
        kept[index] = {}
    session.connection().execute(
        update(Batch).where(col(Batch.id) == batch_id).values(payload=pack(orjson.dumps(kept)))
    )


def join(session: Session, batch_id: int, sends: Sequence[int]) -> None:
    """Make these sends, in this order, the members of a batch."""
    places = [{"send": send, "place": place, "batch": batch_id} for place, send in enumerate(sends)]
    if not places:
        return
    session.connection().execute(
        update(_sends)
        .where(_sends.c.id == bindparam("send"))
        .values(batch_id=bindparam("batch"), batch_index=bindparam("place")),
        places,
    )


def count_open(session: Session) -> int:
    """How many batches wait for their outcome."""
    query = select(col(Batch.id)).where(col(Batch.status) == written(BatchStatus.OPEN))
    return len(session.connection().scalars(query).all())


def settle_unknown(session: Session, batch_id: int, reason: str, now: datetime) -> int:
    """Nobody will ever say what became of these: `unknown`, for a webhook or a person."""
    return change(
        session,
        update(Send)
        .where(col(Send.batch_id) == batch_id, col(Send.status) == SendStatus.SENDING)
        .values(status=SendStatus.UNKNOWN, reason=reason, status_at=now),
    )


def forget_before(session: Session, before: datetime, now: datetime, limit: int) -> int:
    """Blank the emails of up to `limit` settled batches made before then; returns how many."""
    query = _forgettable(before).order_by(col(Batch.created_at)).limit(limit)
    found = session.connection().execute(query.with_for_update(skip_locked=True)).all()
    for batch_id, size in found:
        session.connection().execute(
            update(Batch)
            .where(col(Batch.id) == batch_id)
            .values(payload=pack(orjson.dumps([{}] * size)), erased_at=now)
        )
    return len(found)


def count_forgettable(session: Session, before: datetime) -> int:
    """How many emails of settled batches made before then still say what they said."""
    old = _forgettable(before).subquery()
    return session.connection().scalar(select(func.coalesce(func.sum(old.c.size), 0))) or 0


def _forgettable(before: datetime) -> Any:
    under_way = select(col(Send.id)).where(
        col(Send.batch_id) == col(Batch.id),
        col(Send.status).in_([SendStatus.QUEUED, SendStatus.SENDING]),
    )
    return select(col(Batch.id), col(Batch.size)).where(
        col(Batch.status) == written(BatchStatus.DONE),
        col(Batch.erased_at).is_(None),
        col(Batch.created_at) < before,
        ~under_way.exists(),
    )
