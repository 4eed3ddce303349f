"""What happened lately, in sentences: emails that went the same way are one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from sqlmodel import Session

from rxapp import routes
from rxapp.db import send_log
from rxapp.db.models import SendStatus, Source
from rxapp.db.send_log import SendFilter, SendRow
from rxapp.domain import reasons
from rxapp.state import query, why

# How far back sentences are looked for, and how many of them are told.
LOOKED_AT = 200
TOLD = 8
# What became of an email, after its name and before whom it was for.
BECAME: dict[SendStatus, tuple[str, str]] = {
    SendStatus.QUEUED: ("waits to go to", "gray"),
    SendStatus.SENDING: ("is on its way to", "blue"),
    SendStatus.CAPTURED: ("was captured in the sandbox, not sent, for", "amber"),
    SendStatus.SENT: ("was sent to", "blue"),
    SendStatus.DELAYED: ("is delayed on its way to", "amber"),
    SendStatus.DELIVERED: ("reached", "green"),
    SendStatus.BOUNCED: ("bounced back from", "red"),
    SendStatus.COMPLAINED: ("was marked as spam by", "red"),
    SendStatus.SKIPPED: ("was not sent to", "gray"),
    SendStatus.CANCELED: ("was canceled for", "gray"),
    SendStatus.FAILED: ("failed for", "red"),
    SendStatus.UNKNOWN: ("may or may not have reached", "amber"),
}


@dataclass
class Happening:
    """One sentence: `email` `became` `whom`, and `cause` as what led to it."""

    id: int
    email: str
    became: str
    whom: str
    cause: str
    at: str
    tone: str
    href: str


def latest(session: Session) -> list[Happening]:
    """The latest, newest first."""
    rows = send_log.page(session, SendFilter(), limit=LOOKED_AT)
    alike: dict[tuple[object, ...], list[SendRow]] = {}
    for row in rows:
        kind = (row.cause_id, row.template_id, row.status, row.reason, bool(row.resend_of))
        alike.setdefault(kind, []).append(row)
    # What goes further back than was looked has more of its kind than was seen.
    cut = rows[-1] if len(rows) == LOOKED_AT else None
    return [_sentence(group, whole=cut not in group) for group in islice(alike.values(), TOLD)]


def _sentence(alike: list[SendRow], *, whole: bool) -> Happening:
    newest = max(alike, key=lambda row: row.status_at)
    status = SendStatus(newest.status)
    became, tone = BECAME[status]
    named = f"{newest.first_name} {newest.last_name}".strip() or newest.email or "a partner"
    others = len(alike) - 1
    return Happening(
        id=newest.id,
        email=newest.template,
        became=became,
        whom=named + _others(others, whole=whole),
        cause=_cause(newest),
        at=newest.status_at.isoformat(),
        tone=tone,
        href=_where(newest, others),
    )


def _others(number: int, *, whole: bool) -> str:
    if not number:
        return ""
    if not whole:
        return f" and more than {number} others"
    return " and 1 other" if number == 1 else f" and {number} others"


def _cause(row: SendRow) -> str:
    if row.reason:
        return reasons.sentence(row.reason, row.detail)
    if row.resend_of:
        return f"Sent again by {row.resent_by}"
    if row.source == Source.AUTOMATION:
        return f"“{row.tag}” was assigned by another automation"
    return f"“{row.tag}” was assigned {why.door(row.source, row.actor)}"


def _where(row: SendRow, others: int) -> str:
    if not others:
        return routes.send(row.id)
    return query.address(routes.SENDS, {"email": str(row.template_id), "tag": str(row.tag_id)})
