"""Assigning a tag to many partners, or taking it off: first what it would do, then the job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from reflex.event import Event

from rxapp.db import assignments, bulk
from rxapp.db.assignments import Partners
from rxapp.db.engine import reading, writing
from rxapp.db.models import JobKind
from rxapp.domain import jobs, settings, tag_catalog
from rxapp.domain.leaving import leaving
from rxapp.domain.preflight import Preflight, preflight
from rxapp.domain.text import as_id
from rxapp.errors import Conflict, InvalidInput
from rxapp.state import foreseen, say
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.foreseen import Foreseen, ForeseenLine, people
from rxapp.state.jobs import JobsState
from rxapp.state.options import NEW, Option, new_name, with_new
from rxapp.state.partners import PartnersState, tag_options

# Partners a pre-flight looks at in one transaction: long enough to be fast, short enough that
# nobody's click waits for it.
PIECE = 5_000
# Above so many emails, a person types the number before anything starts.
TYPE_ABOVE = 500


class BulkState(AppState):
    """The dialog of a bulk action."""

    opened: bool = False
    removing: bool = False
    number: int = 0
    whom: str = ""
    tags: list[Option] = []
    tag: str = ""
    new_tag: str = ""
    # The pre-flight is under way.
    checking: bool = False
    progress: str = ""
    # Its answer; `ready` is whether the action can be started.
    answer: Foreseen = Foreseen()
    ready: bool = False
    must_type: bool = False
    typed: str = ""
    # Which question is being answered: a pre-flight for an earlier one is of no use.
    _asked: int = 0

    @handler("admin")
    async def open_assign(self) -> None:
        """Open the dialog to assign a tag to the chosen partners."""
        await self._open(removing=False)

    @handler("admin")
    async def open_remove(self) -> None:
        """Open the dialog to take a tag off the chosen partners."""
        await self._open(removing=True)

    @handler("viewer")
    async def set_opened(self, opened: bool) -> None:
        """Close the dialog; what was not started does not happen."""
        self.opened = opened
        self._forget()

    @handler("admin", background=True, supersedes=True)
    async def pick(self, tag: str) -> Event | None:
        """Take this tag and see what the action would do, in pieces that hold nobody up."""
        if tag == NEW:
            return say.then(BulkState.pick_new, name=new_name(self.tags))
        async with self:
            self._forget()
            self.tag, self.checking = tag, True
            asked, partners, removing = self._asked, await self._partners(), self.removing
        found: Foreseen | None = None
        try:
            if removing:
                found = await run(_foresee_removal, int(tag), partners)
            else:
                found = await self._foresee(int(tag), partners, asked)
        finally:
            async with self:
                if self._asked == asked:
                    self.checking = False
                    self._answer(found or Foreseen(confirm=self.answer.confirm))
        return None

    @handler("admin")
    async def pick_new(self, name: str) -> None:
        """Take a tag that is made when the action starts."""
        self._forget()
        self.tags = with_new(self.tags, name)
        self.tag, self.new_tag = NEW, name
        self._answer(foreseen.of_new(name, self.number))

    @handler("admin")
    async def type_number(self, text: str) -> None:
        """Note the number of emails the person typed."""
        self.typed = text
        self.ready = as_number(text) == self.answer.emails

    @handler("admin")
    async def start(self) -> AsyncIterator[Event | None]:
        """Start the action that was shown, and let the bar below show how far it is."""
        if not self.ready:
            raise InvalidInput("Choose a tag first, and look at what would happen.")
        if self.must_type and as_number(self.typed) != self.answer.emails:
            raise InvalidInput(f"Type {self.answer.emails} to send that many emails.")
        self.ready = False
        yield None
        partners = await self._partners()
        job_id = await run(_start, self._wanted(), partners, self.number, current_user().label)
        self.opened = False
        chosen = await self.get_state(PartnersState)
        chosen._choose([])
        bar = await self.get_state(JobsState)
        await bar._show(job_id)

    async def _open(self, *, removing: bool) -> None:
        self.removing, self.number = removing, await run(_count, await self._partners())
        self._forget()
        self.whom = people(self.number)
        self.tags = await run(tag_options, archived=None if removing else False)
        self.opened = True

    def _forget(self) -> None:
        self._asked += 1
        self.tag = self.new_tag = self.typed = ""
        self.answer = Foreseen(confirm="Remove tag" if self.removing else "Assign tag")
        self.progress = ""
        self.checking = self.ready = self.must_type = False

    def _answer(self, answer: Foreseen) -> None:
        self.answer = answer
        self.must_type = answer.emails > TYPE_ABOVE
        self.ready = answer.added > 0 and not self.must_type

    def _wanted(self) -> _Wanted:
        tag_id = None if self.tag == NEW else int(self.tag)
        return _Wanted(self.removing, tag_id, self.new_tag)

    async def _partners(self) -> Partners:
        chosen = await self.get_state(PartnersState)
        return chosen._selection()

    async def _foresee(self, tag_id: int, partners: Partners, asked: int) -> Foreseen | None:
        """The pre-flight, piece by piece; None when nobody waits for it any more."""
        found, after, done = Preflight(), 0, 0
        while piece := await run(_foresee_piece, tag_id, partners, after):
            found.add(piece.found)
            after, done = piece.last, done + piece.size
            async with self:
                if self._asked != asked:
                    return None
                self.progress = f": {done:,} of {self.whom}"
            if piece.size < PIECE:
                break
        return await run(_told, found, tag_id)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be done: take a tag off, or assign one, which without an id is made."""

    removing: bool
    tag_id: int | None
    new_tag: str


