"""The list of emails, and what a new one can start from."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from rxapp import routes
from rxapp.db import templates as sql
from rxapp.db.engine import reading, writing
from rxapp.domain import starters, templates
from rxapp.state.base import AppState, current_user, handler, run


@dataclass
class EmailRow:
    """An email as the list shows it."""

    id: int = 0
    name: str = ""
    kind: str = ""
    subject: str = ""
    used: str = ""
    at: str = ""
    archived: bool = False


@dataclass
class StarterCard:
    """An email that comes with the app, to start from."""

    slug: str
    name: str
    subject: str


class EmailsState(AppState):
    """All emails, those in use or those in the archive."""

    rows: list[EmailRow] = []
    starters: list[StarterCard] = []
    loading: bool = True
    archive: bool = False
    archived: int = 0
    choosing: bool = False
    # The email that is about to be deleted; its id is 0 while none is.
    doomed: EmailRow = EmailRow()

    @handler("viewer")
    async def load(self) -> None:
        """Read the list."""
        self.archive = bool(self.router.url.query_parameters.get("archive"))
        self.choosing = False
        await self._read()
        self.loading = False

    @handler("viewer")
    async def set_choosing(self, opened: bool) -> None:
        """Open or close the choice of what to start from."""
        self.choosing = opened

    @handler("editor")
    async def duplicate(self, number: int) -> EventSpec:
        """Make another email that says the same, and open it."""
        return rx.redirect(routes.email(await run(_duplicate, number, current_user().label)))

    @handler("editor")
    async def set_archived(self, number: int, archived: bool) -> EventSpec:
        """Retire an email, or bring it back."""
        await run(_archive, number, archived, current_user().label)
        await self._read()
        return rx.toast.success("Archived." if archived else "Restored.")

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
    async def delete(self) -> EventSpec:
        """Delete the email that was asked about; refused while something uses it."""
        number, self.doomed = self.doomed.id, EmailRow()
        await run(_delete, number, current_user().label)
        await self._read()
        return rx.toast.success("Deleted.")

    async def _read(self) -> None:
        self.rows, self.archived, self.starters = await run(_read, self.archive)


def _read(archive: bool) -> tuple[list[EmailRow], int, list[StarterCard]]:
    with reading() as session:
        rows = sql.page(session, archived=None)
    shown = [_row(row) for row in rows if (row.archived_at is not None) == archive]
    archived = sum(row.archived_at is not None for row in rows)
    cards = [StarterCard(one.slug, one.name, one.subject) for one in starters.starters()]
    return shown, archived, cards


def _row(row: sql.TemplateRow) -> EmailRow:
    return EmailRow(
        id=row.id,
        name=row.name,
        kind=row.kind,
        subject=row.subject,
        used=_used(row.automations),
        at=row.updated_at.isoformat(),
        archived=row.archived_at is not None,
    )


def _used(automations: int) -> str:
    if not automations:
        return "not used"
    return "1 automation" if automations == 1 else f"{automations} automations"


def _duplicate(number: int, author: str) -> int:
    with writing() as session:
        return templates.duplicate(session, number, author).id


def _archive(number: int, archived: bool, author: str) -> None:
    with writing() as session:
        change = templates.archive if archived else templates.unarchive
        change(session, number, author)


def _delete(number: int, author: str) -> None:
    with writing() as session:
        templates.delete(session, number, author)
