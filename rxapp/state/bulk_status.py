"""Changing the status of many partners: first what that leads to, then the job."""

from __future__ import annotations

from rxapp.db import assignments, bulk
from rxapp.db.assignments import Partners
from rxapp.db.engine import reading, writing
from rxapp.db.models import PartnerStatus
from rxapp.domain import jobs, settings
from rxapp.errors import Conflict, InvalidInput
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.foreseen import Foreseen, ForeseenLine, counted, people
from rxapp.state.jobs import JobsState
from rxapp.state.partners import PartnersState

UNDECIDED = Foreseen(confirm="Change status")


class StatusState(AppState):
    """The dialog of changing the status of the chosen partners."""

    opened: bool = False
    number: int = 0
    whom: str = ""
    status: str = ""
    answer: Foreseen = UNDECIDED

    @handler("admin")
    async def open(self) -> None:
        """Open the dialog for the chosen partners."""
        chosen = await self.get_state(PartnersState)
        self.number = await run(_count, chosen._selection())
        self.whom, self.status, self.answer = people(self.number), "", UNDECIDED
        self.opened = True

    @handler("viewer")
    async def set_opened(self, opened: bool) -> None:
        """Close it; nothing was changed."""
        self.opened = opened

    @handler("admin", supersedes=True)
    async def pick(self, status: str) -> None:
        """Take a status, and say what changing to it would lead to."""
        chosen = await self.get_state(PartnersState)
        self.status = _known(status)
        self.answer = await run(_foresee, _known(status), chosen._selection())

    @handler("admin")
    async def start(self) -> None:
        """Start what was shown, and let the bar show how far it is."""
        if not self.answer.added:
            raise InvalidInput("Choose a status first, and look at what would happen.")
        chosen = await self.get_state(PartnersState)
        actor = current_user().label
        job_id = await run(_start, _known(self.status), chosen._selection(), self.number, actor)
        self.opened = False
        chosen._choose([])
        bar = await self.get_state(JobsState)
        await bar._show(job_id)


def _known(status: str) -> PartnerStatus:
    try:
        return PartnerStatus(status)
    except ValueError as error:
        raise InvalidInput("There is no such status.") from error


def _count(partners: Partners) -> int:
    with reading() as session:
        return assignments.count(session, partners)


def _foresee(status: PartnerStatus, partners: Partners) -> Foreseen:
    with reading() as session:
        found = bulk.statuses(session, partners)
        waiting = bulk.waiting_for(session, partners)
    same = found.pop(status, 0)
    others = sum(found.values())
    if not others:
        return Foreseen(f"All of them are {status} already: nothing would happen.")
    headline = f"{people(others)} {'becomes' if others == 1 else 'become'} {status}"
    already = f", {same:,} already {'is' if same == 1 else 'are'}" if same else ""
    return Foreseen(
        f"{headline}{already}.",
        _consequences(status, waiting),
        added=others,
        confirm=f"Change status of {people(others)}",
    )


def _consequences(status: PartnerStatus, waiting: int) -> list[ForeseenLine]:
    if status == PartnerStatus.ACTIVE:
        too = ", those that wait already included" if waiting else ""
        works = "as far as they have not unsubscribed and their address works"
        return [
            ForeseenLine("send", f"Emails reach them again{too}, {works}."),
            ForeseenLine("skip", "What was withheld is not sent later."),
        ]
    lines = [ForeseenLine("skip", "No email is sent to them any more. Their tags stay on.")]
    if waiting:
        skipped = f"{counted(waiting, 'waiting email')} {'is' if waiting == 1 else 'are'} skipped"
        lines.append(ForeseenLine("skip", f"{skipped} when due."))
    return lines


def _start(status: PartnerStatus, partners: Partners, number: int, actor: str) -> int:
    """Start the job for the partners that were shown; raises Conflict when they are others now."""
    with writing() as session:
        job = jobs.start_status(
            session,
            status,
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
