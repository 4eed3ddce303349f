"""What can become of a send, and what a person can do to it.

queued ──► sending ──► sent ──► delayed ──► delivered ──► bounced / complained
  │           │          └─────────────────────┘ (in whatever order the news arrives)
  │           ├──► queued (the account was refused: certainly nothing left)
  │           ├──► captured (by the sandbox: nobody was sent it)
  │           ├──► failed (refused)
  │           └──► unknown ──► whatever a webhook tells later
  ├──► skipped ──► queued (what it was skipped for was taken back: an undo)
  └──► canceled / failed (cannot be put together)
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rxapp.db import batches, provider_events
from rxapp.db import sends as sql
from rxapp.db.engine import wakes_dispatcher
from rxapp.db.models import Deliverability, ProviderEvent, Send
from rxapp.db.models import SendStatus as S
from rxapp.db.types import utcnow
from rxapp.domain import audit, refusals, unsubscribe
from rxapp.errors import Conflict, NotFound, WrongStatus

# From each status, the ones it can step to. Time runs from left to right only.
STEPS: dict[S, frozenset[S]] = {
    S.QUEUED: frozenset({S.SENDING, S.SKIPPED, S.CANCELED, S.FAILED}),
    # It waits again when the account was refused, so that it certainly did not leave.
    S.SENDING: frozenset({S.QUEUED, S.SENT, S.CAPTURED, S.FAILED, S.UNKNOWN}),
    S.UNKNOWN: frozenset({S.SENT, S.DELAYED, S.DELIVERED, S.BOUNCED, S.COMPLAINED, S.FAILED}),
    S.SENT: frozenset({S.DELAYED, S.DELIVERED, S.BOUNCED, S.COMPLAINED, S.FAILED}),
    S.DELAYED: frozenset({S.DELIVERED, S.BOUNCED, S.COMPLAINED, S.FAILED}),
    S.DELIVERED: frozenset({S.BOUNCED, S.COMPLAINED}),
    S.BOUNCED: frozenset({S.COMPLAINED}),
    S.COMPLAINED: frozenset(),
    S.CAPTURED: frozenset(),
    S.SKIPPED: frozenset({S.QUEUED}),
    S.CANCELED: frozenset(),
    S.FAILED: frozenset(),
}
# Nothing more is going to happen by itself, so a person may ask for another.
REPEATABLE = frozenset(S) - {S.QUEUED, S.SENDING, S.DELAYED}

# What an event of the provider says about the status. Opening or clicking proves delivery.
_TOLD: dict[str, S] = {
    "sent": S.SENT,
    "delayed": S.DELAYED,
    "delivered": S.DELIVERED,
    "opened": S.DELIVERED,
    "clicked": S.DELIVERED,
    "bounced": S.BOUNCED,
    "suppressed": S.BOUNCED,
    "complained": S.COMPLAINED,
    "failed": S.FAILED,
}


@dataclass(frozen=True, slots=True)
class SentEmail:
    """An email exactly as it was handed to the provider. `captured`: by the sandbox, not sent."""

    sender: str
    to: str
    subject: str
    html: str
    text: str
    headers: dict[str, str]
    captured: bool


def can_step(now: S, to: S) -> bool:
    """Whether a send may go from one status to the other."""
    return to in STEPS[now]


def find(session: Session, send_id: int) -> Send:
    """The send; raises NotFound."""
    send = session.get(Send, send_id)
    if send is None:
        raise NotFound("There is no such send.")
    return send


def cancel(session: Session, send_id: int, actor: str) -> Send:
    """Keep a waiting email from leaving; raises WrongStatus when it is no longer waiting."""
    send = find(session, send_id)
    if not sql.cancel_waiting(session, send_id, "canceled", utcnow()):
        raise WrongStatus("Only an email that is still waiting can be canceled.")
    audit.record(session, actor, "send", send_id, "canceled")
    session.refresh(send)
    return send


def send_again(session: Session, send_id: int, actor: str) -> Send:
    """Queue the same email to the same partner once more, in its present wording.

    A new send that names the old one. Raises WrongStatus while the old one is still on its way.
    """
    old = find(session, send_id)
    if old.status not in REPEATABLE:
        raise WrongStatus("This email is still on its way, so it cannot be sent again yet.")
    if sql.waiting_again(session, send_id):
        raise Conflict("This email is already being sent again.")
    sql.repeat(session, [send_id], actor=actor, now=utcnow())
    new = sql.repetition(session, send_id)
    audit.record(session, actor, "send", send_id, "sent_again", new_send_id=new.id)
    wakes_dispatcher(session)
    return new


def email_as_sent(session: Session, send_id: int) -> SentEmail | None:
    """The email read from its frozen payload; None when it never came to that, or was erased.

    Its unsubscribe links are nobody's here: who may read the log may not unsubscribe the partner.
    """
    send = find(session, send_id)
    if send.batch_id is None or send.batch_index is None:
        return None
    email = batches.emails(session, send.batch_id)[send.batch_index]
    if not email:
        return None
    return SentEmail(
        sender=email["from"],
        to=", ".join(email["to"]),
        subject=unsubscribe.disarmed(email["subject"]),
        html=unsubscribe.disarmed(email["html"]),
        text=unsubscribe.disarmed(email["text"]),
        headers={k: unsubscribe.disarmed(v) for k, v in email.get("headers", {}).items()},
        captured=batches.provider(session, send.batch_id) == "sandbox",
    )


def erase_frozen(session: Session, partner_id: int) -> None:
    """Blank a partner's emails in the archive; raises WrongStatus while one is being sent."""
    places = sql.frozen_places(session, partner_id)
    if sql.is_sending(session, partner_id):
        raise WrongStatus(
            "An email to this partner is being sent right now. Try again in a minute."
        )
    for batch_id, indices in places.items():
        batches.erase(session, batch_id, indices)


