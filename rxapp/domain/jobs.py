"""Long work in chunks: each one transaction that also moves the job on.

So a crash repeats nothing and skips nothing, single assignments slip in between two chunks, and
what was shown before starting is what is done: the partners or sends are written down with the job.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from rxapp.db import assignments, causes, many_sends, sends
from rxapp.db import jobs as sql
from rxapp.db import undo as undoing
from rxapp.db.assignments import Partners
from rxapp.db.engine import wakes_dispatcher
from rxapp.db.models import Automation, Cause, Job, JobKind, JobStatus, PartnerStatus, Source
from rxapp.db.send_log import SendFilter
from rxapp.db.types import utcnow
from rxapp.domain import audit, decisions, import_rows, partner_status, tags
from rxapp.errors import NotFound, WrongStatus

# Partners per transaction: about a tenth of a second, which is how long a click may have to wait.
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class JobView:
    """A job, as it is shown."""

    id: int
    kind: str
    status: str
    total: int
    done: int
    counts: dict[str, int]
    error: str
    # Seconds in which it can still be undone as if it had not been.
    undo_seconds: float
    cancelable: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """How many partners are as before (or emails are not sent again), and who was emailed."""

    number: int
    # Emails that had begun to leave when it was taken back.
    emailed: int = 0


def start_bulk(
    session: Session,
    kind: JobKind,
    tag_id: int,
    partners: Partners,
    *,
    actor: str,
    run_automations: bool = True,
    hold_seconds: int = 0,
) -> Job:
    """Assign a tag to, or take it off, many partners. Emails wait `hold_seconds`: the undo window.

    Raises NotFound or Conflict as `assign_tags` does, before anything is written.
    """
    if kind == JobKind.ASSIGN:
        tags.usable(session, tag_id)
    params = {"tag_id": tag_id, "run_automations": run_automations}
    job = start(session, kind, params, actor=actor, hold_seconds=hold_seconds)
    job.total = sql.list_partners(session, job.id, partners)
    session.flush()
    return job


def start_status(
    session: Session,
    status: PartnerStatus,
    partners: Partners,
    *,
    actor: str,
    hold_seconds: int = 0,
) -> Job:
    """Change the status of many partners; it can be taken back for `hold_seconds`."""
    params = {"status": status}
    job = start(session, JobKind.STATUS, params, actor=actor, hold_seconds=hold_seconds)
    job.total = sql.list_partners(session, job.id, partners)
    session.flush()
    return job


def start_sends(
    session: Session, kind: JobKind, wanted: SendFilter, *, actor: str, hold_seconds: int = 0
) -> Job:
    """Send the failed ones of a filter again, or cancel its waiting ones."""
    again = kind == JobKind.SEND_AGAIN
    ids = many_sends.repeatable(wanted) if again else many_sends.waiting(wanted)
    job = start(session, kind, {}, actor=actor, hold_seconds=hold_seconds)
    job.total = many_sends.note(session, job.id, ids)
    session.flush()
    return job


def start_backfill(
    session: Session, automation_id: int, *, actor: str, hold_seconds: int = 0
) -> Job:
    """Run an automation for everybody who has its tag already and whom it has not met."""
    automation = session.get(Automation, automation_id)
    if automation is None:
        raise NotFound("There is no such automation.")
    params = {"automation_id": automation_id, "tag_id": automation.tag_id, "after": 0}
    job = start(session, JobKind.BACKFILL, params, actor=actor, hold_seconds=hold_seconds)
    job.total = decisions.count_unmet(session, automation.tag_id, automation_id)
    session.flush()
    return job


def start(
    session: Session, kind: JobKind, params: dict[str, Any], *, actor: str, hold_seconds: int = 0
) -> Job:
    """Put a job in line; a worker takes it up at once."""
    now = utcnow()
    hold_until = now + timedelta(seconds=hold_seconds) if hold_seconds else None
    job = Job(kind=kind, params=params, actor=actor, hold_until=hold_until, created_at=now)
    session.add(job)
    session.flush()
    audit.record(session, actor, "job", job.id, "started", kind=str(kind))
    wakes_dispatcher(session)
    return job


def run_chunk(session: Session, job: Job) -> bool:
    """Do the next piece of a running job; false when that was the last."""
    more = _CHUNKS[JobKind(job.kind)](session, job)
    if not more:
        job.status = JobStatus.DONE
        job.finished_at = utcnow()
    session.flush()
    return more


def cancel(session: Session, job_id: int, actor: str) -> int:
    """Stop a job where it is; tags already on stay on, emails still waiting are canceled.

    Returns how many emails were. Raises WrongStatus when there is nothing left to stop.
    """
    job = _locked(session, job_id)
    canceled = sends.cancel_of_job(session, job_id, "canceled", utcnow(), _repeated(job))
    if job.status not in sql.UNFINISHED and not canceled:
        raise WrongStatus("This has already finished, and all of its emails have left.")
    if job.status in sql.UNFINISHED:
        _end(session, job)
    audit.record(session, actor, "job", job_id, "canceled", emails=canceled)
    session.flush()
    return canceled


def cancel_of(session: Session, whose: str, actor: str) -> int:
    """Stop whatever this person has under way, as `cancel` does; returns how many jobs."""
    unfinished = sql.unfinished_of(session, whose)
    for job_id in unfinished:
        with suppress(WrongStatus):  # ended meanwhile
            cancel(session, job_id, actor)
    return len(unfinished)


def undo(session: Session, job_id: int, actor: str) -> Undone:
    """Take back a bulk action within its undo window: all is as before.

    Also what automations that it set off did to tags. Raises WrongStatus when the window is over.
    """
    job = _locked(session, job_id)
    now = utcnow()
    if job.kind not in _UNDOERS or job.hold_until is None or job.undone_at is not None:
        raise WrongStatus("This cannot be undone.")
    if now >= job.hold_until:
        raise WrongStatus("The time to undo this is over.")
    undone = _UNDOERS[JobKind(job.kind)](session, job, actor)
    if job.status in sql.UNFINISHED:
        _end(session, job)
    job.undone_at = now
    job.counts = job.counts | {"emailed": undone.emailed}
    audit.record(session, actor, "job", job_id, "undone", number=undone.number)
    wakes_dispatcher(session)
    session.flush()
    return undone


def find(session: Session, job_id: int) -> Job:
    """The job; raises NotFound."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound("There is no such job.")
    return job


