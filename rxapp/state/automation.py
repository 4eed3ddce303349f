"""The automation builder: a trigger, its tag, and the steps that follow, in words.

What is entered lives here, so an email can be written in a dialog meanwhile and nothing is lost.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reflex.event import Event

from rxapp import routes
from rxapp.db.automations import ActionView, AutomationView
from rxapp.domain import automation_words
from rxapp.domain.automations import AutomationInput
from rxapp.domain.preflight import Proposed
from rxapp.domain.text import as_id
from rxapp.errors import InvalidInput, NotFound, Overtaken
from rxapp.state import automation_clash, automation_store, once, query, say
from rxapp.state.automation_choices import Choices, choices, tags
from rxapp.state.automation_clash import Clash
from rxapp.state.automation_consequences import consequences
from rxapp.state.automation_steps import (
    KINDS,
    UNITS,
    Entered,
    StepForm,
    action,
    entered,
    filled,
    told,
)
from rxapp.state.automations import StepWords, step_words
from rxapp.state.base import AppState, current_user, given_back, handler, run
from rxapp.state.email import EmailState
from rxapp.state.email_draft import Draft
from rxapp.state.existing import ExistingState
from rxapp.state.try_it import TryItState

TRIGGER = "tag_assigned"


@given_back
class AutomationState(AppState):
    """The automation that is put together in this tab."""

    # What its saves are noted under; see state/once.py.
    page: str = ""
    # 0 while it has never been saved.
    number: int = 0
    revision: int = 0
    loading: bool = True
    missing: bool = False
    name: str = ""
    trigger: str = ""
    tag: str = ""
    tag_name: str = ""
    tag_color: str = "gray"
    steps: list[StepForm] = []
    enabled: bool = True
    choices: Choices = Choices()
    # How many partners have the tag now, and which of them could be emailed, in words.
    holders: int = 0
    reach: str = ""
    notes: list[str] = []
    said: list[StepWords] = []
    dirty: bool = False
    # The step an email is written for, by its key; 0: none.
    writing: int = 0
    discarding: bool = False
    # What somebody else made of it meanwhile, once a save was refused for it.
    clash: Clash = Clash()

    # As it was when it was opened; what is saved is based on it.
    base: AutomationView | None = None

    _saved: Entered = Entered()
    _last_key: int = 0
    # What the question about those who have the tag was last asked about.
    _asked: AutomationInput | None = None

    @handler("viewer")
    async def load(self) -> list[Event]:
        """Open the automation the address names, or a new one."""
        number = as_id(query.named(self.router.url.path)) or 0
        if self._goes_on and not (self.loading or self.missing) and number in (0, self.number):
            # It was open all along: what is entered stays.
            self.choices = await run(choices, self.base)
            await self._changed()
            # Created, and nothing was entered since: only the answer got lost.
            created = self.number != number and not (self.dirty or self.writing)
            return self._leave(automation_store.created(0)) if created else []
        await self._open(number)
        return []

    async def _open(self, number: int) -> None:
        self.page = once.new_page()
        self.loading = self.missing = False
        self.writing, self.discarding, self.errors, self._asked = 0, False, {}, None
        self.clash = Clash()
        view = self.base = await run(automation_store.view, number) if number else None
        if number and view is None:
            self.missing = True
            return
        self.choices = await run(choices, view)
        self._fill(view)
        self._saved = _as_entered(view)
        self.revision += 1
        await self._changed()

    @handler("admin")
    async def set_name(self, name: str) -> None:
        """Call it something else than what it does."""
        self.name = name.strip()
        await self._changed()

    @handler("admin")
    async def choose_trigger(self, trigger: str) -> None:
        """Choose what sets it off."""
        self.trigger = trigger if trigger == TRIGGER else ""
        await self._changed()

    @handler("admin")
    async def pick_tag(self, value: str) -> None:
        """Choose the tag that sets it off."""
        self.tag = value
        await self._changed("tag_id")

    @handler("admin")
    async def create_tag(self, name: str) -> None:
        """Make a new tag and have it set the automation off."""
        self.tag = await self._new_tag(name)
        await self._changed("tag_id")

    @handler("admin")
    async def add_step(self, kind: str) -> None:
        """Add a step at the end."""
        if kind in KINDS:
            self._last_key += 1
            self.steps = [*self.steps, StepForm(key=self._last_key, kind=kind)]
        await self._changed("actions")

    @handler("admin")
    async def remove_step(self, key: int) -> None:
        """Take a step away."""
        self.steps = [step for step in self.steps if step.key != key]
        await self._changed("actions")

    @handler("admin")
    async def move_step(self, key: int, by: int) -> None:
        """Move a step up (-1) or down (1)."""
        steps = list(self.steps)
        here = next((i for i, step in enumerate(steps) if step.key == key), 0)
        there = here + (1 if by > 0 else -1)
        if 0 <= there < len(steps):
            steps[here], steps[there] = steps[there], steps[here]
        self.steps = steps
        await self._changed()

    @handler("admin")
    async def pick_target(self, key: int, value: str) -> None:
        """Choose the email or the tag of a step."""
        await self._change_step(key, target=value)

    @handler("admin")
    async def create_target(self, key: int, name: str) -> None:
        """Make a new tag for a step that adds or removes one."""
        await self._change_step(key, target=await self._new_tag(name))

    @handler("admin")
    async def set_waits(self, key: int, when: str) -> None:
        """Send at once, or after a while."""
        await self._change_step(key, waits=when == "later")

    @handler("admin")
    async def set_amount(self, key: int, amount: str) -> None:
        """How many minutes, hours or days a step waits."""
        await self._change_step(key, amount=amount.strip())

    @handler("admin")
    async def set_unit(self, key: int, unit: str) -> None:
        """Whether a step waits minutes, hours or days."""
        await self._change_step(key, unit=unit if unit in UNITS else "days")

    @handler("admin")
    async def set_needs_tag(self, key: int, needs: bool) -> None:
        """Whether a delayed email is skipped when the tag is gone by then."""
        await self._change_step(key, needs_tag=needs)

    @handler("admin")
    async def try_it(self) -> None:
        """See what the automation as it is entered would do for a partner."""
        trial = await self.get_state(TryItState)
        await trial._open(Proposed(self.number or None, self._parse(complete=True)))

    @handler("admin")
    async def write_email(self, key: int, number: str) -> None:
        """Open the editor in place: for a new email, or for the one a step sends."""
        editor = await self.get_state(EmailState)
        await editor._open(as_id(number) or 0)
        self.writing = key

    @handler("admin")
    async def start_email(self, slug: str) -> None:
        """Begin the new email again, from a starter or from nothing."""
        editor = await self.get_state(EmailState)
        await editor._open(0, slug)

    @handler("admin")
    async def set_writing(self, opened: bool) -> None:
        """Close the editor; asks first where something would be lost."""
        editor = await self.get_state(EmailState)
        if opened:
            return
        if editor.dirty:
            self.discarding = True
        else:
            self.writing = 0

    @handler("admin")
    async def set_discarding(self, asked: bool) -> None:
        """Go back to the editor."""
        self.discarding = asked

    @handler("admin")
    async def discard_email(self) -> None:
        """Close the editor without saving."""
        editor = await self.get_state(EmailState)
        editor.dirty = False
        self.discarding, self.writing = False, 0

    @handler("admin", form=True)
    async def save_email(self, form: dict[str, str]) -> Event:
        """Save the email that was written in place, and have the step send it."""
        editor = await self.get_state(EmailState)
        await editor._save(Draft.of(form))
        key, self.writing = self.writing, 0
        self.choices = await run(choices, await run(automation_store.view, self.number))
        await self._change_step(key, target=str(editor.number))
        return say.success("The email is saved.")

    @handler("admin", form=True)
    async def save(self) -> list[Event]:
        """Create the automation, or save what was changed; asks where somebody else did, too."""
        data = self._parse(complete=True)
        existing = await self.get_state(ExistingState)
        include = not self.number and self.holders > 0 and existing._decided()
        return await self._store(data, include)

    @handler("admin")
    async def set_clashing(self, opened: bool) -> None:
        """Go on editing: nothing is saved yet, and saving asks again."""
        if not opened:
            self.clash = Clash()

    @handler("admin")
    async def take_theirs(self) -> Event | None:
        """Drop what is entered here, and show what the other one saved."""
        self.dirty = False
        if not self.clash.version:
            return say.go(routes.AUTOMATIONS, replace=True)
        await self._open(self.number)
        return None

    @handler("admin", form=True)
    async def save_over(self) -> list[Event]:
        """Save what is entered here, knowing what the other one made of it."""
        if not self.clash.author:
            return []
        data, based_on, self.clash = self._parse(complete=True), self.clash.version, Clash()
        if not based_on:
            self.number, self.page = 0, once.new_page()
        return await self._store(data, include=False, based_on=based_on)

    async def _store(self, data: AutomationInput, include: bool, based_on: int = 0) -> list[Event]:
        new, actor, base = not self.number, current_user().label, self.base
        if base and not new:
            data = data.model_copy(update={"based_on": based_on or base.version})
        try:
            self.number, met, note = await run(
                automation_store.save, self.page, self.number, data, include, actor
            )
        except (Overtaken, NotFound):
            if base is None:
                raise
            self.clash = await run(automation_clash.clash, base, self._as_view(base))
            return []
        self._saved, self.dirty = self._entered(), False
        words = f"{automation_store.created(met)} {note}".strip() if new else "Saved."
        return self._leave(words)

    def _leave(self, words: str) -> list[Event]:
        return [say.go(routes.AUTOMATIONS, replace=True), say.success(words)]

    async def _come_back(self, forms: dict[str, dict[str, str]]) -> None:  # noqa: ARG002
        if self.loading or self.missing:
            return
        based_on = self.base.version if self.base else 0
        number, version = await run(automation_store.standing, self.page, self.number, based_on)
        if (number, version) != (self.number, based_on):
            # It was saved, and the answer got lost.
            view = await run(automation_store.view, number)
            self.number, self.base = number, replace(view, version=version) if view else None
        self._saved = _as_entered(self.base)
        self._last_key = max((step.key for step in self.steps), default=0)
        self._asked = self._parse(complete=False).model_copy(update={"name": None})

    def _as_view(self, base: AutomationView) -> AutomationView:
        """What is entered, as if it were saved."""
        return replace(
            base,
            name=self.name,
            named=bool(self.name),
            tag_id=as_id(self.tag) or 0,
            tag=self.tag_name,
            color=self.tag_color,
            actions=self._told(),
        )

    async def _change_step(self, key: int, **changes: Any) -> None:
        self.steps = [replace(step, **changes) if step.key == key else step for step in self.steps]
        await self._changed("actions", f"step-{key}")

    async def _changed(self, *corrected: str) -> None:
        """Work out again what follows from what is entered."""
        self.errors = {name: said for name, said in self.errors.items() if name not in corrected}
        subjects = {email.value: email.hint for email in self.choices.emails}
        self.steps = [replace(step, subject=subjects.get(step.target, "")) for step in self.steps]
        self.dirty = self._entered() != self._saved
        names = {tag.value: tag.label for tag in self.choices.tags}
        self.tag_name = names.get(self.tag, "")
        colors = {tag.value: tag.color for tag in self.choices.tags}
        self.tag_color = colors.get(self.tag) or "gray"
        data = self._parse(complete=False)
        self.said = self._said()
        self.holders, self.reach, self.notes = await run(consequences, data, self.number)
        asked = data.model_copy(update={"name": None})
        if asked != self._asked:
            # Yes was said to something else: the answer is no again.
            self._asked = asked
            existing = await self.get_state(ExistingState)
            existing._ask(Proposed(None, data), data.tag_id or 0, self.holders)

    async def _new_tag(self, name: str) -> str:
        number = await run(automation_store.create_tag, name, current_user().label)
        self.choices.tags = await run(tags, [])
        return str(number)

    def _fill(self, view: AutomationView | None) -> None:
        if view is None:
            self.number, self.name, self.trigger, self.tag = 0, "", "", ""
            self.steps, self.enabled, self._last_key = [], True, 0
            return
        self.number, self.enabled = view.id, view.enabled
        self.name = automation_words.title(view)
        self.trigger, self.tag = TRIGGER, str(view.tag_id)
        self.steps = [filled(key, step) for key, step in enumerate(view.actions, start=1)]
        self._last_key = len(self.steps)

    def _entered(self) -> Entered:
        return entered(self.name, self.trigger, self.tag, self.steps)

    def _said(self) -> list[StepWords]:
        """The steps entered so far, as the list will say them."""
        return [step_words(step) for step in self._told()]

    def _told(self) -> list[ActionView]:
        emails = {one.value: one.label for one in self.choices.emails}
        tags = {one.value: one.label for one in self.choices.tags}
        return [told(step, emails, tags) for step in self.steps]

    def _parse(self, *, complete: bool) -> AutomationInput:
        """What is entered, as the domain takes it; raises InvalidInput where it must be complete.

        Otherwise steps that are not finished are left out.
        """
        if complete and not self.trigger:
            raise InvalidInput("Choose what sets the automation off.", "trigger")
        if complete and not self.tag:
            raise InvalidInput("Choose the tag that sets the automation off.", "tag_id")
        actions = []
        for step in self.steps:
            try:
                actions.append(action(step))
            except InvalidInput:
                if complete:
                    raise
        return AutomationInput(name=self.name, tag_id=as_id(self.tag), actions=actions)


def _as_entered(view: AutomationView | None) -> Entered:
    """What the builder holds when it begins with this."""
    if view is None:
        return Entered()
    steps = [filled(key, step) for key, step in enumerate(view.actions, start=1)]
    return entered(automation_words.title(view), TRIGGER, str(view.tag_id), steps)
