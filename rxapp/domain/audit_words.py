"""The audit log in sentences: "ann@acme.com made bob@acme.com viewer instead of editor"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rxapp.db.models import AuditEntry

SUBJECTS = {
    "partner": "partner",
    "tag": "tag",
    "template": "email",
    "automation": "automation",
    "send": "send",
    "job": "bulk action",
    "settings": "settings",
    "user": "person",
    "signin": "sign-in",
    "api_key": "API key",
}
# By subject and action: what stands before and after the name of what it was done to. Braces name
# what the entry carries; a sentence that has no name of its own leaves it out ("-").
_SENTENCES: dict[tuple[str, str], tuple[str, str]] = {
    ("send", "sent_again"): ("sent again the email of send", ""),
    ("send", "canceled"): ("canceled send", " before it left"),
    ("job", "started"): ("started bulk action", " ({kind})"),
    ("job", "canceled"): ("canceled bulk action", "; {emails} emails did not leave"),
    ("job", "undone"): ("undid bulk action", "; {number} as before"),
    ("template", "tested"): ("sent a test of the email", " to {to}"),
    ("settings", "tested"): ("sent a test email", " to {to}-"),
    ("template", "saved"): ("changed the email", ": {changed}"),
    ("partner", "tag_put_back"): ("undid a bulk action: “{tag}” was put back on", ""),
    ("partner", "marked deliverable"): ("marked as deliverable again the partner", ""),
    ("settings", "updated"): ("changed settings", ": {changed}-"),
    ("settings", "paused"): ("paused sending", "-"),
    ("settings", "resumed"): ("resumed sending", "; {discarded} held emails discarded-"),
    ("settings", "restored"): ("restored a backup", ", with sending paused-"),
    ("settings", "key_set"): (
        "set the email provider's key",
        "; {discarded} waiting emails discarded-",
    ),
    ("settings", "key_removed"): (
        "removed the email provider's key",
        "; {discarded} waiting emails discarded-",
    ),
    ("settings", "webhook_secret_set"): ("set the webhook's signing secret", "-"),
    ("settings", "webhook_secret_removed"): ("removed the webhook's signing secret", "-"),
    ("settings", "rate_set"): ("set the pace of sending", " to {rate} requests a second-"),
    ("user", "created"): ("added the person", " as {role}"),
    ("user", "joined"): ("joined, invited by {invited_by}", "-"),
    ("user", "invited"): ("invited", " as {role}"),
    ("user", "invite_withdrawn"): ("withdrew the invitation for", ""),
    ("user", "role_changed"): ("made", " {role} instead of {before}"),
    ("user", "disabled"): ("deactivated", ""),
    ("user", "enabled"): ("activated", " again"),
    ("user", "renamed"): ("changed the name of", ""),
    ("user", "password_set"): ("set the password of", ""),
    ("user", "reset_link_made"): ("made a link for a new password of", ""),
    ("user", "reset_link_used"): ("chose a new password by the link of {made_by}", "-"),
    ("user", "links_ended"): ("ended the links that were made by", " ({number})"),
    ("user", "signed_out"): ("signed out everywhere", " ({sessions} browsers)"),
    ("user", "signed_out_elsewhere"): ("signed out of {sessions} other browsers", "-"),
    ("user", "password_refused"): ("gave a wrong current password for a new one", "-"),
    ("signin", "signed_in"): ("signed in", " from {address} ({browser})-"),
    ("signin", "signed_out"): ("signed out", "-"),
    ("signin", "ended"): ("signed out of another browser", " ({browser})-"),
    ("signin", "failed"): ("failed to sign in as", ": {times}, from {address} ({browser})"),
    ("api_key", "created"): ("made the API key", " with the role {role}"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence in pieces: who, what they did, to what (if to anything), and the rest."""

    actor: str
    did: str
    name: str
    rest: str


def say(entry: AuditEntry, name: str) -> Said:
    """The entry as a sentence; `name` is what its subject is called now, empty when it is gone."""
    before, after = _SENTENCES.get((entry.subject, entry.action), (None, ""))
    if before is None:
        word = SUBJECTS.get(entry.subject, entry.subject)
        before = f"{entry.action.replace('_', ' ')} the {word}"
        after = ": {changed}" if entry.data.get("changed") else ""
    data = {key: _spoken(value) for key, value in entry.data.items()}
    whom = "" if after.endswith("-") else name or _remembered(entry)
    return Said(entry.actor, _filled(before, data), whom, _filled(after.removesuffix("-"), data))


def _remembered(entry: AuditEntry) -> str:
    """What the entry itself says its subject was called."""
    said = entry.data.get("name") or entry.data.get("email")
    if said:
        return str(said)
    if entry.subject_id is not None:
        return f"#{entry.subject_id}"
    return "somebody" if entry.subject == "user" else ""


def _filled(text: str, data: Mapping[str, str]) -> str:
    """The text with what the entry carries; without it, or with none of it, nothing."""
    try:
        filled = text.format_map(data)
    except (KeyError, IndexError, ValueError):
        return ""
    return "" if filled.startswith(("; 0 ", "; None")) else filled


def _spoken(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one).rstrip("_").replace("_", " ") for one in value)
    if isinstance(value, Mapping):
        return ", ".join(str(one) for one in value)
    return "as many as allowed" if value is None else str(value)
