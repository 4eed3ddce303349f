"""The outbox: sends that are due are taken, checked once more, and frozen into a batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    func,
    select,
    type_coerce,
    update,
)
from sqlmodel import Session, col

from rxapp.db.eligibility import why_not_send
from rxapp.db.engine import change
from rxapp.db.models import (
    Action,
    Assignment,
    Automation,
    Partner,
    Send,
    SendStatus,
    Tag,
    TemplateVersion,
)
from rxapp.db.types import table, written

_sends = table(Send)


def _looked_up(name: str, by: ColumnElement[Any]) -> ColumnElement[str]:
    """What the JSON parameter `name` holds at a place or under a key, taken from each row.

    So one statement writes what differs from row to row. One for each row would be a hundred
    turns with the threads that post, who wait for Python's lock as well.
    """
    return bindparam(name, type_=JSON()).op("->>", precedence=15, return_type=String())(by)


# SQLite takes a key made of digits for a place in a list.
_key = "send" + cast(_sends.c.id, String)
_freeze = (
    update(_sends)
    .where(_sends.c.id.in_(bindparam("sends", expanding=True)))
    .values(
        batch_id=bindparam("batch"),
        batch_index=cast(_looked_up("places", _key), Integer),
        recipient=_looked_up("recipients", _key),
        status=SendStatus.SENDING,
        status_at=bindparam("now"),
    )
)
_taken = (
    update(_sends)
    .where(
        _sends.c.batch_id == bindparam("batch"),
        # Not looked for by its index: there are many more under way than in this batch.
        type_coerce(_sends.c.status, String) + "" == SendStatus.SENDING.value,
        _looked_up("theirs", _sends.c.batch_index).is_not(None),
    )
    .values(
        provider_id=_looked_up("theirs", _sends.c.batch_index),
        status_at=bindparam("now"),
    )
)
_accept = _taken.values(status=SendStatus.SENT, sent_at=bindparam("now"))
_capture = _taken.values(status=SendStatus.CAPTURED)


@dataclass(frozen=True, slots=True)
class Due:
    """A send whose time has come, with what its email needs. `why_not` is empty when it may go."""

    send_id: int
    version_id: int
    kind: str
    tag: str
    why_not: str
    bulk: bool
    partner_id: int
    partner: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frozen:
    """Where a send stands in a batch, and the address it goes to."""

    send_id: int
    recipient: str


def due(session: Session, now: datetime, limit: int, *, bulk: bool) -> list[Due]:
    """Up to `limit` due sends, oldest first, locked for this transaction.

    Whether each may still go is looked at again: the partner may have unsubscribed, a delayed
    email's tag may be gone, its automation off. A send somebody asked for again by hand is only
    held against the partner.
    """
    found = session.connection().execute(_due_query(bulk=bulk), {"now": now, "limit": limit})
    return [_due(row) for row in found.all()]


@lru_cache
def _due_query(*, bulk: bool) -> Select[*tuple[Any, ...]]:
    """Built once: putting this much SQL together costs as much as running it."""
    return (
        select(
            col(Send.id),
            col(Send.version_id),
            col(TemplateVersion.kind),
            col(Tag.name),
            why_not_send(),
            col(Send.bulk),
            col(Partner.id),
            col(Partner.email),
            col(Partner.first_name),
            col(Partner.last_name),
            col(Partner.company),
            col(Partner.key),
            col(Partner.fields),
        )
        .join(Partner, col(Partner.id) == col(Send.partner_id))
        .join(TemplateVersion, col(TemplateVersion.id) == col(Send.version_id))
        .join(Tag, col(Tag.id) == col(Send.tag_id))
        .join(Action, col(Action.id) == col(Send.action_id))
        .join(Automation, col(Automation.id) == col(Send.automation_id))
        .join(Assignment, col(Assignment.id) == col(Send.assignment_id))
        .where(
            col(Send.status) == written(SendStatus.QUEUED),
            col(Send.bulk).is_(bulk),
            col(Send.due_at) <= bindparam("now"),
        )
        .order_by(col(Send.due_at), col(Send.id))
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True, of=Send)
    )


def _due(row: Any) -> Due:
    (
        send_id,
        version_id,
        kind,
        tag,
        why_not,
        bulk,
        partner_id,
        email,
        first,
        last,
        company,
        key,
        own,
    ) = row
    partner = {
        **own,
        "email": email,
        "first_name": first,
        "last_name": last,
        "company": company,
        "key": key,
    }
    return Due(send_id, version_id, kind, tag, why_not, bulk, partner_id, partner)


def next_due(session: Session) -> datetime | None:
    """When the next queued send is due; None when nothing waits."""
    query = select(func.min(col(Send.due_at))).where(col(Send.status) == written(SendStatus.QUEUED))
    # One question for each kind, because the index begins with the kind.
    times = [
        session.connection().scalar(query.where(col(Send.bulk).is_(bulk))) for bulk in (False, True)
    ]
    return min((time for time in times if time is not None), default=None)


def freeze(session: Session, batch_id: int, frozen: Sequence[Frozen], now: datetime) -> None:
    """Put sends into a batch, in this order."""
    session.connection().execute(
        _freeze,
        {
            "sends": [one.send_id for one in frozen],
            "places": {f"send{one.send_id}": place for place, one in enumerate(frozen)},
            "recipients": {f"send{one.send_id}": one.recipient for one in frozen},
            "batch": batch_id,
            "now": now,
        },
    )


def close(
    session: Session, status: SendStatus, closed: Iterable[tuple[int, str, str]], now: datetime
) -> None:
    """Settle queued sends without sending: (send, reason, detail) each."""
    statement = (
        update(_sends)
        .where(_sends.c.id == bindparam("send"))
        .values(status=status, status_at=now, reason=bindparam("why"), detail=bindparam("words"))
    )
    rows = [{"send": send, "why": why, "words": words} for send, why, words in closed]
    if rows:
        session.connection().execute(statement, rows)


def accepted(session: Session, batch_id: int, theirs: Sequence[str | None], now: datetime) -> None:
    """The provider took these over: its id for each place of the batch, None where it did not."""
    if any(theirs):
        session.connection().execute(_accept, {"batch": batch_id, "theirs": theirs, "now": now})


def captured(session: Session, batch_id: int, theirs: Sequence[str | None], now: datetime) -> None:
    """The sandbox keeps these: as `accepted`, but nobody was sent anything."""
    if any(theirs):
        session.connection().execute(_capture, {"batch": batch_id, "theirs": theirs, "now": now})


def refused(
    session: Session, batch_id: int, refused: Sequence[tuple[int, str]], now: datetime
) -> None:
    """The provider will never send these: (place in the batch, its words) each."""
    if not refused:
        return
    values = {
        "status": SendStatus.FAILED,
        "status_at": now,
        "reason": "refused",
        "detail": bindparam("words"),
    }
    _each_in(session, batch_id, values, [{"place": p, "words": w} for p, w in refused])


def thaw(
    session: Session, batch_id: int, now: datetime, places: Sequence[int] | None = None
) -> int:
    """Let sends of a batch (all, or those at some places) that certainly did not leave wait again.

    Returns how many.
    """
    statement = update(Send).where(
        col(Send.batch_id) == batch_id, col(Send.status) == SendStatus.SENDING
    )
    if places is not None:
        statement = statement.where(col(Send.batch_index).in_(places))
    values: dict[str, Any] = {"batch_id": None, "batch_index": None, "recipient": ""}
    return change(
        session, statement.values(values | {"status": SendStatus.QUEUED, "status_at": now})
    )


def _each_in(
    session: Session, batch_id: int, values: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    """Change some sends of a batch, found by their places, that are still under way."""
    statement = (
        update(_sends)
        .where(
            _sends.c.batch_id == batch_id,
            _sends.c.batch_index == bindparam("place"),
            _sends.c.status == SendStatus.SENDING,
        )
        .values(values)
    )
    session.connection().execute(statement, rows)


def versions(session: Session, ids: Iterable[int]) -> dict[int, TemplateVersion]:
    """Versions of emails by id, detached: they never change."""
    query = select(TemplateVersion).where(col(TemplateVersion.id).in_(list(ids)))
    found = {version.id: version for version in session.scalars(query)}
    for version in found.values():
        session.expunge(version)
    return found
