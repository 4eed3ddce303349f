"""Merging a tag into another one: what that does is said first, in numbers and names."""

from __future__ import annotations

from dataclasses import replace

from reflex.event import Event, EventCallback

from rxapp.db import tags as sql
from rxapp.db.engine import reading, writing
from rxapp.domain import tag_catalog, tag_merge
from rxapp.domain.tag_merge import Merging
from rxapp.domain.text import as_id
from rxapp.errors import InvalidInput, RxappError
from rxapp.state import say
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.foreseen import Foreseen, ForeseenLine, counted, people
from rxapp.state.options import Option
from rxapp.state.tags import TagsState


class TagMergeState(AppState):
    """The dialog that merges a tag into another one."""

    opened: bool = False
    name: str = ""
    tags: list[Option] = []
    into: str = ""
    answer: Foreseen = Foreseen()
    # Why these two cannot be merged.
    refusal: str = ""
    ready: bool = False

    _tag: int = 0

    @handler("admin")
    async def open(self, tag_id: int) -> None:
        """Ask which tag this one is merged into."""
        self._tag = tag_id
        self.name, self.tags = await run(_choices, tag_id)
        self.into, self.answer, self.refusal, self.ready = "", Foreseen(), "", False
        self.opened = True

    @handler("viewer")
    async def set_opened(self, opened: bool) -> None:
        """Close the dialog; nothing was merged."""
        self.opened = opened

    @handler("admin")
    async def pick(self, into: str) -> None:
        """Choose the tag that stays, and see what merging does."""
        self.into, self.answer, self.refusal = into, Foreseen(), ""
        try:
            self.answer = told(await run(_plan, self._tag, as_id(into) or 0))
        except RxappError as error:
            self.refusal = error.sentence
        self.ready = not self.refusal

    @handler("admin")
    async def merge(self) -> list[Event | EventCallback[()]]:
        """Merge them."""
        if not self.ready:
            raise InvalidInput("Choose the tag to merge it into first.")
        done = await run(_merge, self._tag, as_id(self.into) or 0, current_user().label)
        self.opened = False
        words = f"“{done.tag}” is merged into “{done.into}”. Nobody was emailed."
        return [say.success(words), TagsState.refresh]


def told(merging: Merging) -> Foreseen:
    """What merging does, in the order a person asks for it."""
    tag, into = merging.tag, merging.into
    lines = [ForeseenLine("skip", "No email is sent.")]
    if merging.both:
        have = "partner has" if merging.both == 1 else "partners have"
        lines.append(ForeseenLine("tag", f"{merging.both:,} {have} both, and “{into}” stays once."))
    if merging.starts:
        starts = f"start with “{into}” instead: whoever is given it from now on sets them off."
        if len(merging.starts) == 1:
            starts = f"starts with “{into}” instead: whoever is given it from now on sets it off."
        number = counted(len(merging.starts), "automation")
        lines.append(ForeseenLine("tag", f"{number} {starts}", ", ".join(merging.starts)))
    if merging.sets:
        number = counted(len(merging.sets), "automation")
        verb = "names" if len(merging.sets) == 1 else "name"
        words = f"{number} {verb} “{into}” in its place."
        lines.append(ForeseenLine("tag", words, ", ".join(merging.sets)))
    if merging.skipped:
        emails = counted(merging.skipped, "delayed email")
        verb = "is" if merging.skipped == 1 else "are"
        lines.append(
            ForeseenLine("skip", f"{emails} to those who have both {verb} skipped when due.")
        )
    lines.append(
        ForeseenLine(
            "tag", f"“{tag}” is archived: imports and programs that still assign it are refused."
        )
    )
    moved = f"{people(merging.moved)} with “{tag}” get “{into}” instead."
    if merging.moved == 1:
        moved = f"1 partner with “{tag}” gets “{into}” instead."
    headline = moved if merging.moved else f"Nobody has “{tag}” without “{into}”."
    return replace(Foreseen(), headline=headline, lines=lines)


def _choices(tag_id: int) -> tuple[str, list[Option]]:
    with reading() as session:
        name = tag_catalog.find(session, tag_id).name
        rows = sql.page(session)
    others = [row for row in rows if row.id != tag_id]
    return name, [Option(str(one.id), one.name, people(one.partners), one.color) for one in others]


def _plan(tag_id: int, into_id: int) -> Merging:
    with reading() as session:
        return tag_merge.plan(session, tag_id, into_id)


def _merge(tag_id: int, into_id: int, actor: str) -> Merging:
    with writing() as session:
        return tag_merge.merge(session, tag_id, into_id, actor)
