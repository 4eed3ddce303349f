"""What became of automations: how often they ran, what their emails came to, who changed them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from rxapp.db.eligibility import why_not_waiting
from rxapp.db.models import (
    Action,
    Assignment,
    Automation,
    Cause,
    Job,
    JobKind,
    JobStatus,
    Partner,
    Run,
    Send,
    SendStatus,
    Source,
    Template,
    TemplateVersion,
)
from rxapp.db.types import written

# An email that left, whatever became of it afterwards.
LEFT = (
    SendStatus.SENT,
    SendStatus.DELIVERED,
    SendStatus.DELAYED,
    SendStatus.BOUNCED,
    SendStatus.COMPLAINED,
)
WAITING = (SendStatus.QUEUED, SendStatus.SENDING)
HELD_BACK = (SendStatus.SKIPPED, SendStatus.CANCELED, SendStatus.FAILED, SendStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Recent:
    """What became of the emails an automation decided since some moment."""

    sent: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0
    captured: int = 0


def recent(session: Session, ids: Sequence[int], since: datetime) -> dict[int, Recent]:
    """For each of these automations, what became of the emails decided from that moment on."""

    def number(statuses: Sequence[SendStatus]) -> sa.ScalarSelect[int]:
        # One range of an index for each status: grouping would sort every send in it.
        return (
            sa.select(sa.func.count())
            .where(
                col(Send.automation_id) == col(Automation.id),
                col(Send.status).in_([written(one) for one in statuses]),
                col(Send.created_at) >= since,
            )
            .correlate(Automation)
            .scalar_subquery()
        )

    query = sa.select(
        col(Automation.id),
        number(LEFT),
        number([SendStatus.SKIPPED]),
        number([SendStatus.FAILED]),
        number([SendStatus.UNKNOWN]),
        number([SendStatus.CAPTURED]),
    ).where(col(Automation.id).in_(ids))
    return {row[0]: Recent(*row[1:]) for row in session.connection().execute(query)}


def outcomes(session: Session, automation_id: int, since: datetime) -> dict[SendStatus, int]:
    """How many emails of an automation, decided from that moment on, stand where."""
    counts = [
        sa.select(sa.func.count())
        .where(
            col(Send.automation_id) == automation_id,
            col(Send.status) == written(status),
            col(Send.created_at) >= since,
        )
        .scalar_subquery()
        for status in SendStatus
    ]
    row = session.connection().execute(sa.select(*counts)).one()
    return dict(zip(SendStatus, row, strict=True))


@dataclass(frozen=True, slots=True)
class Held:
    """Why emails did not arrive: the status, the reason, how many."""

    status: SendStatus
    reason: str
    detail: str
    count: int


def held_back(
    session: Session, automation_id: int, since: datetime, *, limit: int = 10_000
) -> list[Held]:
    """Why an automation's emails did not leave, the most frequent first.

    Of the newest `limit` of them; the provider's own words (`detail`) are told apart.
    """
    newest = (
        sa.select(col(Send.status), col(Send.reason), col(Send.detail))
        .where(
            col(Send.automation_id) == automation_id,
            col(Send.status).in_([written(one) for one in HELD_BACK]),
            col(Send.created_at) >= since,
        )
        .limit(limit)
        .subquery()
    )
    number = sa.func.count()
    query = (
        sa.select(newest.c.status, newest.c.reason, newest.c.detail, number)
        .group_by(newest.c.status, newest.c.reason, newest.c.detail)
        .order_by(number.desc())
        .limit(20)
    )
    return [Held(SendStatus(row[0]), *row[1:]) for row in session.connection().execute(query)]


def waiting(session: Session, automation_id: int) -> int:
    """How many emails of an automation have not left yet."""
    query = sa.select(sa.func.count()).where(
        col(Send.automation_id) == automation_id,
        col(Send.status).in_([written(one) for one in WAITING]),
    )
    return session.connection().scalar(query.select_from(Send)) or 0


def backfill_job(session: Session, automation_id: int, now: datetime) -> Job | None:
    """The work of running an automation for those who had its tag, while it can be stopped."""
    query = (
        sa.select(Job)
        .where(
            col(Job.kind) == JobKind.BACKFILL,
            sa.or_(col(Job.finished_at).is_(None), col(Job.hold_until) > now),
            col(Job.status).not_in([JobStatus.CANCELED, JobStatus.FAILED]),
        )
        .order_by(col(Job.id).desc())
        .limit(20)
    )
    found = (job for job in session.scalars(query) if job.params["automation_id"] == automation_id)
    return next(found, None)


@dataclass(frozen=True, slots=True)
class RunRow:
    """An automation met an assignment: of whom, when, and through which door it came.

    `late`: the tag was there before, and it was run for those who had it.
    """

    id: int
    outcome: str
    created_at: datetime
    partner_id: int
    email: str | None
    first_name: str
    last_name: str
    assignment_id: int
    source: Source
    actor: str
    parent: str | None
    late: bool


@dataclass(frozen=True, slots=True)
class RunEmail:
    """An email a run decided, and where it stands."""

    id: int
    template: str
    status: SendStatus
    reason: str
    detail: str
    due_at: datetime
    # While it waits: why it would be skipped if its time came now.
    why_not: str


def runs(
    session: Session,
    automation_id: int,
    *,
    limit: int,
    before: int | None = None,
    after: int | None = None,
) -> list[RunRow]:
    """Runs of an automation, newest first; `before` and `after` are ids of runs to go on from."""
    parent = aliased(Automation)
    columns: list[Any] = [
        col(Run.id),
        col(Run.outcome),
        col(Run.created_at),
        col(Run.partner_id),
        col(Partner.email),
        col(Partner.first_name),
        col(Partner.last_name),
        col(Run.assignment_id),
        col(Cause.source),
        col(Cause.actor),
        col(parent.name),
        sa.func.coalesce(col(Job.kind) == JobKind.BACKFILL, sa.false()),
    ]
    query = (
        sa.select(*columns)
        .join(Partner, col(Partner.id) == col(Run.partner_id))
        .join(Cause, col(Cause.id) == col(Run.cause_id))
        .outerjoin(parent, col(parent.id) == col(Cause.automation_id))
        .outerjoin(Job, col(Job.id) == col(Cause.job_id))
        .where(col(Run.automation_id) == automation_id)
    )
    if before is not None:
        query = query.where(col(Run.id) < before)
    if after is not None:
        query = query.where(col(Run.id) > after).order_by(col(Run.id))
        return [RunRow(*row) for row in session.connection().execute(query.limit(limit))][::-1]
    query = query.order_by(col(Run.id).desc()).limit(limit)
    return [RunRow(*row) for row in session.connection().execute(query)]


def run_emails(
    session: Session, automation_id: int, rows: Collection[RunRow]
) -> dict[int, list[RunEmail]]:
    """What an automation decided in these runs, by assignment; the last repetition last."""
    columns: list[Any] = [
        col(Send.assignment_id),
        col(Send.id),
        col(Template.name),
        col(Send.status),
        col(Send.reason),
        col(Send.detail),
        col(Send.due_at),
        why_not_waiting(),
    ]
    query = (
        sa.select(*columns)
        .select_from(Send)
        .join(Template, col(Template.id) == col(Send.template_id))
        .join(TemplateVersion, col(TemplateVersion.id) == col(Send.version_id))
        .join(Partner, col(Partner.id) == col(Send.partner_id))
        .join(Action, col(Action.id) == col(Send.action_id))
        .join(Automation, col(Automation.id) == col(Send.automation_id))
        .join(Assignment, col(Assignment.id) == col(Send.assignment_id))
        .where(
            # Sends are found by their partner; these have few.
            col(Send.partner_id).in_({row.partner_id for row in rows}),
            col(Send.assignment_id).in_({row.assignment_id for row in rows}),
            col(Send.automation_id) == automation_id,
        )
        .order_by(col(Send.id))
    )
    found: dict[int, list[RunEmail]] = defaultdict(list)
    for assignment_id, *rest in session.connection().execute(query):
        found[assignment_id].append(RunEmail(*rest))
    return found
