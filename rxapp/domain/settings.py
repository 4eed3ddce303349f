"""The program's own settings: who it is, how its mail looks, and whether it sends at all."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlmodel import Session

from rxapp.config import get_settings
from rxapp.db import pace, sends
from rxapp.db import settings as sql
from rxapp.db.engine import wakes_dispatcher
from rxapp.db.types import utcnow
from rxapp.domain import audit, restored
from rxapp.domain.text import as_id, email_address, one_line, required
from rxapp.errors import InvalidInput

UNDO_LIMIT_SECONDS = 600
# What becomes of the emails that were held while sending was paused.
Held = Literal["send", "discard", "discard_due"]
# How long the app may keep what emails said, in days. None is shorter than what is still under way.
KEEP_DAYS = {"0": "For ever", "730": "2 years", "365": "1 year", "90": "90 days", "30": "30 days"}

# How long it may keep how the work was done: whom bulk actions were about, the provider's events.
# The shortest is longer than a provider goes on telling of an email.
KEEP_TRACES = {"0": "For ever", "365": "1 year", "90": "90 days", "30": "30 days"}


@dataclass(frozen=True, slots=True)
class Program:
    """The program as its emails and pages know it.

    `from_` is the sender (`Name <a@b>`), `address` the postal address in the footer,
    `undo_seconds` how long the emails of a bulk action from the dashboard wait, `keep_days` how
    long the log keeps what emails said (0: for ever), `keep_traces` how long the app keeps lists of
    bulk actions and imports, and the provider's events as they came in.
    """

    name: str = "Partner program"
    address: str = ""
    from_: str = ""
    reply_to: str = ""
    website: str = ""
    logo_url: str = ""
    color: str = "#3b5bdb"
    undo_seconds: int = 30
    keep_days: int = 0
    keep_traces: int = 90
    paused: bool = False


def program(session: Session) -> Program:
    """The settings now; the sender is the environment's until it is set in the app."""
    stored = sql.stored(session)
    known = {one.name: stored[one.name] for one in fields(Program) if one.name in stored}
    if not known.get("from_"):
        known["from_"] = get_settings().rxapp_from
    return Program(**known)


def update(session: Session, changes: Mapping[str, Any], actor: str) -> Program:
    """Change settings by the names of `Program`; raises InvalidInput with the field it is about.

    Sending is paused and resumed with `pause` and `resume`, not here.
    """
    unknown = [name for name in changes if name not in _CHECKS]
    if unknown:
        raise InvalidInput(f"There is no setting “{unknown[0]}”.", unknown[0])
    before = asdict(program(session))
    checked = {name: _CHECKS[name](value, name) for name, value in changes.items()}
    changed = {name: value for name, value in checked.items() if value != before[name]}
    if changed:
        sql.store(session, changed)
        audit.record(session, actor, "settings", None, "updated", changed=sorted(changed))
        if changed.keys() & {"from_", "reply_to"}:
            # The provider may have refused the one before.
            pace.try_now(session, utcnow())
            wakes_dispatcher(session)
    return program(session)


def draft(session: Session, typed: Mapping[str, Any]) -> Program:
    """The program as it would be with what is typed so far; what cannot be stays as it is."""
    wanted = {}
    for name, value in typed.items():
        if name in _CHECKS:
            with suppress(InvalidInput):
                wanted[name] = _CHECKS[name](value, name)
    if not wanted.get("from_"):
        wanted.pop("from_", None)
    return replace(program(session), **wanted)


def pause(session: Session, actor: str) -> None:
    """Stop sending, program-wide; assignments go on being decided and their emails wait."""
    if not program(session).paused:
        sql.store(session, {"paused": True})
        audit.record(session, actor, "settings", None, "paused")


def resume(session: Session, actor: str, held: Held) -> int:
    """Send again; returns how many of the held emails were discarded, if that was asked for.

    Held are those whose time came while sending was paused: a reminder that is due next week is
    not, and stays. After a backup was restored, `discard` is about what waited when it was made,
    for later too; `discard_due` leaves what is for later, and what was decided since always stays.
    """
    if not program(session).paused:
        return 0
    discarded = 0 if held == "send" else _discard_held(session, later=held == "discard")
    restored.answered(session)
    sql.store(session, {"paused": False})
    audit.record(session, actor, "settings", None, "resumed", held=held, discarded=discarded)
    wakes_dispatcher(session)
    return discarded


def _discard_held(session: Session, *, later: bool) -> int:
    asked = restored.question(session)
    if asked is not None:
        return restored.discard(session, asked, later=later)
    return sends.cancel_due(session, "discarded", utcnow())


def held(session: Session) -> int:
    """How many emails wait only because sending is paused."""
    return sends.count_due(session, utcnow())


def sender(value: str, field: str = "from_") -> str:
    """A sender, `Name <a@b>` or `a@b`, in its usual form; raises InvalidInput."""
    typed = one_line(value, field, 320)
    named = re.fullmatch(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>", typed)
    address = email_address(named["address"] if named else typed, field)
    # Quotes and backslashes would need escaping, and nobody's name has them.
    name = re.sub(r'["\\]', "", named["name"]).strip() if named else ""
    if not name:
        return address
    # RFC 5322, 3.2.3: a name with one of these characters stands in quotes.
    return f'"{name}" <{address}>' if re.search(r"[,;:@()\[\].]", name) else f"{name} <{address}>"


def _sender_or_default(value: Any, field: str) -> str:
    return sender(str(value), field) if value else ""


def _reply_to(value: Any, field: str) -> str:
    return email_address(str(value), field) if value else ""


def _postal_address(value: Any, field: str) -> str:
    lines = [one_line(line, field, 200) for line in str(value or "").splitlines()]
    return "\n".join(line for line in lines if line)[:1000]


def _web_address(value: Any, field: str) -> str:
    address = one_line(str(value or ""), field, 500)
    parts = urlsplit(address)
    if address and not (parts.scheme in ("http", "https") and parts.hostname):
        raise InvalidInput(
            "A web address starts with https:// and names a site, such as https://acme.com.", field
        )
    return address


def _color(value: Any, field: str) -> str:
    color = str(value).strip().lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", color):
        raise InvalidInput("A color is written as # and six digits, such as #3b5bdb.", field)
    return color


def _seconds(value: Any, field: str) -> int:
    typed = str(value).strip()
    if isinstance(value, bool) or not typed.isdecimal():
        raise InvalidInput("The undo time is a whole number of seconds.", field)
    seconds = as_id(typed)
    if seconds is None or seconds > UNDO_LIMIT_SECONDS:
        raise InvalidInput(f"The undo time is at most {UNDO_LIMIT_SECONDS} seconds.", field)
    return seconds


def _days(offered: Mapping[str, str]) -> Callable[[Any, str], int]:
    def check(value: Any, field: str) -> int:
        if str(value).strip() not in offered:
            raise InvalidInput("Choose one of the times that are offered.", field)
        return int(value)

    return check


_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "name": lambda value, field: required(str(value or ""), field, 100),
    "address": _postal_address,
    "from_": _sender_or_default,
    "reply_to": _reply_to,
    "website": _web_address,
    "logo_url": _web_address,
    "color": _color,
    "undo_seconds": _seconds,
    "keep_days": _days(KEEP_DAYS),
    "keep_traces": _days(KEEP_TRACES),
}
