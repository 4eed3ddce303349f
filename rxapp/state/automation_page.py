"""An automation's page: what it does, what it did, why emails were held back, who changed it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from reflex.event import Event, EventCallback
from sqlmodel import Session

from rxapp import routes
from rxapp.db import audit, automation_log
from rxapp.db import automations as sql
from rxapp.db.automation_log import Held, RunEmail, RunRow
from rxapp.db.automations import AutomationView
from rxapp.db.engine import reading, writing
from rxapp.db.models import AuditEntry, Job, Run, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.domain import automation_words, automations, jobs, reasons
from rxapp.domain.text import as_id
from rxapp.state import query, say, why
from rxapp.state.automations import LATELY, StepWords, step_words
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.foreseen import counted, people
from rxapp.state.outcomes import RARE

PAGE = 20
CHANGES = 50
# What the last 30 days are told in: a word, the statuses it stands for, and Sends' name for it.
FIGURES = (
    ("Sent", automation_log.LEFT, "", "green"),
    ("Waiting", automation_log.WAITING, "waiting", "blue"),
    ("Skipped", (SendStatus.SKIPPED, SendStatus.CANCELED), "skipped", "gray"),
    ("Bounced or spam", (SendStatus.BOUNCED, SendStatus.COMPLAINED), "undelivered", "red"),
    ("Failed", (SendStatus.FAILED,), "failed", "red"),
    ("Unknown", (SendStatus.UNKNOWN,), "unknown", "amber"),
    ("Captured", (SendStatus.CAPTURED,), "captured", "amber"),
)


@dataclass
class Facts:
    """The automation itself, as it is now; or as it was, when it was deleted."""

    id: int = 0
    name: str = ""
    title: str = ""
    tag_id: int = 0
    tag: str = ""
    color: str = "gray"
    steps: list[StepWords] = field(default_factory=list)
    enabled: bool = False
    fired: str = ""


@dataclass
class FigureLine:
    """A number with what it counts, and where to see what it counted."""

    label: str
    number: str
    some: bool
    href: str
    tone: str


@dataclass
class HeldLine:
    """Why some emails did not leave, how many, and where to see them."""

    status: str
    words: str
    number: str
    href: str


@dataclass
class RunEmailLine:
    """An email a run decided."""

    id: int
    template: str
    status: str
    why: str
    # When it leaves, while that is still to come.
    due: str


@dataclass
class RunLine:
    """One run: for whom, when, what led to it, and what was decided."""

    id: int
    partner_id: int
    partner: str
    at: str
    door: str
    # Why it did nothing.
    stopped: str
    emails: list[RunEmailLine] = field(default_factory=list)


@dataclass
class ChangeLine:
    """One entry of the edit history."""

    who: str
    at: str
    words: str
    was: str
    now: str


@dataclass
class Existing:
    """The work of running it for those who had its tag already, while it can be stopped."""

    id: int = 0
    words: str = ""
    percent: int = 0
    running: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Which page of the runs is shown: those before or after a run."""

    before: int | None = None
    after: int | None = None


class AutomationPageState(AppState):
    """The automation the address names."""

    loading: bool = True
    missing: bool = False
    deleted: bool = False
    facts: Facts = Facts()
    figures: list[FigureLine] = []
    held: list[HeldLine] = []
    runs: list[RunLine] = []
    newer: bool = False
    older: bool = False
    changes: list[ChangeLine] = []
    existing: Existing = Existing()

    _number: int = 0

    @handler("viewer")
    async def load(self) -> None:
        """Read everything about it."""
        number = as_id(query.named(self.router.url.path)) or 0
        if number != self._number:
            self.loading, self._number = True, number
        await self._read()
        self.loading = False

    @handler("viewer", temporal=True)
    async def refresh(self) -> None:
        """See what has changed meanwhile."""
        if self._number and not self.loading:
            await self._read()

    @handler("viewer")
    async def show_older(self) -> Event:
        """Turn to earlier runs."""
        return self._turn(before=self.runs[-1].id if self.runs else 0)

    @handler("viewer")
    async def show_newer(self) -> Event:
        """Turn to later runs."""
        return self._turn(after=self.runs[0].id if self.runs else 0)

    @handler("admin")
    async def duplicate(self) -> Event:
        """Make a copy, switched off, and open it to be changed."""
        copy = await run(_duplicate, self._number, current_user().label)
        return say.go(routes.edit_automation(copy))

    @handler("admin")
    async def stop(self) -> list[Event | EventCallback[()]]:
        """Stop running it for those who had its tag; what has not left yet is canceled."""
        emails = await run(_stop, self.existing.id, current_user().label)
        were = "was" if emails == 1 else "were"
        words = f"Stopped. {counted(emails, 'waiting email')} {were} canceled."
        return [say.success(words), AutomationPageState.refresh]

    def _turn(self, **place: int) -> Event:
        wanted = {name: str(run_id) for name, run_id in place.items() if run_id}
        return say.go(query.address(routes.automation(self._number), wanted))

    async def _read(self) -> None:
        asked = query.asked(self.router.url.query_parameters)
        place = _Place(query.number(asked, "before"), query.number(asked, "after"))
        found = await run(_read, self._number, place)
        self.missing = found is None
        if found is None:
            return
        self.facts, self.deleted, self.figures, self.held, self.existing = found.now
        self.runs, self.newer, self.older = found.runs
        self.changes = found.changes


