"""Settings, the audit log: who did what and when, filtered by what stands in the address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from reflex.event import Event
from sqlmodel import Session

from rxapp import routes
from rxapp.db import audit as sql
from rxapp.db.audit import AuditFilter
from rxapp.db.engine import reading
from rxapp.db.models import AuditEntry
from rxapp.domain import audit_words
from rxapp.state import query, say
from rxapp.state.base import AppState, handler, run
from rxapp.state.options import Option

PAGE = 50
FILTERS = ("q", "actor", "subject", "since", "until")
# Where a subject has a page of its own.
_PAGES = {
    "partner": routes.partner,
    "template": routes.email,
    "automation": routes.automation,
    "send": routes.send,
}


@dataclass
class EntryLine:
    """One entry as a sentence in pieces; `href` leads to what it was done to."""

    id: int = 0
    actor: str = ""
    did: str = ""
    name: str = ""
    href: str = ""
    rest: str = ""
    at: str = ""


class AuditState(AppState):
    """One page of the log, newest first."""

    rows: list[EntryLine] = []
    loading: bool = True
    filters: dict[str, str] = {}
    filtered: bool = False
    newer: bool = False
    older: bool = False
    actors: list[Option] = []

    @handler("admin")
    async def load(self) -> None:
        """Read the page the address asks for."""
        asked = query.asked(self.router.url.query_parameters)
        self.filters = {name: asked.get(name, "") for name in FILTERS}
        self.filtered = any(self.filters.values())
        self.rows, self.newer, self.older, self.actors = await run(_page, asked)
        self.loading = False

    @handler("admin")
    async def narrow(self, name: str, value: str) -> Event:
        """Set one filter, or take it away with an empty value."""
        return say.go(self._address(**{name: value}), replace=True)

    @handler("admin")
    async def search(self, text: str) -> Event:
        """Keep the entries that name this."""
        return say.go(self._address(q=text.strip()), replace=True)

    @handler("admin")
    async def clear(self) -> Event:
        """Take all filters away."""
        return say.go(routes.AUDIT)

    @handler("admin")
    async def show_older(self) -> Event:
        """Turn to the page with older entries."""
        return say.go(self._address(before=str(self.rows[-1].id if self.rows else "")))

    @handler("admin")
    async def show_newer(self) -> Event:
        """Turn to the page with newer entries."""
        return say.go(self._address(after=str(self.rows[0].id if self.rows else "")))

    def _address(self, **changes: str) -> str:
        return query.address(routes.AUDIT, {**self.filters, **changes})


def _page(asked: Mapping[str, str]) -> tuple[list[EntryLine], bool, bool, list[Option]]:
    wanted = AuditFilter(
        actor=asked.get("actor", ""),
        subject=asked.get("subject", "") if asked.get("subject") in audit_words.SUBJECTS else "",
        q=asked.get("q", ""),
        since=query.moment(asked, "since"),
        until=query.moment(asked, "until"),
    )
    with reading() as session:
        found, newer, older = _entries(
            session, wanted, query.number(asked, "before"), query.number(asked, "after")
        )
        actors = [Option(one, one) for one in sql.actors(session)]
        return _lines(session, found), newer, older, actors


def _entries(
    session: Session, wanted: AuditFilter, before: int | None, after: int | None
) -> tuple[list[AuditEntry], bool, bool]:
    """A page, and whether there are newer and older entries."""
    if after is not None:
        rows = sql.page_before(session, wanted, after=after, limit=PAGE + 1)
        if len(rows) > PAGE:
            return rows[-PAGE:], True, True
        # The newest page is always a full one.
        before = None
    rows = sql.page(session, wanted, before=before, limit=PAGE + 1)
    return rows[:PAGE], before is not None, len(rows) > PAGE


def _lines(session: Session, found: list[AuditEntry]) -> list[EntryLine]:
    ids: dict[str, set[int]] = defaultdict(set)
    for one in found:
        if one.subject_id is not None:
            ids[one.subject].add(one.subject_id)
    named = {subject: sql.names(session, subject, wanted) for subject, wanted in ids.items()}
    return [_line(one, named.get(one.subject, {}).get(one.subject_id or 0)) for one in found]


def _line(entry: AuditEntry, name: str | None) -> EntryLine:
    said = audit_words.say(entry, name or "")
    page = _PAGES.get(entry.subject)
    there = page is not None and (name is not None or entry.subject == "send")
    return EntryLine(
        id=entry.id,
        # An address stays as it is; "the command line" begins a sentence.
        actor=said.actor if "@" in said.actor else said.actor[:1].upper() + said.actor[1:],
        did=said.did,
        name=said.name,
        href=page(entry.subject_id) if page and there else "",
        rest=said.rest,
        at=entry.at.isoformat(),
    )
