"""Sign-ins in the audit log: who came in, and who tried to.

Anybody can fail to sign in, as often as they like. So failures are summed, by account and network
address and hour, and beyond some in an hour all others in one more entry: a stranger can neither
fill the disk nor bury what matters. What was typed is kept if it is an address, for it may be a
password in the wrong field.
"""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from rxapp.db import access, users
from rxapp.db import audit as sql
from rxapp.db.models import AuditEntry, User
from rxapp.db.types import utcnow
from rxapp.domain import audit, people
from rxapp.domain.text import email_key
from rxapp.errors import InvalidInput

WINDOW = timedelta(hours=1)
# Entries of failures an hour before the rest is summed: for each person, and for nobody's address.
MOST_PER_PERSON = 5
MOST_FOR_NOBODY = 10
# So many entries are looked at to find those: more than any hour makes.
LOOKED_AT = 50
SOMEBODY = "somebody"
MANY = "many addresses"


def came_in(session: Session, user: User, *, address: str, browser: str) -> None:
    """Somebody was signed in, by their password or a link."""
    audit.record(
        session, user.email, "signin", user.id, "signed_in", address=address, browser=browser
    )


def failed(session: Session, typed: str, *, address: str, browser: str, checked: bool) -> None:
    """Somebody gave a wrong password for `typed`, or (not `checked`) was told to wait."""
    access.lock_attempts(session)  # or two at once would each begin an entry
    user = users.by_email_key(session, email_key(typed))
    email, most = (user.email, MOST_PER_PERSON) if user else (_address(typed), MOST_FOR_NOBODY)
    recent = _recent(session, user.id if user else None)
    this, others = (email, address), (email if user else MANY, MANY)
    entry = recent.get(this)
    if entry is None and len(recent) >= most:
        entry, this, browser = recent.get(others), others, "any browser"
    if entry is not None:
        entry.data = _counted(entry.data, checked=checked)
        return
    data = {"email": this[0], "address": this[1], "browser": browser}
    data = _counted(data, checked=checked)
    audit.record(session, SOMEBODY, "signin", user.id if user else None, "failed", **data)


def _recent(session: Session, user_id: int | None) -> dict[tuple[str, str], AuditEntry]:
    """The failures of the last hour, by account and address."""
    since = utcnow() - WINDOW
    return {
        (entry.data["email"], entry.data["address"]): entry
        for entry in sql.latest(session, "signin", user_id, LOOKED_AT)
        if entry.action == "failed" and entry.at > since
    }


def _counted(data: dict[str, Any], *, checked: bool) -> dict[str, Any]:
    """The entry's data with one more failure; `times` says how many in words."""
    wrong = data.get("wrong", 0) + checked
    turned_away = data.get("turned_away", 0) + (not checked)
    said = [f"{wrong} time{'s' if wrong != 1 else ''}"] if wrong else []
    said += [f"turned away {turned_away} time{'s' if turned_away != 1 else ''}"] * (turned_away > 0)
    return data | {"wrong": wrong, "turned_away": turned_away, "times": ", ".join(said)}


def _address(typed: str) -> str:
    try:
        return email_key(people.address(typed))
    except InvalidInput:
        return "(no address)"