def view(session: Session, job_id: int) -> JobView:
    """The job as it stands; raises NotFound."""
    job = find(session, job_id)
    undoable = job.kind in _UNDOERS and job.hold_until is not None and job.undone_at is None
    left = (job.hold_until - utcnow()).total_seconds() if undoable and job.hold_until else 0.0
    return JobView(
        id=job.id,
        kind=job.kind,
        status=job.status,
        total=job.total,
        done=job.done,
        counts=job.counts,
        error=job.error,
        undo_seconds=max(0.0, left),
        cancelable=job.status in sql.UNFINISHED,
    )


def fail(session: Session, job: Job, sentence: str) -> None:
    """The job cannot go on; what its chunks did stays."""
    job.status = JobStatus.FAILED
    job.error = sentence
    job.finished_at = utcnow()
    sql.forget_rows(session, job.id)
    session.flush()


def count(job: Job, **numbers: int) -> None:
    """Add to the job's counts."""
    job.counts = dict(Counter(job.counts) + Counter(numbers))


def _end(session: Session, job: Job) -> None:
    job.status = JobStatus.CANCELED
    job.finished_at = utcnow()
    if job.kind == JobKind.IMPORT:
        sql.forget_rows(session, job.id)


def _locked(session: Session, job_id: int) -> Job:
    job = sql.locked(session, job_id)
    if job is None:
        raise NotFound("There is no such job.")
    return job


def _assign_chunk(session: Session, job: Job) -> bool:
    upto = min(job.done + CHUNK, job.total)
    done = tags.assign_tags(
        session,
        job.params["tag_id"],
        assignments.job_partners(job.id, job.done, upto),
        source=Source.BULK,
        actor=job.actor,
        run_automations=job.params["run_automations"],
        bulk=True,
        hold_until=job.hold_until,
        job_id=job.id,
    )
    count(
        job,
        added=done.added,
        already=done.already,
        queued=done.queued,
        skipped=sum(done.skipped.values()),
    )
    job.done = upto
    return job.done < job.total


