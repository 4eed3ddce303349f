"""The list of automations, each as a sentence with a switch."""

from __future__ import annotations

from dataclasses import dataclass, field

import reflex as rx
from reflex.event import EventSpec

from rxapp import routes
from rxapp.db import automations as sql
from rxapp.db import tags as tag_reads
from rxapp.db.automations import ActionView, AutomationView
from rxapp.db.engine import reading, writing
from rxapp.domain import automations
from rxapp.domain.settings import program
from rxapp.state import query
from rxapp.state.base import AppState, current_user, handler, run


@dataclass
class StepWords:
    """A step in words ("after 2 days send"), and what it is done to."""

    words: str
    target: str
    email: bool
    href: str


@dataclass
class AutomationRow:
    """An automation as the list shows it."""

    id: int = 0
    name: str = ""
    # Empty where the sentence is all there is to say.
    title: str = ""
    tag: str = ""
    color: str = "gray"
    steps: list[StepWords] = field(default_factory=list)
    enabled: bool = False
    fired: str = ""


class AutomationsState(AppState):
    """All automations, in the order they run in."""

    rows: list[AutomationRow] = []
    loading: bool = True
    # The name of the tag the list is kept to, if it is.
    about: str = ""
    # The automation a question is about, and how many partners have its tag already.
    asked: AutomationRow = AutomationRow()
    existing: int = 0
    switching: bool = False
    deleting: bool = False

    _tag: int | None = None

    @handler("viewer")
    async def load(self) -> None:
        """Read the list; with a tag in the address, of those that have to do with it."""
        self.switching = self.deleting = False
        self._tag = query.number(self.router.url.query_parameters, "tag")
        await self._read()
        self.loading = False

    @handler("admin")
    async def switch(self, number: int, on: bool) -> EventSpec | None:
        """Switch an automation; asks first where partners have its tag already."""
        existing = await run(_existing, number) if on else 0
        if existing:
            self.asked, self.existing, self.switching = self._row(number), existing, True
            return None
        return await self._switch(number, on)

    @handler("admin")
    async def set_switching(self, asked: bool) -> None:
        """Close the question; the automation stays off."""
        self.switching = asked

    @handler("admin")
    async def switch_on(self, include_existing: bool) -> EventSpec:
        """Switch on the automation that was asked about; also for those who have its tag."""
        self.switching = False
        return await self._switch(self.asked.id, True, include_existing)

    @handler("admin")
    async def ask_delete(self, number: int) -> None:
        """Ask before deleting an automation."""
        self.asked, self.deleting = self._row(number), True

    @handler("admin")
    async def set_deleting(self, asked: bool) -> None:
        """Close the question."""
        self.deleting = asked

    @handler("admin")
    async def delete(self) -> EventSpec:
        """Delete the automation that was asked about."""
        self.deleting = False
        await run(_delete, self.asked.id, current_user().label)
        await self._read()
        return rx.toast.success("Deleted. The history goes on naming it.")

    async def _switch(self, number: int, on: bool, include: bool = False) -> EventSpec:
        await run(_set_enabled, number, on, include, current_user().label)
        await self._read()
        if include:
            return rx.toast.success("Switched on. Those who have the tag are emailed now.")
        return rx.toast.success("Switched on." if on else "Switched off.")

    async def _read(self) -> None:
        self.rows, self.about = await run(_read, self._tag)

    def _row(self, number: int) -> AutomationRow:
        return next((row for row in self.rows if row.id == number), AutomationRow())


def _read(tag_id: int | None) -> tuple[list[AutomationRow], str]:
    """The automations, or those that have to do with one tag, and what it is called."""
    with reading() as session:
        tags = {tag.id: tag for tag in tag_reads.page(session, archived=None)}
        fired = {id_: at.isoformat() for id_, at in sql.last_fired(session).items()}
        views = sql.page(session)
    colors = {id_: tag.color for id_, tag in tags.items()}
    if tag_id in tags:
        views = [view for view in views if tag_id in _named(view)]
    about = tags[tag_id].name if tag_id in tags else ""
    return [_row(view, colors, fired.get(view.id, "")) for view in views], about


def _named(view: AutomationView) -> set[int | None]:
    """The tags an automation has to do with."""
    return {view.tag_id, *(step.tag_id for step in view.actions)}


def _row(view: AutomationView, colors: dict[int, str], fired: str) -> AutomationRow:
    said = automations.sentence(view).replace("*", "")
    return AutomationRow(
        id=view.id,
        name=view.name,
        title="" if view.name == said else view.name,
        tag=view.tag,
        color=colors.get(view.tag_id, "gray"),
        steps=[step_words(step) for step in view.actions],
        enabled=view.enabled,
        fired=fired,
    )


def step_words(step: ActionView) -> StepWords:
    """A step as the list shows it: what it does, and to what, with the way there."""
    words, _, target = automations.step_sentence(step).partition("*")
    email = step.template_id is not None
    href = routes.email(step.template_id) if email else routes.TAGS
    return StepWords(words.strip(), target.removesuffix("*"), email, href)


def _existing(number: int) -> int:
    with reading() as session:
        return automations.count_existing(session, number)


def _set_enabled(number: int, on: bool, include: bool, actor: str) -> None:
    with writing() as session:
        automations.set_enabled(
            session,
            number,
            on,
            actor=actor,
            include_existing=include,
            hold_seconds=program(session).undo_seconds,
        )


def _delete(number: int, actor: str) -> None:
    with writing() as session:
        automations.delete(session, number, actor)
