"""Finding anything: partners, tags, emails and automations by name, pages and what can be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import reflex as rx
from sqlmodel import Session

from rxapp import routes
from rxapp.auth.roles import allows
from rxapp.db import finding
from rxapp.db.engine import reading
from rxapp.db.models import Role
from rxapp.db.search import fold
from rxapp.state import query
from rxapp.state.base import AppState, current_user, handler, run

LONGEST = 100


@dataclass
class Hit:
    """Something to go to."""

    label: str
    hint: str
    href: str


@dataclass
class HitGroup:
    """What was found of one kind."""

    name: str
    rows: list[Hit]


@dataclass(frozen=True, slots=True)
class Place:
    """A page or a deed, with other words people look for it by, for `role` and above."""

    label: str
    href: str
    words: str = ""
    role: Role = Role.VIEWER


PAGES = (
    Place("Home", routes.HOME, "overview dashboard start"),
    Place("Partners", routes.PARTNERS, "people contacts"),
    Place("Tags", routes.TAGS, "segments"),
    Place("Emails", routes.EMAILS, "templates"),
    Place("Automations", routes.AUTOMATIONS, "workflows"),
    Place("Sends", routes.SENDS, "history log outbox"),
    Place("Settings", routes.SETTINGS, "sender name logo colour footer"),
    Place(
        "Delivery", routes.DELIVERY, "settings resend api key domain webhook pause rate", Role.ADMIN
    ),
    Place("API keys", routes.API_KEYS, "settings token", Role.ADMIN),
    Place("People", routes.PEOPLE, "settings users invite roles team", Role.ADMIN),
    Place("Audit log", routes.AUDIT, "settings history changes", Role.ADMIN),
    Place("System", routes.SYSTEM, "settings worker health version database", Role.ADMIN),
    Place("Your account", routes.ACCOUNT, "password name sign out"),
)
DEEDS = (
    Place("Import partners", routes.IMPORT, "csv file upload add", Role.ADMIN),
    Place("Create automation", routes.NEW_AUTOMATION, "new", Role.ADMIN),
    Place("Failed emails", query.address(routes.SENDS, {"status": "failed"}), "errors sends"),
    Place("Waiting emails", query.address(routes.SENDS, {"status": "waiting"}), "queue sends"),
    Place(
        "Partners who have unsubscribed",
        query.address(routes.PARTNERS, {"consent": "unsubscribed"}),
        "consent",
    ),
)


class FinderState(AppState):
    """What was found last."""

    found: rx.Field[str] = rx.field(default="")
    groups: rx.Field[list[HitGroup]] = rx.field(default_factory=list)

    @handler("viewer", temporal=True)
    async def find(self, text: str) -> None:
        """Look for what is called like this; with nothing asked, show where to go."""
        asked = text[:LONGEST]
        self.groups = await run(_find, asked, current_user().role)
        self.found = text


def _find(text: str, role: Role) -> list[HitGroup]:
    words = fold(text).split()
    places = [
        HitGroup("Pages", _places(PAGES, words, role)),
        HitGroup("Do", _places(DEEDS, words, role)),
    ]
    if not words:
        return [group for group in reversed(places) if group.rows]
    with reading() as session:
        named = _named(session, text)
    return [group for group in [*named, *places] if group.rows]


def _places(places: Iterable[Place], words: list[str], role: Role) -> list[Hit]:
    return [
        Hit(place.label, "", place.href)
        for place in places
        if allows(role, place.role)
        and all(word in f"{place.label.lower()} {place.words}" for word in words)
    ]


def _named(session: Session, text: str) -> list[HitGroup]:
    partners = [
        Hit(one.name, one.hint, routes.partner(one.id)) for one in finding.partners(session, text)
    ]
    tags = [
        Hit(one.name, one.hint, query.address(routes.PARTNERS, {"tag": str(one.id)}))
        for one in finding.tags(session, text)
    ]
    emails = [
        Hit(one.name, one.hint, routes.email(one.id)) for one in finding.emails(session, text)
    ]
    automations = [
        Hit(one.name, one.hint, routes.automation(one.id))
        for one in finding.automations(session, text)
    ]
    return [
        HitGroup("Partners", partners),
        HitGroup("Tags", tags),
        HitGroup("Emails", emails),
        HitGroup("Automations", automations),
    ]