def _remove_chunk(session: Session, job: Job) -> bool:
    upto = min(job.done + CHUNK, job.total)
    partners = assignments.job_partners(job.id, job.done, upto)
    done = tags.remove_tags(
        session,
        job.params["tag_id"],
        partners,
        source=Source.BULK,
        actor=job.actor,
        job_id=job.id,
    )
    count(job, removed=done.removed, missing=done.missing)
    job.done = upto
    return job.done < job.total


def _status_chunk(session: Session, job: Job) -> bool:
    upto = min(job.done + CHUNK, job.total)
    changed = partner_status.run_chunk(session, job, upto)
    count(job, changed=changed, unchanged=upto - job.done - changed)
    job.done = upto
    return job.done < job.total


def _send_again_chunk(session: Session, job: Job) -> bool:
    upto = min(job.done + CHUNK, job.total)
    listed = many_sends.of_job(job.id, job.done, upto)
    many_sends.lock(session, listed)
    now = utcnow()
    queued = sends.repeat(
        session,
        many_sends.still_repeatable(listed),
        actor=job.actor,
        now=now,
        due_at=job.hold_until,
        bulk=True,
    )
    count(job, queued=queued, left_out=upto - job.done - queued)
    job.params = job.params | {"repeated": [*job.params.get("repeated", []), now.isoformat()]}
    job.done = upto
    wakes_dispatcher(session)
    return job.done < job.total


def _cancel_sends_chunk(session: Session, job: Job) -> bool:
    upto = min(job.done + CHUNK, job.total)
    listed = many_sends.of_job(job.id, job.done, upto)
    canceled = many_sends.cancel(session, listed, actor=job.actor, now=utcnow())
    count(job, canceled=canceled, gone=upto - job.done - canceled)
    job.done = upto
    return job.done < job.total


def _repeated(job: Job) -> list[datetime]:
    """When its chunks queued emails once more."""
    return [datetime.fromisoformat(at) for at in job.params.get("repeated", [])]


def _undo_sending_again(session: Session, job: Job, _actor: str) -> Undone:
    return Undone(sends.cancel_of_job(session, job.id, "undone", utcnow(), _repeated(job)))


def _undo_status(session: Session, job: Job, actor: str) -> Undone:
    return Undone(partner_status.undo(session, job, actor))


def _undo_tags(session: Session, job: Job, actor: str) -> Undone:
    """What it put on comes off, what it took off comes back, and its emails do not leave."""
    now = utcnow()
    cause = Cause(
        tag_id=job.params["tag_id"], source=Source.BULK, actor=actor, job_id=job.id, created_at=now
    )
    causes.record(session, cause)
    its = undoing.causes_of(session, job.id)
    number = undoing.hold(session, its)
    sends.cancel_of_job(session, job.id, "undone", now)
    undoing.end_opened(session, its, cause)
    undoing.put_back(session, its, cause)
    return Undone(number, undoing.emailed(session, its))


def _backfill_chunk(session: Session, job: Job) -> bool:
    met = decisions.backfill(
        session,
        job.params["automation_id"],
        tags.follow,
        cause=Cause(
            tag_id=job.params["tag_id"], source=Source.BULK, actor=job.actor, job_id=job.id
        ),
        after=job.params["after"],
        limit=CHUNK,
        hold_until=job.hold_until,
    )
    count(job, queued=met.tally.queued, skipped=sum(met.tally.skipped.values()))
    job.params = job.params | {"after": met.last_id}
    job.done += met.number
    if met.tally.queued:
        wakes_dispatcher(session)
    return met.number == CHUNK


_CHUNKS: dict[JobKind, Callable[[Session, Job], bool]] = {
    JobKind.ASSIGN: _assign_chunk,
    JobKind.REMOVE: _remove_chunk,
    JobKind.BACKFILL: _backfill_chunk,
    JobKind.IMPORT: import_rows.run_chunk,
    JobKind.STATUS: _status_chunk,
    JobKind.SEND_AGAIN: _send_again_chunk,
    JobKind.CANCEL_SENDS: _cancel_sends_chunk,
}
_UNDOERS: dict[JobKind, Callable[[Session, Job, str], Undone]] = {
    JobKind.ASSIGN: _undo_tags,
    JobKind.REMOVE: _undo_tags,
    JobKind.STATUS: _undo_status,
    JobKind.SEND_AGAIN: _undo_sending_again,
}
