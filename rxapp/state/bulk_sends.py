"""Sending the failed emails of a filter again, or canceling its waiting ones: first in numbers."""

from __future__ import annotations

from collections.abc import Mapping

from rxapp.db import many_sends
from rxapp.db.engine import count_of, reading, writing
from rxapp.db.models import JobKind
from rxapp.domain import jobs, send_filters, settings
from rxapp.domain.leaving import leaving
from rxapp.errors import Conflict, InvalidInput
from rxapp.state import foreseen
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.bulk import TYPE_ABOVE, as_number
from rxapp.state.foreseen import WITHHELD, Foreseen, ForeseenLine, counted
from rxapp.state.jobs import JobsState
from rxapp.state.sends import SendsState


class BulkSendsState(AppState):
    """The dialog of doing something with all sends the filters let through."""

    opened: bool = False
    canceling: bool = False
    # How many sends it is about, of those the filters let through.
    number: int = 0
    answer: Foreseen = Foreseen()
    ready: bool = False
    must_type: bool = False
    typed: str = ""
    # The filters as they were when the dialog was opened: what was shown is what is done.
    _filters: dict[str, str] = {}

    @handler("admin")
    async def open_again(self) -> None:
        """Say what sending the failed ones again would do."""
        await self._open(canceling=False)

    @handler("admin")
    async def open_cancel(self) -> None:
        """Say what canceling the waiting ones would do."""
        await self._open(canceling=True)

    @handler("viewer")
    async def set_opened(self, opened: bool) -> None:
        """Close the dialog; nothing was started."""
        self.opened = opened

    @handler("admin")
    async def type_number(self, text: str) -> None:
        """Note the number of emails the person typed."""
        self.typed = text
        self.ready = as_number(text) == self.answer.emails

    @handler("admin")
    async def start(self) -> None:
        """Start what was shown, and let the bar show how far it is."""
        if not self.ready:
            raise InvalidInput("Look at what would happen first, and confirm it.")
        if self.must_type and as_number(self.typed) != self.answer.emails:
            raise InvalidInput(f"Type {self.answer.emails} to send that many emails.")
        kind = JobKind.CANCEL_SENDS if self.canceling else JobKind.SEND_AGAIN
        actor = current_user().label
        self.ready = False
        job_id = await run(_start, kind, self._filters, self.number, actor)
        self.opened = False
        bar = await self.get_state(JobsState)
        await bar._show(job_id)

    async def _open(self, *, canceling: bool) -> None:
        history = await self.get_state(SendsState)
        self.canceling, self._filters, self.typed = canceling, dict(history.filters), ""
        foresee = _foresee_cancel if canceling else _foresee_again
        self.number, self.answer = await run(foresee, self._filters)
        self.must_type = self.answer.emails > TYPE_ABOVE
        self.ready = self.number > 0 and not self.must_type
        self.opened = True


def _foresee_cancel(filters: Mapping[str, str]) -> tuple[int, Foreseen]:
    with reading() as session:
        number = count_of(session, many_sends.waiting(send_filters.wanted(filters)))
    if not number:
        return 0, Foreseen("None of these emails is waiting.", confirm="Cancel emails")
    lines = [
        ForeseenLine("skip", "They do not leave. Each can be sent later from its own page."),
        ForeseenLine("tag", "Tags stay on, and the history says who canceled them."),
    ]
    does = "is" if number == 1 else "are"
    headline = f"{counted(number, 'waiting email')} {does} canceled."
    return number, Foreseen(headline, lines, confirm=f"Cancel {counted(number, 'email')}")


def _foresee_again(filters: Mapping[str, str]) -> tuple[int, Foreseen]:
    wanted = send_filters.wanted(filters)
    with reading() as session:
        ids = many_sends.repeatable(wanted)
        emails = many_sends.by_email(session, ids)
        own = many_sends.failed_by_themselves(session, ids)
        unanswered = count_of(session, many_sends.unanswered(wanted))
        way, hold = leaving(session), settings.program(session).undo_seconds
    number = sum(emails.values())
    sent = sum(found for (_, why), found in emails.items() if not why)
    moment = foreseen.when(way, hold_seconds=hold)
    lines = [
        _line(email, why, found, f"{foreseen.gets(way, found)} “{email}” again {moment}")
        for (email, why), found in emails.items()
    ]
    lines.sort(key=lambda line: line.tone == "skip")
    lines += _warnings(own, unanswered)
    headline = (
        f"{counted(number, 'failed email')} {'is' if number == 1 else 'are'} {way.done} again, "
        "in the present wording."
        if number
        else "None of these emails has failed without being sent again since."
    )
    confirm = f"{way.verb.title()} {counted(sent, 'email')} again" if number else "Send again"
    return number, Foreseen(headline, lines, number, sent, f"{sent:,}", way.verb, way.done, confirm)


def _line(email: str, why: str, number: int, happens: str) -> ForeseenLine:
    one = number == 1
    if not why:
        return ForeseenLine("send", f"{number:,} {happens}.")
    does = "does" if one else "do"
    return ForeseenLine(
        "skip", f"{number:,} {WITHHELD[why][0 if one else 1]} and {does} not get “{email}”."
    )


def _warnings(own: int, unanswered: int) -> list[ForeseenLine]:
    lines = []
    if own:
        words = f"{own:,} failed because the email could not be put together"
        lines.append(ForeseenLine("tag", f"{words}: unless that was mended, they fail again."))
    if unanswered:
        words = f"{unanswered:,} never got an answer from the provider and may have arrived"
        lines.append(ForeseenLine("skip", f"{words}: they are not sent again."))
    return lines


def _start(kind: JobKind, filters: Mapping[str, str], number: int, actor: str) -> int:
    """Start the job for the sends that were shown; raises Conflict when they are others now."""
    with writing() as session:
        again = kind == JobKind.SEND_AGAIN
        hold = settings.program(session).undo_seconds if again else 0
        job = jobs.start_sends(
            session, kind, send_filters.wanted(filters), actor=actor, hold_seconds=hold
        )
        # Waiting emails leave by themselves: fewer than were shown are no surprise.
        if job.total > number or (again and job.total != number):
            raise Conflict(
                f"Meanwhile these are {counted(job.total, 'email')}, not {number:,}. "
                "Nothing was started. Close this and look again."
            )
        return job.id
