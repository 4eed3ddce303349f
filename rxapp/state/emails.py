"""The list of emails, and what a new one can start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reflex.event import Event

from rxapp import routes
from rxapp.db import templates as sql
from rxapp.db.engine import reading
from rxapp.db.models import TemplateKind
from rxapp.domain import starters
from rxapp.state import email_deeds, query, say
from rxapp.state.base import AppState, current_user, given_back, handler, run
from rxapp.state.foreseen import counted

# Cards on a page: whole rows of two, three and four.
PAGE = 24
FILTERS = ("q", "kind", "sort", "archive", "page")


@dataclass
class EmailRow:
    """An email as its card shows it."""

    id: int = 0
    name: str = ""
    kind: str = ""
    subject: str = ""
    used: str = ""
    at: str = ""
    archived: bool = False
    # Where a frame finds it as it would be sent.
    picture: str = ""


@dataclass
class StarterCard:
    """An email that comes with the app, to start from."""

    slug: str
    name: str
    subject: str
    picture: str


@given_back
class EmailsState(AppState):
    """A page of the emails in use, or of those in the archive."""

    rows: list[EmailRow] = []
    starters: list[StarterCard] = []
    loading: bool = True
    filters: dict[str, str] = dict.fromkeys(FILTERS, "")
    filtered: bool = False
    archived: int = 0
    shown: str = ""
    has_previous: bool = False
    has_next: bool = False
    choosing: bool = False
    # The email that is about to be deleted; its id is 0 while none is.
    doomed: EmailRow = EmailRow()

    @handler("viewer")
    async def load(self) -> None:
        """Read the emails the address asks for."""
        asked = query.asked(self.router.url.query_parameters)
        self.filters = {name: asked.get(name, "") for name in FILTERS}
        self.filtered = bool(self.filters["q"] or self.filters["kind"])
        if not self._goes_on:
            self.choosing = False
        await self._read()
        self.loading = False

    @handler("viewer")
    async def search(self, text: str) -> Event:
        """Keep the emails whose name contains this."""
        return say.go(self._address(q=text.strip(), page=""), replace=True)

    @handler("viewer")
    async def narrow(self, name: str, value: str) -> Event:
        """Set one filter or the order, or take it away with an empty value."""
        return say.go(self._address(**{name: value, "page": ""}), replace=True)

    @handler("viewer")
    async def clear(self) -> Event:
        """Take the filters away."""
        return say.go(self._address(q="", kind="", page=""), replace=True)

    @handler("viewer")
    async def turn(self, step: int) -> Event:
        """Turn so many pages on."""
        return say.go(self._address(page=query.turned(self.filters, step)))

    @handler("viewer")
    async def set_choosing(self, opened: bool) -> None:
        """Open or close the choice of what to start from."""
        self.choosing = opened

    @handler("editor")
    async def duplicate(self, number: int) -> Event:
        """Make another email that says the same, and open it."""
        return say.go(routes.email(await run(email_deeds.duplicate, number, current_user().label)))

    @handler("editor")
    async def set_archived(self, number: int, archived: bool) -> Event:
        """Retire an email, or bring it back."""
        await run(email_deeds.archive, number, archived, current_user().label)
        await self._read()
        return say.success("Archived." if archived else "Restored.")

    @handler("editor")
    async def ask_delete(self, number: int) -> None:
        """Ask before deleting an email."""
        self.doomed = next((row for row in self.rows if row.id == number), EmailRow())

    @handler("editor")
    async def set_asking(self, asked: bool) -> None:
        """Close the question."""
        if not asked:
            self.doomed = EmailRow()

    @handler("editor")
    async def delete(self) -> Event:
        """Delete the email that was asked about; refused while something uses it."""
        number, self.doomed = self.doomed.id, EmailRow()
        await run(email_deeds.delete, number, current_user().label)
        await self._read()
        return say.success("Deleted.")

    def _address(self, **changes: str) -> str:
        return query.address(routes.EMAILS, {**self.filters, **changes})

    async def _read(self) -> None:
        found = await run(_page, self.filters)
        self.rows, self.starters, self.archived = found.rows, found.starters, found.archived
        place = query.Place(self.filters, PAGE, len(found.rows), found.total)
        self.has_previous, self.has_next = place.has_previous, place.has_next
        self.shown = place.shown(counted(found.total, "email"))


@dataclass(frozen=True)
class _Page:
    rows: list[EmailRow]
    total: int
    archived: int
    starters: list[StarterCard]


def _page(filters: Mapping[str, str]) -> _Page:
    kind = filters["kind"]
    with reading() as session:
        rows, total = sql.gallery(
            session,
            q=filters["q"],
            archived=bool(filters["archive"]),
            kind=TemplateKind(kind) if kind in set(TemplateKind) else None,
            by_name=filters["sort"] == "name",
            limit=PAGE,
            offset=(query.page(filters) - 1) * PAGE,
        )
        archived = sql.archived(session)
        senders = sql.senders(session, [row.id for row in rows])
    cards = [
        StarterCard(one.slug, one.name, one.subject, f"/api/studio/starters/{one.slug}")
        for one in starters.starters()
    ]
    return _Page([_row(row, senders.get(row.id, [])) for row in rows], total, archived, cards)


def _row(row: sql.TemplateRow, senders: list[str]) -> EmailRow:
    return EmailRow(
        id=row.id,
        name=row.name,
        kind=row.kind,
        subject=row.subject,
        used=_used(senders),
        at=row.updated_at.isoformat(),
        archived=row.archived_at is not None,
        # The version is named, so that a picture is loaded anew only once the email has changed.
        picture=f"/api/studio/emails/{row.id}?version={row.version}",
    )


def _used(senders: list[str]) -> str:
    if not senders:
        return "No automation sends it"
    others = f" and {len(senders) - 1} more" if len(senders) > 1 else ""
    return f"Sent by “{senders[0]}”{others}"