@dataclass(frozen=True, slots=True)
class _Piece:
    found: Preflight
    last: int
    size: int


def _foresee_piece(tag_id: int, partners: Partners, after: int) -> _Piece | None:
    with writing() as session:
        ids = bulk.piece(session, partners, after, PIECE)
        if not ids:
            return None
        return _Piece(preflight(session, tag_id, ids), ids[-1], len(ids))


def _foresee_removal(tag_id: int, partners: Partners) -> Foreseen:
    with reading() as session:
        name = tag_catalog.find(session, tag_id).name
        holders = bulk.holders(session, tag_id, partners)
        waiting = bulk.waiting(session, tag_id, partners)
    lines = [ForeseenLine("skip", "No email is sent: taking a tag off sets nothing off.")]
    if waiting:
        emails = "1 waiting email is" if waiting == 1 else f"{waiting:,} waiting emails are"
        lines.append(ForeseenLine("tag", f"{emails} skipped when due, because the tag is gone."))
    if not holders:
        nothing = f"None of them has “{name}”: nothing would happen."
        return Foreseen(nothing, confirm="Remove tag")
    headline = f"“{name}” is taken off {people(holders)}."
    return Foreseen(headline, lines, added=holders, confirm="Remove tag")


def _count(partners: Partners) -> int:
    with reading() as session:
        return assignments.count(session, partners)


def _told(found: Preflight, tag_id: int) -> Foreseen:
    with reading() as session:
        tag, hold = tag_catalog.find(session, tag_id), settings.program(session).undo_seconds
        return foreseen.of_many(found, tag.name, leaving(session), hold)


def _start(wanted: _Wanted, partners: Partners, number: int, actor: str) -> int:
    """Start the job for the partners that were shown; raises Conflict when they are others now."""
    with writing() as session:
        tag_id = wanted.tag_id or tag_catalog.create(session, wanted.new_tag, actor=actor).id
        job = jobs.start_bulk(
            session,
            JobKind.REMOVE if wanted.removing else JobKind.ASSIGN,
            tag_id,
            partners,
            actor=actor,
            hold_seconds=settings.program(session).undo_seconds,
        )
        if job.total != number:
            raise Conflict(
                f"Meanwhile these are {people(job.total)}, not {number:,}. "
                "Nothing was started. Close this and choose again."
            )
        return job.id


def as_number(text: str) -> int | None:
    """The number a person typed, "1,234" or "1 234" included; None for anything else."""
    digits = "".join(letter for letter in text if letter not in ",.  ")
    return as_id(digits)