@dataclass(frozen=True, slots=True)
class _Found:
    now: tuple[Facts, bool, list[FigureLine], list[HeldLine], Existing]
    runs: tuple[list[RunLine], bool, bool]
    changes: list[ChangeLine]


def _read(number: int, place: _Place) -> _Found | None:
    since = utcnow() - LATELY
    with reading() as session:
        view = sql.view(session, number, deleted=True)
        if view is None:
            return None
        counts = automation_log.outcomes(session, number, since)
        held = automation_log.held_back(session, number, since)
        fired = sql.last_fired(session, [number]).get(number)
        log = audit.entries(session, subject="automation", subject_id=number, limit=CHANGES)
        rows, newer, older = _page(session, number, place)
        emails = automation_log.run_emails(session, number, rows)
        existing = _existing(automation_log.backfill_job(session, number, utcnow()))
        changes = [_change(entry) for entry in log]
    facts = _facts(view, fired.isoformat() if fired else "")
    figures = [
        _figure(label, sum(counts[one] for one in statuses), number, name, tone)
        for label, statuses, name, tone in FIGURES
        if name not in RARE or any(counts[one] for one in statuses)
    ]
    lines = [_run(row, emails.get(row.assignment_id, [])) for row in rows]
    return _Found(
        (facts, view.deleted, figures, [_held(one, number) for one in held], existing),
        (lines, newer, older),
        changes,
    )


def _page(session: Session, number: int, place: _Place) -> tuple[list[RunRow], bool, bool]:
    """The runs of this page, and whether there are newer and older ones."""
    if place.after is not None:
        rows = automation_log.runs(session, number, limit=PAGE + 1, after=place.after)
        return rows[-PAGE:], len(rows) > PAGE, True
    rows = automation_log.runs(session, number, limit=PAGE + 1, before=place.before)
    return rows[:PAGE], place.before is not None, len(rows) > PAGE


def _facts(view: AutomationView, fired: str) -> Facts:
    return Facts(
        id=view.id,
        name=view.name,
        title=automation_words.title(view),
        tag_id=view.tag_id,
        tag=view.tag,
        color=view.color,
        steps=[step_words(step) for step in view.actions],
        enabled=view.enabled,
        fired=fired,
    )


def _sends(number: int, status: str) -> str:
    return query.address(routes.SENDS, {"automation": str(number), "status": status})


def _figure(label: str, count: int, number: int, status: str, tone: str) -> FigureLine:
    return FigureLine(label, f"{count:,}", count > 0, _sends(number, status), tone)


def _held(one: Held, number: int) -> HeldLine:
    words = reasons.sentence(one.reason, one.detail) or "No further explanation."
    return HeldLine(one.status, words, f"{one.count:,}", _sends(number, one.status))


def _run(row: RunRow, emails: list[RunEmail]) -> RunLine:
    name = f"{row.first_name} {row.last_name}".strip() or row.email or f"Partner {row.partner_id}"
    return RunLine(
        id=row.id,
        partner_id=row.partner_id,
        partner=name,
        at=row.created_at.isoformat(),
        door=_door(row),
        stopped=reasons.sentence("loop") if row.outcome == Run.LOOP and not emails else "",
        emails=[_email(one) for one in emails],
    )


def _door(row: RunRow) -> str:
    if row.late and row.source != Source.AUTOMATION:
        return f"had the tag already, run for them by {row.actor or 'somebody'}"
    return f"assigned {why.door(row.source, row.actor, row.parent)}"


def _email(one: RunEmail) -> RunEmailLine:
    later = one.status == SendStatus.QUEUED and not one.why_not and one.due_at > utcnow()
    due = one.due_at.isoformat() if later else ""
    why_not = reasons.told(one.reason, one.detail, one.why_not)
    return RunEmailLine(one.id, one.template, one.status, why_not, due)


# What was done to it, in words that go on from who did it.
_DEEDS = {
    "created": "created it",
    "deleted": "deleted it",
}


def _change(entry: AuditEntry) -> ChangeLine:
    data = entry.data
    words = _DEEDS.get(entry.action, "") or _changed(entry.action, data)
    return ChangeLine(
        who=entry.actor or "Somebody",
        at=entry.at.isoformat(),
        words=words,
        was=str(data.get("was", "")),
        now=str(data.get("now", "")),
    )


def _changed(action: str, data: dict[str, Any]) -> str:
    if action == "ran_for_existing":
        had = "had its tag already"
        return f"had it run for {people(int(data.get('partners', 0)))} who {had}"
    changed = data.get("changed", [])
    told = []
    if "enabled" in changed:
        ways = {True: "switched it on", False: "switched it off"}
        told.append(ways.get(data.get("enabled", ""), "switched it on or off"))
    if "tag" in changed or "actions" in changed:
        told.append("changed what it does")
    name = data.get("name_now", "")
    if "name" in changed and name != data.get("now"):
        told.append(f"called it “{name}”" if name else "took its name away")
    return " and ".join(told) or "changed it"


def _existing(job: Job | None) -> Existing:
    if job is None:
        return Existing()
    done, queued = job.done, job.counts.get("queued", 0)
    words = f"{done:,} of {people(job.total)} · {queued:,} emails"
    running = job.finished_at is None
    percent = 100 * done // job.total if job.total else 100
    return Existing(job.id, words, percent, running)


def _duplicate(number: int, actor: str) -> int:
    with writing() as session:
        return automations.duplicate(session, number, actor).id


def _stop(job_id: int, actor: str) -> int:
    with writing() as session:
        return jobs.cancel(session, job_id, actor)
