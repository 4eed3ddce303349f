"""Switching automations on and off, and deleting them: the consequence is said in numbers first."""

from __future__ import annotations

from dataclasses import dataclass

from reflex.event import Event, EventCallback

from rxapp import routes
from rxapp.db import automations as sql
from rxapp.db.automations import AutomationView
from rxapp.db.engine import reading, writing
from rxapp.domain import automations
from rxapp.domain.leaving import leaving
from rxapp.domain.preflight import Proposed
from rxapp.domain.settings import program
from rxapp.errors import NotFound
from rxapp.state import say
from rxapp.state.automation_page import AutomationPageState
from rxapp.state.automations import AutomationsState
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.existing import ExistingState
from rxapp.state.foreseen import counted


@dataclass
class Asked:
    """The automation a question is about."""

    id: int = 0
    name: str = ""
    tag_id: int = 0
    tag: str = ""
    # How many partners have its tag without it having met them, and how many of its emails wait.
    existing: int = 0
    waiting: int = 0
    # That many, in words: "3 waiting emails are skipped".
    skips: str = ""


Told = list[Event | EventCallback[()]]


class SwitchState(AppState):
    """The questions before an automation is switched or deleted; the list and its page share it."""

    asked: Asked = Asked()
    # Which question is open: on, off, delete, or none.
    question: str = ""

    @handler("admin")
    async def switch(self, number: int, on: bool) -> Told | None:
        """Switch an automation; asks first where that concerns partners or waiting emails."""
        self.asked = await run(_asked, number)
        if on and self.asked.existing:
            existing = await self.get_state(ExistingState)
            existing._ask(Proposed(number), self.asked.tag_id, self.asked.existing)
            self.question = "on"
            return None
        if not on and self.asked.waiting:
            self.question = "off"
            return None
        return await self._switch(on)

    @handler("admin")
    async def switch_on(self) -> Told:
        """Switch on the automation that was asked about; for those who have its tag if so said."""
        existing = await self.get_state(ExistingState)
        return await self._switch(True, include=existing._decided())

    @handler("admin")
    async def switch_off(self) -> Told:
        """Switch off the automation that was asked about."""
        return await self._switch(False)

    @handler("admin")
    async def ask_delete(self, number: int) -> None:
        """Ask before deleting an automation."""
        self.asked, self.question = await run(_asked, number), "delete"

    @handler("admin")
    async def set_question(self, opened: bool) -> None:
        """Close the question; nothing was done."""
        if not opened:
            self.question = ""

    @handler("admin")
    async def delete(self) -> Told:
        """Delete the automation that was asked about."""
        self.question = ""
        await run(_delete, self.asked.id, current_user().label)
        told = "Deleted. The history goes on naming it."
        here = self.router.url.path.rstrip("/") == routes.automation(self.asked.id)
        leave: Told = [say.go(routes.AUTOMATIONS)] if here else [AutomationsState.refresh]
        return [say.success(told), *leave]

    async def _switch(self, on: bool, *, include: bool = False) -> Told:
        self.question = ""
        done = await run(_set_enabled, self.asked.id, on, include, current_user().label)
        number, skips, note = done
        words = _said(on, number if include else None, skips)
        words = f"{words} {note}" if on and note else words
        return [say.success(words), AutomationsState.refresh, AutomationPageState.refresh]


def _said(on: bool, included: int | None, skips: str) -> str:
    if included is not None:
        return f"Switched on, and running for the {included:,} who have the tag already."
    if on:
        return "Switched on, for everybody who gets the tag from now on."
    return f"Switched off. {skips}." if skips else "Switched off."


def _asked(number: int) -> Asked:
    with reading() as session:
        view: AutomationView | None = sql.view(session, number)
        if view is None:
            raise NotFound("There is no such automation.")
        waiting = automations.count_waiting(session, number)
        existing = automations.count_existing(session, number)
    return Asked(number, view.name, view.tag_id, view.tag, existing, waiting, _skips(waiting))


def _skips(waiting: int) -> str:
    verb = "is" if waiting == 1 else "are"
    return f"{counted(waiting, 'waiting email')} {verb} skipped" if waiting else ""


def _set_enabled(number: int, on: bool, include: bool, actor: str) -> tuple[int, str, str]:
    """Switch it; returns for how many it is run at once, how many of its emails that skips as
    things are by then, and what holds emails back now.
    """
    with writing() as session:
        waiting = automations.count_waiting(session, number)
        job = automations.set_enabled(
            session,
            number,
            on,
            actor=actor,
            include_existing=include,
            hold_seconds=program(session).undo_seconds,
        )
        return job.total if job else 0, _skips(waiting), leaving(session).note


def _delete(number: int, actor: str) -> None:
    with writing() as session:
        automations.delete(session, number, actor)
