"""The tags there are: how much each is used, and making, changing and retiring them."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx
from reflex.event import EventSpec

from rxapp import routes
from rxapp.db import history
from rxapp.db import tags as sql
from rxapp.db.engine import reading, writing
from rxapp.db.tags import TagRow
from rxapp.domain import tag_catalog
from rxapp.errors import InUse
from rxapp.state import query
from rxapp.state.base import AppState, current_user, handler, run

FILTERS = ("q", "archived")

# What a tag can be coloured with, for the page to offer.
COLORS = tag_catalog.COLORS


@dataclass
class TagLine:
    """A tag as the table shows it; moments are ISO 8601."""

    id: int = 0
    name: str = ""
    color: str = "gray"
    description: str = ""
    archived: bool = False
    partners: int = 0
    automations: int = 0
    assigned_at: str = ""


class TagsState(AppState):
    """The list of tags, and the dialogs about one of them."""

    rows: list[TagLine] = []
    loading: bool = True
    nothing: bool = False
    filters: dict[str, str] = {}
    # The tag that a dialog is about; without an id, one that is being made.
    tag: TagLine = TagLine()
    editing: bool = False
    deleting: bool = False
    # Why the tag cannot be deleted, once that was tried.
    refusal: str = ""

    @handler("viewer")
    async def load(self) -> None:
        """Read the tags the address asks for."""
        asked = self.router.url.query_parameters
        self.filters = {name: asked.get(name, "") for name in FILTERS}
        await self._read()
        self.loading = False

    @handler("viewer")
    async def search(self, text: str) -> EventSpec:
        """Keep the tags whose name contains this."""
        return rx.redirect(self._address(q=text.strip()), replace=True)

    @handler("viewer")
    async def show_archived(self, choice: str | list[str]) -> EventSpec:
        """Look at the archived tags, or at the ones in use."""
        return rx.redirect(self._address(archived="" if choice == "active" else "1"), replace=True)

    @handler("editor")
    async def new(self) -> None:
        """Open the dialog for a new tag."""
        self.tag, self.errors, self.editing = TagLine(color="indigo"), {}, True

    @handler("editor")
    async def edit(self, tag_id: int) -> None:
        """Open the dialog to change a tag."""
        self.tag, self.errors, self.editing = self._row(tag_id), {}, True

    @handler("viewer")
    async def set_editing(self, opened: bool) -> None:
        """Close the dialog."""
        self.editing = opened

    @handler("editor", form=True)
    async def save(self, form: dict[str, str]) -> EventSpec:
        """Make the tag, or change it."""
        name = await run(_save, self.tag.id, form, current_user().label)
        self.editing = False
        await self._read()
        return rx.toast.success(f"“{name}” is saved.")

    @handler("editor")
    async def archive(self, tag_id: int) -> EventSpec:
        """Retire a tag: who has it keeps it, nobody can be given it."""
        await run(_archive, tag_id, current_user().label)
        self.deleting = False
        await self._read()
        return rx.toast.success("The tag is archived. Nobody new can be given it.")

    @handler("editor")
    async def restore(self, tag_id: int) -> EventSpec:
        """Bring an archived tag back."""
        await run(_restore, tag_id, current_user().label)
        await self._read()
        return rx.toast.success("The tag is back.")

    @handler("editor")
    async def ask_delete(self, tag_id: int) -> None:
        """Open the dialog that asks before deleting."""
        self.tag, self.refusal, self.deleting = self._row(tag_id), "", True

    @handler("viewer")
    async def set_deleting(self, opened: bool) -> None:
        """Close that dialog."""
        self.deleting = opened

    @handler("editor")
    async def delete(self) -> EventSpec | None:
        """Delete the tag, or say what still uses it."""
        try:
            await run(_delete, self.tag.id, current_user().label)
        except InUse as used:
            self.refusal = used.sentence
            return None
        self.deleting = False
        await self._read()
        return rx.toast.success(f"“{self.tag.name}” is deleted.")

    def _address(self, **changes: str) -> str:
        return query.address(routes.TAGS, {**self.filters, **changes})

    def _row(self, tag_id: int) -> TagLine:
        return next((row for row in self.rows if row.id == tag_id), TagLine(id=tag_id))

    async def _read(self) -> None:
        archived = bool(self.filters.get("archived", ""))
        self.rows = await run(_rows, self.filters.get("q", ""), archived)
        self.nothing = not self.rows


def _rows(name: str, archived: bool) -> list[TagLine]:
    with reading() as session:
        rows = sql.page(session, name_key=tag_catalog.normalize(name), archived=archived)
        assigned = history.last_assigned(session)
    return [_line(row, assigned[row.id].isoformat() if row.id in assigned else "") for row in rows]


def _line(row: TagRow, assigned_at: str) -> TagLine:
    return TagLine(
        id=row.id,
        name=row.name,
        color=row.color,
        description=row.description,
        archived=row.archived_at is not None,
        partners=row.partners,
        automations=row.automations,
        assigned_at=assigned_at,
    )


def _save(tag_id: int, form: dict[str, str], actor: str) -> str:
    """The name under which the tag was saved."""
    name, color = form.get("name", ""), form.get("color", "gray")
    description = form.get("description", "")
    with writing() as session:
        if not tag_id:
            made = tag_catalog.create(
                session, name, color=color, description=description, actor=actor
            )
            return made.name
        changed = tag_catalog.update(
            session, tag_id, name=name, color=color, description=description, actor=actor
        )
        return changed.name


def _archive(tag_id: int, actor: str) -> None:
    with writing() as session:
        tag_catalog.archive(session, tag_id, actor=actor)


def _restore(tag_id: int, actor: str) -> None:
    with writing() as session:
        tag_catalog.unarchive(session, tag_id, actor=actor)


def _delete(tag_id: int, actor: str) -> None:
    with writing() as session:
        tag_catalog.delete(session, tag_id, actor=actor)
