"""The tags there are: how much each is used, and making, changing and retiring them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import get_args

from reflex.event import Event

from rxapp import routes
from rxapp.db import tags as sql
from rxapp.db.engine import reading, writing
from rxapp.db.tags import Sort, TagRow
from rxapp.domain import tag_catalog
from rxapp.domain.usage import User
from rxapp.errors import InUse
from rxapp.state import query, say
from rxapp.state.base import AppState, current_user, given_back, handler, run
from rxapp.state.foreseen import counted, people
from rxapp.state.meanwhile import ChangedMeanwhile, mine

PAGE = 50
FILTERS = ("q", "archived", "sort", "page")
# What the form of a tag asks for.
WORDS = ("name", "color", "description")

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
    # How many automations it sets off, and how many add or remove it.
    starts: int = 0
    sets: int = 0
    assigned_at: str = ""


@dataclass
class UserLine:
    """What uses a tag, and where to see it; without an address there is nothing to see."""

    words: str
    href: str


@given_back
class TagsState(AppState):
    """The list of tags, and the dialogs about one of them."""

    rows: list[TagLine] = []
    loading: bool = True
    nothing: bool = False
    filters: dict[str, str] = {}
    shown: str = ""
    has_previous: bool = False
    has_next: bool = False
    # The tag that a dialog is about; without an id, one that is being made.
    tag: TagLine = TagLine()
    editing: bool = False
    deleting: bool = False
    # What uses the tag; why it cannot be deleted.
    users: list[UserLine] = []
    refusal: str = ""

    @handler("viewer")
    async def load(self) -> None:
        """Read the tags the address asks for."""
        asked = query.asked(self.router.url.query_parameters)
        self.filters = {name: asked.get(name, "") for name in FILTERS}
        await self._read()
        self.loading = False

    @handler("viewer")
    async def search(self, text: str) -> Event:
        """Keep the tags whose name contains this."""
        return say.go(self._address(q=text.strip(), page=""), replace=True)

    @handler("viewer")
    async def sort_by(self, column: str) -> Event:
        """Sort by a column: numbers and moments from the top, and the other way round next."""
        first = column if column == "name" else f"-{column}"
        other = f"-{column}" if column == "name" else column
        now = self.filters["sort"] or "name"
        return say.go(self._address(sort=other if now == first else first, page=""), replace=True)

    @handler("viewer")
    async def turn(self, step: int) -> Event:
        """Turn so many pages on."""
        return say.go(self._address(page=query.turned(self.filters, step)))

    @handler("viewer")
    async def clear(self) -> Event:
        """Look at all tags again."""
        return say.go(self._address(q="", page=""), replace=True)

    @handler("viewer", temporal=True)
    async def refresh(self) -> None:
        """See what has changed meanwhile."""
        if not self.loading:
            await self._read()

    @handler("viewer")
    async def show_archived(self, choice: str | list[str]) -> Event:
        """Look at the archived tags, or at the ones in use."""
        archived = "" if choice == "active" else "1"
        return say.go(self._address(archived=archived, page=""), replace=True)

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
    async def save(self, form: dict[str, str]) -> Event:
        """Make the tag, or change it."""
        shown = {name: getattr(self.tag, name) for name in WORDS}
        try:
            name = await run(_save, self.tag.id, shown, form, current_user().label)
        except ChangedMeanwhile as clash:
            self.tag = TagLine(**asdict(self.tag) | {clash.name: clash.now})
            raise
        self.editing = False
        await self._read()
        return say.success(f"“{name}” is saved.")

    @handler("editor")
    async def archive(self, tag_id: int) -> Event:
        """Retire a tag: who has it keeps it, nobody can be given it."""
        await run(_archive, tag_id, current_user().label)
        self.deleting = False
        await self._read()
        return say.success("The tag is archived. Nobody new can be given it.")

    @handler("editor")
    async def restore(self, tag_id: int) -> Event:
        """Bring an archived tag back."""
        await run(_restore, tag_id, current_user().label)
        await self._read()
        return say.success("The tag is back.")

    @handler("editor")
    async def ask_delete(self, tag_id: int) -> None:
        """Open the dialog that asks before deleting, or says what uses the tag."""
        self.tag, self.deleting = self._row(tag_id), True
        self.users, self.refusal = await run(_usage, tag_id)

    @handler("viewer")
    async def set_deleting(self, opened: bool) -> None:
        """Close that dialog."""
        self.deleting = opened

    @handler("editor")
    async def delete(self) -> Event | None:
        """Delete the tag, or say what still uses it."""
        try:
            await run(_delete, self.tag.id, current_user().label)
        except InUse as used:
            # Somebody has begun to use it since the dialog was opened.
            self.users, _ = await run(_usage, self.tag.id)
            self.refusal = used.sentence
            return None
        self.deleting = False
        await self._read()
        return say.success(f"“{self.tag.name}” is deleted.")

    def _address(self, **changes: str) -> str:
        return query.address(routes.TAGS, {**self.filters, **changes})

    def _row(self, tag_id: int) -> TagLine:
        return next((row for row in self.rows if row.id == tag_id), TagLine(id=tag_id))

    async def _read(self) -> None:
        self.rows, total = await run(_rows, self.filters)
        self.nothing = not self.rows
        place = query.Place(self.filters, PAGE, len(self.rows), total)
        self.has_previous, self.has_next = place.has_previous, place.has_next
        self.shown = place.shown(counted(total, "tag"))


def _rows(filters: Mapping[str, str]) -> tuple[list[TagLine], int]:
    sort: Sort = next((one for one in get_args(Sort) if one == filters.get("sort")), "name")
    q = filters.get("q", "")
    archived = bool(filters.get("archived"))
    offset = (query.page(filters) - 1) * PAGE
    with reading() as session:
        rows = sql.listed(session, q=q, archived=archived, sort=sort, limit=PAGE, offset=offset)
        return [line(row) for row in rows], sql.count(session, q=q, archived=archived)


def line(row: TagRow) -> TagLine:
    """A tag as the table shows it."""
    return TagLine(
        id=row.id,
        name=row.name,
        color=row.color,
        description=row.description,
        archived=row.archived_at is not None,
        partners=row.partners,
        starts=row.starts,
        sets=row.sets,
        assigned_at=row.assigned_at.isoformat() if row.assigned_at else "",
    )


def _usage(tag_id: int) -> tuple[list[UserLine], str]:
    """What uses a tag, and why it cannot be deleted; an empty sentence when it can."""
    with reading() as session:
        name = tag_catalog.find(session, tag_id).name
        users = [_user(one, tag_id) for one in tag_catalog.used_by(session, tag_id)]
        if users:
            return users, f"“{name}” cannot be deleted, because it is used:"
        if sql.has_history(session, tag_id):
            return [], (
                f"“{name}” cannot be deleted: the history of tags and emails names it. Archived, "
                "it is out of the way and nobody can be given it."
            )
    return [], ""


def _user(user: User, tag_id: int) -> UserLine:
    if "name" in user:
        return UserLine(f"the automation “{user['name']}”", routes.automation(user["id"]))
    number = user["count"]
    if user["kind"] == "partners":
        have = "has" if number == 1 else "have"
        return UserLine(f"{people(number)} who {have} it", f"{routes.PARTNERS}?tag={tag_id}")
    waiting = f"{routes.SENDS}?tag={tag_id}&status=waiting"
    return UserLine(f"{counted(number, 'email')} waiting to leave", waiting)


def _save(tag_id: int, shown: Mapping[str, str], form: Mapping[str, str], actor: str) -> str:
    """The name under which the tag was saved."""
    typed = {"name": "", "color": "gray", "description": ""} | {
        name: form[name] for name in WORDS if name in form
    }
    with writing() as session:
        if not tag_id:
            return tag_catalog.create(session, **typed, actor=actor).name
        tag = tag_catalog.find(session, tag_id)
        changes = mine(shown, typed, {name: getattr(tag, name) for name in WORDS})
        return tag_catalog.update(session, tag_id, **changes, actor=actor).name


def _archive(tag_id: int, actor: str) -> None:
    with writing() as session:
        tag_catalog.archive(session, tag_id, actor=actor)


def _restore(tag_id: int, actor: str) -> None:
    with writing() as session:
        tag_catalog.unarchive(session, tag_id, actor=actor)


def _delete(tag_id: int, actor: str) -> None:
    with writing() as session:
        tag_catalog.delete(session, tag_id, actor=actor)
