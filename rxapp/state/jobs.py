"""The bulk action that is under way: how far it is, undoing it, stopping it."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from reflex.event import Event, EventCallback

from rxapp.db import bulk, decisions
from rxapp.db.engine import reading, writing
from rxapp.db.models import Job, JobKind, JobStatus
from rxapp.db.types import utcnow
from rxapp.domain import imports, jobs
from rxapp.domain.jobs import JobView, Undone
from rxapp.errors import NotFound
from rxapp.state import query, say
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.foreseen import counted, people
from rxapp.state.partners import PartnersState


@dataclass
class Figure:
    """One number of a report."""

    number: str
    label: str


@dataclass
class JobLine:
    """A job as the bar shows it; without an id there is none."""

    id: int = 0
    title: str = ""
    words: str = ""
    percent: int = 0
    running: bool = False
    failed: bool = False
    # Of an import: what its report shows, and how many rows of the file it left out.
    figures: list[Figure] = field(default_factory=list)
    left_out: int = 0
    # Whole seconds in which it can still be undone.
    undo_seconds: int = 0
    cancelable: bool = False


class JobsState(AppState):
    """The bar over the list of partners."""

    job: JobLine = JobLine()
    # The address names the job: its report is what the page is about.
    reported: bool = False

    @handler("viewer")
    async def load(self) -> None:
        """Show the job the address names, or the person's own that runs, from whichever tab."""
        asked = query.number(query.asked(self.router.url.query_parameters), "job")
        self.reported = False
        if asked:
            self.job = await run(_line, asked)
            self.reported = True
        elif not self.job.id:
            job_id = await run(_latest, current_user().label)
            self.job = await run(_line, job_id) if job_id else JobLine()

    @handler("viewer", temporal=True)
    async def refresh(self) -> EventCallback[()] | None:
        """See how far it is; once it has ended, the list shows what it did."""
        if not self.job.id:
            return None
        found = await run(_line, self.job.id)
        ended = self.job.running and not found.running
        if found != self.job:
            self.job = found
        return PartnersState.refresh if ended else None

    @handler("admin")
    async def download_left_out(self) -> Event:
        """Download the rows an import left out, each with what is wrong with it."""
        text, number = await run(_left_out, self.job.id)
        if not number:
            raise NotFound("The rows are kept for a week only, and are no longer there.")
        return say.save(text, "rows-left-out.csv")

    @handler("admin")
    async def undo(self) -> list[Event | EventCallback[()]]:
        """Take it back while its emails still wait."""
        undone, kind = await run(_undo, self.job.id, current_user().label)
        self.job = await run(_line, self.job.id)
        return [
            say.success(f"Undone: {_as_before(undone, kind)}."),
            PartnersState.refresh,
        ]

    @handler("admin")
    async def cancel(self) -> list[Event | EventCallback[()]]:
        """Stop it where it is."""
        emails = await run(_cancel, self.job.id, current_user().label)
        self.job = await run(_line, self.job.id)
        return [
            say.success(
                f"Canceled: what was done stays done. {counted(emails, 'waiting email')} canceled."
            ),
            PartnersState.refresh,
        ]

    @handler("viewer")
    async def dismiss(self) -> None:
        """Take the bar away; what runs goes on."""
        self.job = JobLine()

    async def _show(self, job_id: int) -> None:
        self.job = await run(_line, job_id)


def _latest(actor: str) -> int | None:
    with reading() as session:
        return bulk.latest_job(session, actor, utcnow())


def _line(job_id: int) -> JobLine:
    with reading() as session:
        view = jobs.view(session, job_id)
        job = session.get_one(Job, job_id)
        tag = decisions.tag_names(session).get(job.params.get("tag_id", 0), "")
        undone = job.undone_at is not None
    running = view.status in (JobStatus.WAITING, JobStatus.RUNNING)
    return JobLine(
        id=view.id,
        title=_title(job, tag, undone=undone),
        words=_undone(view) if undone else _words(view),
        percent=100 * view.done // view.total if view.total else 0,
        running=running,
        figures=_figures(view) if view.kind == JobKind.IMPORT else [],
        left_out=job.params.get("rejected", 0),
        failed=view.status == JobStatus.FAILED,
        undo_seconds=ceil(view.undo_seconds),
        # Emails of an import wait as well, but there is no undoing the partners it added.
        cancelable=view.cancelable or (view.kind == JobKind.IMPORT and _held(job)),
    )


