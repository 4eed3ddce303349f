"""Resend's webhook events in the app's own words (resend.com/docs/webhooks)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rxapp.characters import whole
from rxapp.db.types import utcnow
from rxapp.dispatch import svix
from rxapp.domain.text import as_id
from rxapp.errors import InvalidInput

# Resend's word for what happened to an email, and ours. What Resend has accepted is `sent` to us.
WORDS = {
    "queued": "sent",
    "scheduled": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "delivery_delayed": "delayed",
    "bounced": "bounced",
    "complained": "complained",
    "opened": "opened",
    "clicked": "clicked",
    "failed": "failed",
    "suppressed": "suppressed",
    "canceled": "canceled",
}
# Resend also has events for contacts, domains, inboxes and scheduling: none is about a send.
_EVENTS = WORDS.keys() - {"queued", "scheduled", "canceled"}
# Where an event explains itself, how to frame what is no sentence, and what to say without it.
_SAID_IN = {
    "bounced": ("bounce", "message"),
    "suppressed": ("suppressed", "message"),
    "failed": ("failed", "reason"),
}
_FRAMED = {"failed": "Resend could not send it: {}."}
_PLAIN = {
    "bounced": "The receiving server sent the email back.",
    "suppressed": "Resend no longer sends to this address.",
    "failed": "Resend could not send it.",
    "delivery_delayed": "The receiving server does not take it yet; Resend keeps trying.",
    "complained": "The recipient reported it as spam.",
}
# Ids are indexed, and no index takes a text without end. Resend's have 36 characters.
ID_LIMIT = 200
DETAIL_LIMIT = 2_000
# Resend is younger. What it dates earlier, or ahead of us, happened when it was told.
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """Something that happened to an email after the provider accepted it.

    `id` is the same for every delivery of the event. `kind` is one of sent, delivered, delayed,
    bounced, complained, opened, clicked, failed, suppressed. `permanent` says that the address
    will not take mail again (a permanent bounce, or the provider's own suppression list).
    `detail` is a sentence for the log, empty when there is nothing to add to the kind. `send_id`
    is the send that the email itself was tagged with, if it was; `recipient` whom it went to, which
    is not kept: the send knows it, as long as its partner is not erased.
    """

    id: str
    provider_id: str
    kind: str
    at: datetime
    permanent: bool = False
    detail: str = ""
    send_id: int | None = None
    recipient: str = ""


def parse_event(body: bytes, headers: Mapping[str, str], secret: str) -> ProviderEvent | None:
    """Verify and read a webhook request; None when the event is not about a send.

    `headers` are the request's, `secret` the webhook's signing secret (`whsec_...`). Raises
    NotAuthenticated unless the body was signed with the secret within the last five minutes, and
    InvalidInput when a signed body is no event, or does not say which email it is about.
    """
    given = {name.lower(): value for name, value in headers.items()}
    svix.verify(body, given, secret)
    event = _parsed(body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise InvalidInput("The event has no type.", field="type")
    source, _, name = event["type"].partition(".")
    if source != "email" or name not in _EVENTS:
        return None
    data = _part(event, "data")
    return ProviderEvent(
        id=_id(given["svix-id"], "svix-id"),
        provider_id=_id(_word(data, "email_id"), "data.email_id"),
        kind=WORDS[name],
        at=_moment(event.get("created_at")),
        permanent=_is_permanent(name, data),
        detail=_detail(name, data)[:DETAIL_LIMIT],
        send_id=as_id(_word(_part(data, "tags"), "send")),
        recipient=_recipient(data),
    )


def _parsed(body: bytes) -> Any:
    """What the provider signed. Only what is read of it has to be right."""
    try:
        # No number is read, and as a whole one of thousands of digits would be an error to Python.
        return json.loads(body.decode(errors="replace"), parse_int=float)
    except json.JSONDecodeError as error:
        raise InvalidInput("The event is not valid JSON.") from error
    except RecursionError as error:
        raise InvalidInput("The event is nested too deep to be read.") from error


def _id(text: str, field: str) -> str:
    if not text or len(text) > ID_LIMIT:
        raise InvalidInput(f"An id here has between 1 and {ID_LIMIT} characters.", field=field)
    return text


def _moment(text: object) -> datetime:
    """When the event happened; times without a zone are taken as UTC.

    A time that cannot be right is no reason to miss a bounce: then it is now.
    """
    now = utcnow()
    try:
        at = datetime.fromisoformat(str(text))
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return at if _EARLIEST <= at <= now else now


def _is_permanent(name: str, data: Mapping[str, Any]) -> bool:
    bounce = _part(data, "bounce")
    return name == "suppressed" or (name == "bounced" and _word(bounce, "type") == "Permanent")


def _detail(name: str, data: Mapping[str, Any]) -> str:
    """What Resend says about it, or else our own sentence."""
    part, field = _SAID_IN.get(name, ("", ""))
    said = _word(_part(data, part), field)
    if not said:
        return _PLAIN.get(name, "")
    return _FRAMED[name].format(said.replace("_", " ")) if name in _FRAMED else said


def _recipient(data: Mapping[str, Any]) -> str:
    """The address an email went to: each of ours has one."""
    to = data.get("to")
    said = to[0] if isinstance(to, list) and to else to
    return whole(said)[:ID_LIMIT] if isinstance(said, str) else ""


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    return part if isinstance(part, dict) else {}


def _word(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return whole(value) if isinstance(value, str) else ""
