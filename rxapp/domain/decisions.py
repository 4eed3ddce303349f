"""Deciding: an automation meets a set of assignments, and every email it owes is written down.

Nothing here looks at single partners: each step is one statement over the whole set.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from sqlmodel import Session

from rxapp.db import causes
from rxapp.db import decisions as sql
from rxapp.db.assignments import Partners
from rxapp.db.decisions import Step
from rxapp.db.models import ActionKind, Cause

# An automation can set off another one; chains longer than this are stopped and logged.
MAX_DEPTH = 10


@dataclass
class Tally:
    """What one call of the door led to, chains included."""

    added: int = 0
    # (automation, action, email, delay in seconds, status, reason) → how many
    emails: Counter[tuple[int, int, int, int, str, str]] = field(default_factory=Counter)
    tags_added: Counter[int] = field(default_factory=Counter)
    tags_removed: Counter[int] = field(default_factory=Counter)

    @property
    def queued(self) -> int:
        """How many emails will leave."""
        return sum(n for (*_, status, _reason), n in self.emails.items() if status == "queued")

    @property
    def skipped(self) -> dict[str, int]:
        """How many emails will not leave, by reason."""
        by_reason: dict[str, int] = defaultdict(int)
        for (*_, status, reason), number in self.emails.items():
            if status == "skipped":
                by_reason[reason] += number
        return dict(by_reason)


@dataclass(frozen=True, slots=True)
class Wave:
    """One set of assignments going through the automations of its tag."""

    session: Session
    cause: Cause
    bulk: bool
    # Nothing leaves before this moment: the undo window of a bulk action.
    hold_until: datetime | None
    now: datetime
    tally: Tally
    # The door itself: how an automation adds or removes a tag (partners, step).
    follow: Callable[["Wave", Step, Partners], None]


def run_automations(wave: Wave) -> None:
    """Run every switched-on automation of the wave's tag, in creation order."""
    steps = sql.steps(wave.session, tag_id=wave.cause.tag_id)
    for automation_id, actions in groupby(steps, key=lambda step: step.automation_id):
        sql.meet(
            wave.session,
            wave.cause,
            automation_id,
            sql.opened_by(wave.cause),
            too_deep=wave.cause.depth >= MAX_DEPTH,
            now=wave.now,
        )
        perform(wave, automation_id, list(actions))


def perform(wave: Wave, automation_id: int, steps: list[Step]) -> None:
    """Do the steps of one automation for the partners it met in this wave."""
    for step in steps:
        if step.kind == ActionKind.SEND_EMAIL:
            _decide_email(wave, step)
        else:
            wave.follow(wave, step, sql.fired_partners(wave.cause, automation_id))


@dataclass(frozen=True, slots=True)
class Backfilled:
    """What meeting some of those who already had the tag led to; `last_id` is where to go on."""

    number: int
    last_id: int
    tally: Tally


def count_unmet(session: Session, tag_id: int, automation_id: int) -> int:
    """How many partners have the tag without the automation ever having met it."""
    return sql.count_open_without_run(session, tag_id, automation_id)


def backfill(
    session: Session,
    automation_id: int,
    follow: Callable[[Wave, Step, Partners], None],
    *,
    cause: Cause,
    after: int,
    limit: int,
    hold_until: datetime | None,
) -> Backfilled:
    """Have one automation meet assignments made before it was switched on, in pieces.

    `after` is the last assignment of the piece before. An assignment is met at most once, ever.
    """
    wave = Wave(session, cause, True, hold_until, cause.created_at, Tally(), follow)
    steps = sql.steps(session, automation_id=automation_id)
    last_id = sql.last_open_without_run(session, cause.tag_id, automation_id, after, limit)
    if not steps or last_id is None:
        return Backfilled(0, after, wave.tally)
    causes.record(session, cause)
    unmet = sql.open_without_run(cause.tag_id, automation_id, after, limit)
    number = sql.meet(session, cause, automation_id, unmet, too_deep=False, now=wave.now)
    perform(wave, automation_id, steps)
    return Backfilled(number, last_id, wave.tally)


def _decide_email(wave: Wave, step: Step) -> None:
    due_at = wave.now + timedelta(seconds=step.delay_seconds)
    if wave.hold_until is not None:
        due_at = max(due_at, wave.hold_until)
    sql.decide_sends(wave.session, wave.cause, step, bulk=wave.bulk, due_at=due_at, now=wave.now)
    found = sql.outcomes(wave.session, wave.cause, step.action_id)
    for (status, reason), number in found.items():
        key = (
            step.automation_id,
            step.action_id,
            step.template_id or 0,
            step.delay_seconds,
            status,
            reason,
        )
        wave.tally.emails[key] += number
