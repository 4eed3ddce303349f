"""One send: what became of it and why, what led to it, and the email as it was sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from reflex.event import Event
from sqlmodel import Session

from rxapp.db import causes, send_log
from rxapp.db.causes import Link
from rxapp.db.engine import reading, writing
from rxapp.db.models import SendStatus
from rxapp.db.send_log import SendRow
from rxapp.db.types import utcnow
from rxapp.domain import sends
from rxapp.domain.leaving import Leaving, leaving
from rxapp.domain.text import as_id
from rxapp.errors import NotFound
from rxapp.state import query, say, send_again, why
from rxapp.state.base import AppState, current_user, handler, run

ENDED = {
    SendStatus.CAPTURED: ("Kept by the sandbox: no email left", "amber"),
    SendStatus.SKIPPED: ("Skipped", "gray"),
    SendStatus.CANCELED: ("Canceled", "gray"),
    SendStatus.FAILED: ("Failed", "red"),
    SendStatus.UNKNOWN: ("No answer from the provider", "amber"),
    SendStatus.DELAYED: ("Delayed by the receiving server", "red"),
    SendStatus.BOUNCED: ("Bounced", "red"),
    SendStatus.COMPLAINED: ("Marked as spam", "red"),
}


@dataclass
class Step:
    """Something that happened, or is going to."""

    what: str
    at: str
    tone: str = "gray"
    ahead: bool = False


@dataclass
class SendDetail:
    """A send with everything there is to know about it."""

    id: int = 0
    status: str = ""
    why: str = ""
    partner_id: int = 0
    partner: str = ""
    address: str = ""
    email_id: int = 0
    email: str = ""
    version: int = 0
    tag: str = ""
    automation_id: int = 0
    automation: str = ""
    provider: str = ""
    resend_of: int = 0
    can_cancel: bool = False
    can_repeat: bool = False
    steps: list[Step] = field(default_factory=list)
    chain: list[str] = field(default_factory=list)
    # The email as sent; empty where it never came to that.
    subject: str = ""
    sender: str = ""
    html: str = ""
    text: str = ""


class SendState(AppState):
    """The send that is looked at, in the drawer beside the history or on a page of its own."""

    send: SendDetail = SendDetail()
    opened: bool = False
    missing: bool = False

    @handler("viewer")
    async def load(self) -> None:
        """Show the send the address names, on its own page."""
        self.opened, self.send = False, SendDetail()
        try:
            self.send = await run(_detail, as_id(query.named(self.router.url.path)) or 0)
            self.missing = False
        except NotFound:
            self.missing = True

    @handler("viewer")
    async def show(self, number: int) -> None:
        """Open the drawer with this send."""
        self.send = await run(_detail, number)
        self.opened = True

    @handler("viewer")
    async def set_opened(self, opened: bool) -> None:
        """Close the drawer."""
        self.opened = opened

    @handler("viewer", temporal=True)
    async def refresh(self) -> None:
        """See what has happened meanwhile."""
        if not self.send.id:
            return
        found = await run(_detail, self.send.id)
        if found != self.send:
            self.send = found

    @handler("editor")
    async def repeat(self) -> Event:
        """Send the same email to the same partner again, in its present wording."""
        number, words = await run(send_again.repeat, self.send.id, current_user().label)
        self.send = await run(_detail, number)
        return say.success(words)

    @handler("editor")
    async def cancel(self) -> Event:
        """Keep a waiting email from leaving."""
        await run(_cancel, self.send.id, current_user().label)
        self.send = await run(_detail, self.send.id)
        return say.success("Canceled: this email will not leave.")


def _cancel(number: int, actor: str) -> None:
    with writing() as session:
        sends.cancel(session, number, actor)


def _detail(number: int) -> SendDetail:
    with reading() as session:
        row = send_log.row(session, number)
        if row is None:
            raise NotFound("There is no such send.")
        return _with_email(
            session, _told(row, causes.chain(session, row.cause_id), leaving(session))
        )


def _told(row: SendRow, chain: list[Link], way: Leaving) -> SendDetail:
    return SendDetail(
        id=row.id,
        status=row.status,
        why=why.stands(row, way),
        partner_id=row.partner_id,
        partner=f"{row.first_name} {row.last_name}".strip() or row.email or "",
        address=row.recipient or row.email or "",
        email_id=row.template_id,
        email=row.template,
        version=row.version,
        tag=row.tag,
        automation_id=row.automation_id,
        automation=row.automation,
        provider=row.provider_id or "",
        resend_of=row.resend_of or 0,
        can_cancel=row.status == SendStatus.QUEUED,
        can_repeat=row.status in sends.REPEATABLE,
        steps=_steps(row),
        chain=[_link(one) for one in chain]
        + [f"The automation “{row.automation}” decided this email"],
    )


def _with_email(session: Session, detail: SendDetail) -> SendDetail:
    email = sends.email_as_sent(session, detail.id)
    if email is not None:
        detail.subject, detail.sender = email.subject, email.sender
        detail.html, detail.text = email.html, email.text
    return detail


def _link(link: Link) -> str:
    return f"“{link.tag}” was assigned {why.door(link.source, link.actor, link.automation)}"


def _steps(row: SendRow) -> list[Step]:
    """What happened, in the order it did."""
    decided = f"Sent again by {row.resent_by}" if row.resend_of else "Decided"
    moments: list[tuple[str, datetime | None, str]] = [
        (decided, row.created_at, "gray"),
        ("Handed to the email provider", row.sent_at, "blue"),
        ("Delivered", row.delivered_at, "green"),
        ("Opened", row.opened_at, "green"),
        ("Clicked", row.clicked_at, "green"),
    ]
    if row.status in ENDED:
        what, tone = ENDED[row.status]
        moments.append((what, row.status_at, tone))
    known = [(what, at, tone) for what, at, tone in moments if at is not None]
    # Sorting is stable: what happened at the same moment stays in this order.
    steps = [
        Step(what, at.isoformat(), tone) for what, at, tone in sorted(known, key=lambda m: m[1])
    ]
    if row.status == SendStatus.QUEUED and not row.why_not and row.due_at > utcnow():
        steps.append(Step("Leaves", row.due_at.isoformat(), "blue", ahead=True))
    return steps
