"""Resend's webhook events in the app's own words (resend.com/docs/webhooks)."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import resend

from rxapp.domain.text import as_id
from rxapp.errors import InvalidInput, NotAuthenticated

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


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """Something that happened to an email after the provider accepted it.

    `id` is the same for every delivery of the event. `kind` is one of sent, delivered, delayed,
    bounced, complained, opened, clicked, failed, suppressed. `permanent` says that the address
    will not take mail again (a permanent bounce, or the provider's own suppression list).
    `detail` is a sentence for the log, empty when there is nothing to add to the kind. `send_id`
    is the send that the email itself was tagged with, if it was.
    """

    id: str
    provider_id: str
    kind: str
    at: datetime
    permanent: bool = False
    detail: str = ""
    send_id: int | None = None


def parse_event(body: bytes, headers: Mapping[str, str], secret: str) -> ProviderEvent | None:
    """Verify and read a webhook request; None when the event is not about a send.

    `headers` are the request's, `secret` the webhook's signing secret (`whsec_...`). Raises
    NotAuthenticated unless the body was signed with the secret within the last five minutes, and
    InvalidInput when a signed body is not what Resend documents.
    """
    given = {name.lower(): value for name, value in headers.items()}
    event = _verify(body, given, secret)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise InvalidInput("The event has no type.", field="type")
    source, _, name = event["type"].partition(".")
    if source != "email" or name not in _EVENTS:
        return None
    data = event.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("email_id"), str):
        raise InvalidInput("The event names no email.", field="data.email_id")
    return ProviderEvent(
        id=given["svix-id"],
        provider_id=data["email_id"],
        kind=WORDS[name],
        at=_moment(event.get("created_at")),
        permanent=_is_permanent(name, data),
        detail=_detail(name, data),
        send_id=as_id(_word(_part(data, "tags"), "send")),
    )


def _verify(body: bytes, headers: Mapping[str, str], secret: str) -> Any:
    """The JSON of a body whose signature holds."""
    if not _is_secret(secret):
        raise NotAuthenticated("Webhooks cannot be checked: no valid signing secret is set.")
    try:
        # The SDK signs text, so the body has to be decoded first. Bytes that are not UTF-8 raise
        # a ValueError too.
        return resend.Webhooks.verify(
            {
                "payload": body.decode(),
                "headers": {
                    "id": headers.get("svix-id", ""),
                    "timestamp": headers.get("svix-timestamp", ""),
                    "signature": headers.get("svix-signature", ""),
                },
                "webhook_secret": secret,
            }
        )
    except ValueError as error:
        # One exception class for two answers: only a body that was signed is parsed at all.
        if isinstance(error.__cause__, json.JSONDecodeError):
            raise InvalidInput("The event is not valid JSON.") from error
        raise NotAuthenticated("The webhook's signature does not hold.") from error


def _is_secret(secret: str) -> bool:
    """Whether the secret holds a key at all.

    The SDK decodes leniently: from a secret that is not base64 it would make a shorter key, down
    to an empty one that anybody can sign with.
    """
    try:
        return bool(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        return False


def _moment(text: object) -> datetime:
    """When the event happened; times without a zone are taken as UTC."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise InvalidInput("The event has no valid time.", field="created_at") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


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


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    return part if isinstance(part, dict) else {}


def _word(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""
