"""The email editor: a draft that is previewed while it is written, and saved as a new version.

The page of an email and the automation builder's dialog share it: a tab edits one email at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from reflex.event import Event

from rxapp import routes
from rxapp.domain.text import as_id, email_address
from rxapp.errors import (
    Conflict,
    InvalidInput,
    InvalidTemplate,
    MissingVariable,
    NotFound,
    Overtaken,
)
from rxapp.state import (
    email_deeds,
    email_store,
    email_trials,
    email_versions,
    once,
    partner_options,
    presence,
    query,
    say,
)
from rxapp.state.base import AppState, current_user, given_back, handler, run
from rxapp.state.email_draft import BLANK, FORM, Draft
from rxapp.state.email_trials import TestLine
from rxapp.state.email_versions import Clash, VersionLine
from rxapp.state.options import Option


@given_back
class EmailState(AppState):
    """The email that is written in this tab."""

    # What its saves are noted under; see state/once.py.
    page: str = ""
    # 0 while it has never been saved.
    number: int = 0
    # What the form starts with; counting the revision up has the page make the form anew.
    start: Draft = Draft()
    revision: int = 0
    loading: bool = True
    missing: bool = False
    dirty: bool = False
    version: int = 0
    archived: bool = False
    users: list[Option] = []
    # Whom the preview is for: a partner's id, or the word of a made-up one.
    partner: str = ""
    partners: list[Option] = []
    insertable: list[dict[str, Any]] = []
    history: list[VersionLine] = []
    history_open: bool = False
    # The old version that is shown beside the newest; 0: none is.
    compared: int = 0
    # Who else has it open, and who saved it since; sentences, or empty.
    beside: str = ""
    overtaken: str = ""
    # What somebody else saved while this was written, when that stands in the way of saving.
    clash: Clash = Clash()
    # The old version that is looked at; 0: none, the draft is.
    viewed: int = 0
    testing: bool = False
    tests: list[TestLine] = []
    # How many more may be sent within the hour.
    tests_left: int = 0
    deleting: bool = False

    _draft: Draft = Draft()
    _saved: Draft = Draft()
    # The new email that was saved, until the browser has come to its address.
    _arriving: int = 0
    # The tests that were sent last, in the order of `tests`.
    _tests: list[int] = []

    @handler("viewer")
    async def load(self) -> AsyncIterator[Event | None]:
        """Open the email the address names, or a new one from the starter it asks for."""
        number = as_id(query.named(self.router.url.path)) or 0
        if self._goes_on and not (self.loading or self.missing) and number in (0, self.number):
            # It was open all along, and what it holds is what is written. Saved for the first time
            # while the answer got lost, it gets its address now.
            if number != self.number:
                yield self._arrive()
            return
        if number and number == self._arriving:
            # Saved for the first time, it got an address of its own; nothing else has changed.
            self._arriving = 0
            return
        # Until it is read there is nothing to type into: what was typed would be lost.
        self.loading = True
        yield None
        try:
            await self._open(
                number, query.asked(self.router.url.query_parameters).get("starter", "")
            )
            self.missing = False
        except NotFound:
            self.missing = True
        self.loading = False

    @handler("editor", debounce=400, supersedes=True)
    async def edit(self, form: dict[str, str]) -> None:
        """Take note of what is in the form; its preview does not wait for this."""
        draft = Draft.of(form)
        if draft != self._draft:  # told late, it must not close what was opened meanwhile
            self.viewed = 0
        self._draft, self.dirty = draft, draft != self._saved

    @handler("editor")
    async def take_up(self, form: dict[str, str]) -> Event:
        """Put what was written and never saved back into the form."""
        self._restart(Draft.of(form))
        return say.info("It is back in the editor. Save it to keep it.")

    @handler("editor", form=True)
    async def save(self, form: dict[str, str]) -> list[Event]:
        """Save what is in the form: an email of its own, or a new version."""
        if self.number:
            return await self._save_version(Draft.of(form))
        await self._save(Draft.of(form))
        return [self._arrive(), say.success("The email is saved.")]

    @handler("editor")
    async def set_clashing(self, opened: bool) -> None:
        """Go on writing; nothing is saved, and nothing is lost."""
        if not opened:
            self.clash = Clash()

    @handler("editor", form=True)
    async def save_over(self) -> list[Event]:
        """Save what was shown as the newest; what somebody else saved stays a version."""
        if not self.clash.version:
            raise Conflict("There is nothing to decide any more.")
        self.version, self.clash = self.clash.version, Clash()
        return await self._save_version(self._draft)

    @handler("editor")
    async def take_theirs(self) -> Event:
        """Drop what was written, and go on with what somebody else saved."""
        await self._open(self.number)
        return say.info(f"Version {self.version} is in the editor.")

    @handler("viewer")
    async def find_partners(self, text: str) -> None:
        """Offer partners to preview the email for."""
        self.partners = await run(partner_options.for_preview, text, self.partner)

    @handler("viewer", supersedes=True)
    async def preview_for(self, value: str) -> None:
        """Show the email as this partner gets it; nobody: as a made-up one does."""
        self.partner = value

    @handler("viewer")
    async def step_partner(self, by: int) -> None:
        """Show the email as the partner before or after this one gets it."""
        self.partner, self.partners = await run(
            partner_options.beside, self.partner, forward=by > 0
        )

    @handler("viewer")
    async def set_history_open(self, opened: bool) -> None:
        """Open or close the list of versions."""
        if opened:
            self.history = await run(email_versions.history, self.number)
        self.history_open = opened

    @handler("viewer")
    async def compare(self, number: int) -> None:
        """Show an old version beside the newest, each as it would be sent; with 0, no longer."""
        self.compared = number

    @handler("editor", temporal=True)
    async def watch(self) -> None:
        """See whether somebody else has this email open, or has saved it meanwhile."""
        if not self.number:
            return
        others = presence.note(self.number, current_user().label)
        have = "has" if len(others) == 1 else "have"
        told = f"{' and '.join(others)} also {have} this email open." if others else ""
        overtaken = await run(email_versions.saved_since, self.number, self.version)
        if (told, overtaken) != (self.beside, self.overtaken):
            self.beside, self.overtaken = told, overtaken

    @handler("viewer")
    async def view(self, number: int) -> None:
        """Show an old version in the preview; the draft stays as it is."""
        self.viewed = 0 if number == self.version and not self.dirty else number
        self.history_open = False

    @handler("viewer")
    async def stop_viewing(self) -> None:
        """Go back to the draft."""
        self.viewed = 0

    @handler("editor")
    async def restore(self, number: int) -> Event:
        """Put an old version into the form, to be saved as the newest."""
        old = await run(email_versions.wording, self.number, number)
        self._draft = replace(old, name=self._draft.name)
        self.history_open = False
        self._restart(self._draft)
        return say.info(f"Version {number} is in the editor. Save it to make it the newest.")

    @handler("editor", form=True)
    async def write_html(self, form: dict[str, str]) -> None:
        """Go on with the HTML of what the visual editor holds."""
        self._restart(replace(Draft.of(form), document=""))

    @handler("editor", form=True)
    async def write_visually(self, form: dict[str, str]) -> None:
        """Begin in the visual editor, where nothing is written yet."""
        draft = Draft.of(form)
        if draft.body.strip():
            raise Conflict("HTML cannot be turned into blocks. Empty the body first.")
        self._restart(replace(draft, body="", document=BLANK))

    @handler("viewer")
    async def set_testing(self, opened: bool) -> None:
        """Open or close the dialog that sends a test."""
        self.testing, self.errors = opened, {}
        self.tests, self._tests = [], []
        if opened:
            self.tests_left = await run(email_trials.left, current_user().label)

    @handler("editor", form=True)
    async def send_test(self, form: dict[str, str]) -> Any:
        """Send what is in the editor to some addresses, as the chosen partner would get it."""
        typed = form.get("to", "").replace(";", ",").replace("\n", ",").split(",")
        addresses = list(dict.fromkeys(email_address(one, "to") for one in typed if one.strip()))
        draft = Draft.of(form) if "subject" in form else self._draft
        try:
            self._tests = await run(
                email_trials.send,
                draft,
                self.partner,
                self.number,
                addresses,
                current_user().label,
            )
        except (InvalidTemplate, MissingVariable) as error:
            raise InvalidInput(f"The email cannot be sent yet: {error.sentence}", "to") from error
        self.tests = [TestLine(to) for to in addresses]
        self.tests_left = await run(email_trials.left, current_user().label)
        return EmailState.watch_tests

    @handler("editor", background=True)
    async def watch_tests(self) -> None:
        """Tell what becomes of each test as soon as the provider answers."""
        async with self:
            waiting = [
                (test, line.address) for test, line in zip(self._tests, self.tests, strict=True)
            ]
        for answer in asyncio.as_completed([email_trials.answer(*one) for one in waiting]):
            test, line = await answer
            async with self:
                if test in self._tests:
                    self.tests[self._tests.index(test)] = line

    @handler("editor")
    async def duplicate(self) -> Event:
        """Make another email that says the same, and open it."""
        return say.go(
            routes.email(await run(email_deeds.duplicate, self.number, current_user().label))
        )

    @handler("editor")
    async def set_archived(self, archived: bool) -> Event:
        """Retire the email, or bring it back."""
        await run(email_deeds.archive, self.number, archived, current_user().label)
        self.archived = archived
        return say.success("Archived." if archived else "Restored.")

    @handler("editor")
    async def set_deleting(self, asked: bool) -> None:
        """Open or close the question before deleting."""
        self.deleting = asked

    @handler("editor")
    async def delete(self) -> Event:
        """Delete an email nothing uses."""
        self.deleting = False
        await run(email_deeds.delete, self.number, current_user().label)
        self.dirty = False
        return say.go(routes.EMAILS, replace=True)

    async def _open(self, number: int, starter: str = "") -> None:
        """Start editing: an email by its id, or with 0 a new one."""
        presence.leave(self.number, current_user().label)
        opened = await run(email_store.opened, number, starter)
        self.page = once.new_page()
        self.number, self.version, self.archived, self.users = opened.facts
        self._saved = opened.saved
        self._draft = self.start = opened.draft
        self.insertable, self.partners = opened.insertable, opened.partners
        self.revision += 1
        self.dirty = False
        self._arriving = 0
        self.viewed, self.compared, self.errors, self.clash = 0, 0, {}, Clash()
        self.beside = self.overtaken = ""
        self.history_open = self.testing = self.deleting = False
        self.partner = ""

    async def _come_back(self, forms: dict[str, dict[str, str]]) -> None:
        if FORM not in forms or self.loading or self.missing:
            return
        self._draft = Draft.of(forms[FORM])
        self.number, self.version, self._saved = await run(
            email_store.standing, self.page, self.number, self.version
        )
        if len(self._tests) != len(self.tests):
            # Nobody waits any more for what becomes of them.
            self.tests = []
        if self.start == Draft():
            # Too long to be given back twice.
            self.start = self._draft
        self.dirty = self._draft != self._saved

    def _arrive(self) -> Event:
        """Give an email that was saved for the first time the address of its own."""
        self._arriving = self.number
        return say.go(routes.email(self.number), replace=True)

    def _restart(self, draft: Draft) -> None:
        """Have the form made anew, with this draft in it."""
        self._draft = self.start = draft
        self.revision += 1
        self.viewed = 0
        self.dirty = self._draft != self._saved

    async def _save_version(self, draft: Draft) -> list[Event]:
        version = self.version
        try:
            await self._save(draft)
        except Overtaken:
            self.clash = await run(email_versions.clash, self.number, draft, self.partner)
            return []
        words = f"Saved as version {self.version}." if version != self.version else "Saved."
        return [say.success(words)]

    async def _save(self, draft: Draft) -> None:
        self._draft = draft
        self.number, self.version = await run(
            email_store.save, self.page, self.number, self.version, draft, current_user().label
        )
        self._saved = self.start = draft
        self.dirty = False
        self.overtaken = ""