def keep_event(session: Session, event: ProviderEvent, recipient: str = "") -> bool:
    """Store what the provider told; false when it was told before.

    Kept and applied (`apply_events`) in two transactions: an event can overtake the answer that
    tells which send it is about, and then either side finds what the other one committed.

    Of a send that is gone with its partner only what its address refuses is kept: `recipient`.
    """
    gone = event.send_id is not None and not sql.exists(session, event.send_id)
    said = event.detail
    if gone:
        event.detail, event.applied_at = "", utcnow()
    new = provider_events.keep(session, event)
    if gone and new and recipient:
        _note_deliverability(session, recipient, event, said)
    return new


def apply_events(session: Session, provider_ids: list[str]) -> int:
    """Step the sends these provider ids belong to by what was told of them; returns how many.

    What is about a send that is not settled yet stays kept (dispatch/catching_up.py applies it),
    but an address that is no good is known at once.
    """
    applied = 0
    for event in provider_events.unapplied(session, provider_ids):
        send = sql.by_provider_id(session, event.provider_id) or _claim(session, event)
        if send is not None:
            _apply(session, send, event)
            event.applied_at = utcnow()
            applied += 1
    session.flush()
    return applied


def _claim(session: Session, event: ProviderEvent) -> Send | None:
    """A send that never got an answer is recognized by the number its own email carried."""
    send = session.get(Send, event.send_id, with_for_update=True) if event.send_id else None
    if send is None or send.provider_id is not None:
        return None
    refused = send.status == S.FAILED and send.batch_id is not None
    if refused or send.status == S.UNKNOWN:
        send.provider_id = event.provider_id
        return send
    if send.status == S.SENDING:
        _note_deliverability(session, send.recipient, event, event.detail)
    return None


def _apply(session: Session, send: Send, event: ProviderEvent) -> None:
    told = _TOLD.get(event.kind)
    if told is not None and can_step(S(send.status), told):
        send.status = told
        send.status_at = event.at
        send.reason = "not_delivered" if told in (S.BOUNCED, S.FAILED) else ""
        send.detail = event.detail
    _note_times(send, event.kind, event.at)
    _note_deliverability(session, send.recipient, event, event.detail)


def _note_times(send: Send, kind: str, at: datetime) -> None:
    """The earliest moment of each kind, whatever order the news arrive in."""
    send.sent_at = send.sent_at or at
    if kind in ("delivered", "opened", "clicked"):
        send.delivered_at = min(send.delivered_at or at, at)
    if kind in ("opened", "clicked"):
        send.opened_at = min(send.opened_at or at, at)
    if kind == "clicked":
        send.clicked_at = min(send.clicked_at or at, at)


def _note_deliverability(session: Session, address: str, event: ProviderEvent, said: str) -> None:
    """An address that bounced for good, or whose owner complained, gets no more mail."""
    if event.kind == "complained":
        refusals.undeliverable(session, address, Deliverability.COMPLAINED, said)
    elif event.permanent:
        refusals.undeliverable(session, address, Deliverability.BOUNCED, said)
