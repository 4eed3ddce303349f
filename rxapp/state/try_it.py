"""Trying an automation out: what it would do for one partner, and its emails sent to oneself."""

from __future__ import annotations

import asyncio
from typing import Any

from reflex.event import Event

from rxapp.db import automations as sql
from rxapp.db import partners as partner_reads
from rxapp.db.engine import reading, writing
from rxapp.domain import preflight, preview, tag_catalog, templates, trials
from rxapp.domain.automation_steps import ActionInput
from rxapp.domain.leaving import leaving
from rxapp.domain.preflight import Proposed
from rxapp.domain.text import as_id, email_address
from rxapp.errors import InvalidInput, NotFound
from rxapp.state import foreseen, partner_options, say
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.foreseen import Foreseen, counted
from rxapp.state.options import Option

FOUND_PARTNERS = 20
TEST_SECONDS = 15.0


class TryItState(AppState):
    """The dialog; the automation's page and the builder share it."""

    opened: bool = False
    partners: list[Option] = []
    partner: str = ""
    answer: Foreseen = Foreseen()
    # How many emails the automation has to send to oneself.
    emails: int = 0
    to: str = ""

    _proposed: Proposed = Proposed()
    _tests: list[int] = []

    @handler("admin")
    async def open(self, number: int) -> None:
        """Try out a saved automation."""
        await self._open(Proposed(number))

    @handler("viewer")
    async def set_opened(self, opened: bool) -> None:
        """Close the dialog."""
        self.opened = opened

    @handler("admin")
    async def find_partners(self, text: str) -> None:
        """Offer partners to try it out for."""
        self.partners = await run(partner_options.found, text, self.partner)

    @handler("admin", supersedes=True)
    async def pick(self, partner: str) -> None:
        """See what would happen for this partner. Nothing does."""
        self.partner, self.answer = partner, Foreseen()
        if number := as_id(partner):
            self.answer = await run(_foresee, self._proposed, number)

    @handler("admin", form=True)
    async def send(self, form: dict[str, str]) -> list[Any]:
        """Send the automation's emails, as this partner would get them, to an address."""
        self.to = email_address(form.get("try_to", ""), "try_to")
        self._tests = await run(_send, self._proposed, self.partner, self.to, current_user().label)
        words = f"{counted(len(self._tests), 'test email')} to {self.to} on the way."
        return [say.info(words), TryItState.watch]

    @handler("admin", background=True)
    async def watch(self) -> Event:
        """Wait for the provider's answers, and tell them."""
        async with self:
            tests, to = list(self._tests), self.to
        waits = [trials.wait(one, TEST_SECONDS) for one in tests]
        return _told(await asyncio.gather(*waits), to)

    async def _open(self, proposed: Proposed) -> None:
        self._proposed, self.errors = proposed, {}
        self.partner, self.answer = "", Foreseen()
        self.to = self.to or current_user().label
        self.partners = await run(partner_options.found, "", "")
        self.emails = len(await run(_emails, proposed))
        self.opened = True


def _foresee(proposed: Proposed, partner_id: int) -> Foreseen:
    # It is really done, and taken back: that takes a writing transaction.
    with writing() as session:
        row = partner_reads.row(session, partner_id)
        if row is None:
            raise NotFound("There is no such partner.")
        tag = tag_catalog.find(session, _tag_id(proposed)).name
        found = preflight.of_trial(session, proposed, partner_id)
        return foreseen.of_one(found, tag, row.label, leaving(session))


def _tag_id(proposed: Proposed) -> int:
    if proposed.data and proposed.data.tag_id:
        return proposed.data.tag_id
    with reading() as session:
        view = sql.view(session, proposed.id or 0)
    if view is None:
        raise InvalidInput("Choose the tag that sets the automation off first.")
    return view.tag_id


def _emails(proposed: Proposed) -> list[int]:
    """The emails an automation sends, in order."""
    if proposed.data is not None:
        steps: list[ActionInput] = proposed.data.actions or []
        return [one.template_id for one in steps if one.template_id]
    with reading() as session:
        view = sql.view(session, proposed.id or 0)
    return [one.template_id for one in view.actions if one.template_id] if view else []


def _send(proposed: Proposed, who: str, to: str, actor: str) -> list[int]:
    numbers, tag_id = _emails(proposed), _tag_id(proposed)
    if not numbers:
        raise InvalidInput("It sends no email yet.")
    with writing() as session:
        return [
            preview.send_trial(
                session,
                templates.current(session, number),
                [to],
                actor,
                who=who,
                template_id=number,
                tag_id=tag_id,
            )
            for number in numbers
        ]


def _told(found: list[trials.Trial], to: str) -> Event:
    refused = [one.problem for one in found if one.status == "refused"]
    statuses = {one.status for one in found}
    if refused:
        return say.error(f"The provider refused the test: {refused[0]}")
    if statuses == {"captured"}:
        return say.success("The sandbox kept the test: no email left.")
    if statuses == {"sent"}:
        return say.success(f"The test was sent to {to}.")
    return say.warning("The test still waits for the provider.")
