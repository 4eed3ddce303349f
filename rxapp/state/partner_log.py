"""A partner's email log and activity, read into lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlmodel import Session

from rxapp.db import history, send_log
from rxapp.db.causes import Link
from rxapp.db.history import Change, TagEvent
from rxapp.db.models import SendStatus
from rxapp.db.send_log import SendFilter, SendRow
from rxapp.db.types import utcnow
from rxapp.db.undo import PUT_BACK
from rxapp.domain import sends
from rxapp.domain.leaving import Leaving, leaving
from rxapp.state import why

PAGE = 20
# An email this close to leaving, or to having left, is watched closely.
SOON = timedelta(minutes=2)


@dataclass
class LogLine:
    """An email sent, waiting or withheld, and why."""

    id: int
    status: str
    email: str
    automation: str
    # Why it stands as it does, where that needs saying.
    reason: str
    # What led to it.
    cause: str
    at: str
    # When it leaves, while that is still to come.
    due: str
    opened: bool
    clicked: bool
    again_by: str
    can_cancel: bool
    can_repeat: bool


@dataclass
class Log:
    """One page of the email log, newest first."""

    lines: list[LogLine] = field(default_factory=list)
    total: int = 0
    shown: str = ""
    has_previous: bool = False
    has_next: bool = False
    # Something is about to change.
    moving: bool = False


@dataclass
class Event:
    """Something that happened to the partner."""

    icon: str
    what: str
    how: str
    at: str


@dataclass
class Activity:
    """What happened, newest first."""

    events: list[Event] = field(default_factory=list)
    has_more: bool = False


def read_log(session: Session, partner_id: int, page: int) -> Log:
    """A page of the email log, counted from 1."""
    wanted = SendFilter(partner_id=partner_id)
    first = (page - 1) * PAGE
    rows = send_log.page(session, wanted, limit=PAGE, offset=first)
    chains = history.chains(session, {row.cause_id for row in rows})
    total, way = send_log.count(session, wanted), leaving(session)
    last = first + len(rows)
    return Log(
        lines=[_line(row, chains.get(row.cause_id, []), way) for row in rows],
        total=total,
        shown=f"{first + 1:,}–{last:,} of {total:,}",
        has_previous=page > 1,
        has_next=last < total,
        moving=any(_moves(row) for row in rows),
    )


def read_activity(session: Session, partner_id: int, limit: int) -> Activity:
    """The latest tags on and off, and changes by people."""
    tags = [(one.at, _tag_event(one)) for one in history.tag_events(session, partner_id, limit + 1)]
    changes = [(one.at, _change(one)) for one in history.changes(session, partner_id, limit + 1)]
    events = sorted([*tags, *changes], key=lambda pair: pair[0], reverse=True)
    return Activity([event for _, event in events[:limit]], has_more=len(events) > limit)


def _moves(row: SendRow) -> bool:
    if row.status == SendStatus.QUEUED:
        return row.due_at < utcnow() + SOON
    if row.status == SendStatus.SENT:
        return row.status_at > utcnow() - SOON
    return row.status == SendStatus.SENDING


def _line(row: SendRow, links: Sequence[Link], way: Leaving) -> LogLine:
    waits = row.status == SendStatus.QUEUED and not row.why_not and row.due_at > utcnow()
    return LogLine(
        id=row.id,
        status=row.status,
        email=row.template,
        automation=row.automation,
        reason=why.stands(row, way),
        cause=f"{why.chain(links)}, automation “{row.automation}”",
        at=row.created_at.isoformat(),
        due=row.due_at.isoformat() if waits else "",
        opened=row.opened_at is not None,
        clicked=row.clicked_at is not None,
        again_by=row.resent_by,
        can_cancel=row.status == SendStatus.QUEUED,
        can_repeat=row.status in sends.REPEATABLE,
    )


def _tag_event(event: TagEvent) -> Event:
    what = f"“{event.tag}” {'assigned' if event.on else 'removed'}"
    if event.undone:
        return Event("undo-2", what, _undid(event.actor), _iso(event))
    icon = "tag" if event.on else "circle-minus"
    return Event(icon, what, why.door(event.source, event.actor, event.automation), _iso(event))


def _change(change: Change) -> Event:
    changed = set(change.data.get("changed", []))
    told = [_BECAME[change.data[name]] for name in _TELLING if change.data.get(name) in _BECAME]
    others = sorted(changed - {name for name in _TELLING if name in change.data})
    if others:
        told.append(f"Changed: {', '.join(_FIELDS.get(one, one) for one in others)}")
    if change.action == PUT_BACK:
        return _put_back(change)
    what = ". ".join(told) or _ACTIONS.get(change.action, change.action.capitalize())
    icon = _ICONS.get(change.data.get("consent", ""), "pencil")
    door = why.DOORS.get(change.data.get("source", ""), "by {actor}")
    return Event(icon, what, door.format(actor=change.actor), _iso(change))


def _put_back(change: Change) -> Event:
    automation = change.data.get("automation")
    by = f"the automation “{automation}”" if automation else "a bulk action"
    what = f"“{change.data['tag']}” put back, which {by} had taken off"
    return Event("undo-2", what, _undid(change.actor), _iso(change))


def _undid(actor: str) -> str:
    return f"by {actor}, who undid the bulk action"


# Changes told with what they became, and how.
_TELLING = ("status", "consent")
_BECAME = {
    "active": "Made active",
    "suspended": "Suspended",
    "archived": "Archived",
    "subscribed": "Subscribed to marketing emails",
    "unsubscribed": "Unsubscribed from marketing emails",
}
_FIELDS = {
    "first_name": "first name",
    "last_name": "last name",
    "email": "email address",
    "fields": "custom fields",
}
_ACTIONS = {
    "created": "Added to the program",
    "marked deliverable": "Address marked as working again",
}
_ICONS = {"subscribed": "mail-check", "unsubscribed": "mail-minus"}


def _iso(happened: TagEvent | Change) -> str:
    return happened.at.isoformat()