def _held(job: Job) -> bool:
    return job.status == JobStatus.DONE and job.hold_until is not None and job.hold_until > utcnow()


def _title(job: Job, tag: str, *, undone: bool) -> str:
    status = job.params.get("status", "")
    deed = {
        JobKind.ASSIGN: f"Assigning “{tag}”",
        JobKind.REMOVE: f"Removing “{tag}”",
        JobKind.STATUS: f"Changing status to {status}",
        JobKind.IMPORT: "Importing partners",
        JobKind.SEND_AGAIN: "Sending failed emails again",
        JobKind.CANCEL_SENDS: "Canceling waiting emails",
    }.get(JobKind(job.kind), "Working")
    if undone:
        return f"{deed}: undone"
    ends = {
        JobStatus.DONE: "done",
        JobStatus.CANCELED: "canceled",
        JobStatus.FAILED: "failed",
    }
    end = ends.get(JobStatus(job.status))
    return f"{deed}: {end}" if end else deed


_UNDONE = {
    JobKind.ASSIGN: "Everything is as before",
    JobKind.REMOVE: "Everybody has the tag who had it before.",
    JobKind.STATUS: "Everybody has the status they had before.",
    JobKind.SEND_AGAIN: "Nobody was emailed again.",
}
ABOUT_SENDS = (JobKind.SEND_AGAIN, JobKind.CANCEL_SENDS)
# What a job counts, in the order it is told.
COUNTS = {
    "created": "new",
    "updated": "updated",
    "added": "tagged",
    "removed": "taken off",
    "changed": "changed",
    "unchanged": "had it already",
    "already": "had it already",
    "missing": "did not have it",
    "queued": "emails",
    "skipped": "withheld",
    "left_out": "sent again by somebody else",
    "canceled": "canceled",
    "gone": "had left already",
}
# What the report of an import shows.
REPORTED = {
    "created": "new partners",
    "updated": "updated",
    "skipped_rows": "left alone",
    "added": "tags assigned",
    "already": "tags they had already",
    "queued": "emails decided",
    "skipped": "emails withheld",
}


def _words(view: JobView) -> str:
    if view.error:
        return view.error
    told = [
        f"{view.counts[name]:,} {word}" for name, word in COUNTS.items() if view.counts.get(name)
    ]
    about = counted(view.total, "email") if view.kind in ABOUT_SENDS else people(view.total)
    progress = f"{view.done:,} of {about}"
    return " · ".join([progress, *told])


def _undone(view: JobView) -> str:
    words = _UNDONE[JobKind(view.kind)]
    return (
        f"{words}, {_emailed(view.counts.get('emailed', 0))}."
        if view.kind == JobKind.ASSIGN
        else words
    )


def _as_before(undone: Undone, kind: JobKind) -> str:
    if kind == JobKind.SEND_AGAIN:
        return f"{counted(undone.number, 'email')} canceled, and nobody was emailed again"
    who = f", {_emailed(undone.emailed)}" if kind == JobKind.ASSIGN else ""
    return f"{people(undone.number)} as before{who}"


def _emailed(number: int) -> str:
    return (
        f"but {counted(number, 'email')} had left already" if number else "and nobody was emailed"
    )


def _figures(view: JobView) -> list[Figure]:
    return [
        Figure(f"{view.counts.get(name, 0):,}", label)
        for name, label in REPORTED.items()
        if view.counts.get(name) or name == "created"
    ]


def _left_out(job_id: int) -> tuple[str, int]:
    with reading() as session:
        found = imports.rejected_by(session, job_id)
    return found.file(), len(found.rows)


def _undo(job_id: int, actor: str) -> tuple[Undone, JobKind]:
    """What was taken back, and what kind of action it was."""
    with writing() as session:
        undone = jobs.undo(session, job_id, actor)
        return undone, JobKind(jobs.find(session, job_id).kind)


def _cancel(job_id: int, actor: str) -> int:
    with writing() as session:
        return jobs.cancel(session, job_id, actor)
