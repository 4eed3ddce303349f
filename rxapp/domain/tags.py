"""The one door: every tag that is put on or taken off a partner goes through here.

Dashboard, bulk action, REST API, import and automations call `assign_tags` and `remove_tags`
inside a transaction of theirs. The assignments, the automations they set off, and every email
that is owed or withheld are written in that same transaction.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rxapp.db import assignments as sql
from rxapp.db import causes
from rxapp.db.assignments import Partners
from rxapp.db.decisions import Step
from rxapp.db.engine import wakes_dispatcher
from rxapp.db.models import ActionKind, Cause, Source, Tag
from rxapp.db.types import utcnow
from rxapp.domain.decisions import Tally, Wave, run_automations
from rxapp.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Assigned:
    """What an assignment did. `cause_id` is None when everybody already had the tag."""

    added: int
    already: int
    cause_id: int | None
    tally: Tally

    @property
    def queued(self) -> int:
        """How many emails will leave."""
        return self.tally.queued

    @property
    def skipped(self) -> dict[str, int]:
        """How many emails will not leave, by reason."""
        return self.tally.skipped


@dataclass(frozen=True, slots=True)
class Removed:
    """What a removal did."""

    removed: int
    missing: int


def assign_tags(
    session: Session,
    tag_id: int,
    partners: Partners,
    *,
    source: Source,
    actor: str,
    run_automations: bool = True,
    bulk: bool = False,
    hold_until: datetime | None = None,
    job_id: int | None = None,
) -> Assigned:
    """Assign a tag to partners; those who hold it already are left alone.

    `partners` are ids, or a query for ids. `bulk` emails leave after single ones. `hold_until` is
    the end of an undo window: nothing leaves before. Raises NotFound for an unknown tag, Conflict
    for an archived one.
    """
    usable(session, tag_id)
    now = utcnow()
    wanted = sql.count(session, partners)
    tally = Tally()
    cause = Cause(tag_id=tag_id, source=source, actor=actor, job_id=job_id, created_at=now)
    wave = Wave(session, cause, bulk, hold_until, now, tally, follow)
    added = _assign(wave, partners, run=run_automations)
    if tally.queued:
        wakes_dispatcher(session)
    return Assigned(added, wanted - added, cause.id if added else None, tally)


def remove_tags(
    session: Session,
    tag_id: int,
    partners: Partners,
    *,
    source: Source,
    actor: str,
    job_id: int | None = None,
) -> Removed:
    """Take a tag off partners; what was already decided stays.

    Raises NotFound for an unknown tag.
    """
    if session.get(Tag, tag_id) is None:
        raise NotFound("There is no such tag.")
    wanted = sql.count(session, partners)
    cause = Cause(tag_id=tag_id, source=source, actor=actor, job_id=job_id)
    removed = _remove(session, cause, partners)
    return Removed(removed, wanted - removed)


def usable(session: Session, tag_id: int) -> None:
    """Raise NotFound for a tag that does not exist, Conflict for an archived one."""
    tag = session.get(Tag, tag_id)
    if tag is None:
        raise NotFound("There is no such tag.")
    if tag.archived_at is not None:
        raise Conflict(f"The tag “{tag.name}” is archived. Restore it before assigning it.")


def _assign(wave: Wave, partners: Partners, *, run: bool) -> int:
    causes.record(wave.session, wave.cause)
    added = sql.open_new(wave.session, wave.cause, partners, wave.now)
    if not added:
        causes.forget(wave.session, wave.cause)
    elif run:
        run_automations(wave)
    return added


def _remove(session: Session, cause: Cause, partners: Partners) -> int:
    causes.record(session, cause)
    removed = sql.end(session, cause, partners, cause.created_at)
    if not removed:
        causes.forget(session, cause)
    return removed


def follow(wave: Wave, step: Step, partners: Partners) -> None:
    """An automation adds or removes a tag: the same door, one link further in the chain."""
    cause = Cause(
        tag_id=step.tag_id or 0,
        parent_id=wave.cause.id,
        root_id=wave.cause.root_id,
        depth=wave.cause.depth + 1,
        source=Source.AUTOMATION,
        actor=wave.cause.actor,
        automation_id=step.automation_id,
        job_id=wave.cause.job_id,
        created_at=wave.now,
    )
    if step.kind == ActionKind.REMOVE_TAG:
        wave.tally.tags_removed[cause.tag_id] += _remove(wave.session, cause, partners)
        return
    further = Wave(
        wave.session, cause, wave.bulk, wave.hold_until, wave.now, wave.tally, wave.follow
    )
    wave.tally.tags_added[cause.tag_id] += _assign(further, partners, run=True)
