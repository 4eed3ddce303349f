"""The SQL of deciding: which automations meet which assignments, and what each sends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, insert, literal, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from rxapp.db.eligibility import why_not_partner
from rxapp.db.engine import change, count_of
from rxapp.db.models import (
    Action,
    Assignment,
    Automation,
    Cause,
    Partner,
    Run,
    Send,
    SendStatus,
    Tag,
    Template,
    TemplateVersion,
)
from rxapp.db.templates import is_current
from rxapp.db.types import written
from rxapp.db.upsert import insert_new


@dataclass(frozen=True, slots=True)
class Step:
    """One action of an automation, with the version of its email that is current now."""

    automation_id: int
    action_id: int
    kind: str
    tag_id: int | None
    template_id: int | None
    template_kind: str | None
    version_id: int | None
    delay_seconds: int


def steps(
    session: Session, *, tag_id: int | None = None, automation_id: int | None = None
) -> list[Step]:
    """The actions of the switched-on automations of a tag, or of one automation, in their order."""
    rows = session.connection().execute(
        select(
            col(Action.automation_id),
            col(Action.id),
            col(Action.kind),
            col(Action.tag_id),
            col(Action.template_id),
            col(Template.kind),
            col(TemplateVersion.id),
            col(Action.delay_seconds),
        )
        .join(Automation, col(Automation.id) == col(Action.automation_id))
        .outerjoin(Template, col(Template.id) == col(Action.template_id))
        .outerjoin(TemplateVersion, is_current())
        .where(
            col(Automation.deleted_at).is_(None),
            col(Automation.enabled),
            col(Action.removed_at).is_(None),
            col(Automation.tag_id) == tag_id
            if tag_id is not None
            else col(Automation.id) == automation_id,
        )
        .order_by(col(Action.automation_id), col(Action.position))
    )
    return [Step(*row) for row in rows]


def opened_by(cause: Cause) -> Select[int, int]:
    """The assignments that a cause opened: id and partner."""
    return select(col(Assignment.id), col(Assignment.partner_id)).where(
        col(Assignment.cause_id) == cause.id
    )


def open_without_run(tag_id: int, automation_id: int, after: int, limit: int) -> Select[int, int]:
    """Open assignments of a tag that an automation has not met, in pieces ordered by id."""
    met = exists().where(
        col(Run.assignment_id) == col(Assignment.id), col(Run.automation_id) == automation_id
    )
    return (
        select(col(Assignment.id), col(Assignment.partner_id))
        .where(
            col(Assignment.tag_id) == tag_id,
            col(Assignment.ended_at).is_(None),
            col(Assignment.id) > after,
            ~met,
        )
        .order_by(col(Assignment.id))
        .limit(limit)
    )


def last_open_without_run(
    session: Session, tag_id: int, automation_id: int, after: int, limit: int
) -> int | None:
    """The last id of such a piece; None when there is none left."""
    piece = open_without_run(tag_id, automation_id, after, limit).subquery()
    last: int | None = session.connection().scalar(select(func.max(piece.c.id)))
    return last


def count_open_without_run(session: Session, tag_id: int, automation_id: int) -> int:
    """How many open assignments of a tag an automation has not met."""
    return count_of(session, open_without_run(tag_id, automation_id, 0, 2**31))


def meet(
    session: Session,
    cause: Cause,
    automation_id: int,
    assignments: Select[int, int],
    *,
    too_deep: bool,
    now: datetime,
) -> int:
    """Write one run per assignment; a partner the automation already fired for is a `loop`."""
    met = assignments.subquery()
    earlier = aliased(Run)
    fired_before = exists().where(
        col(earlier.root_id) == cause.root_id,
        col(earlier.automation_id) == automation_id,
        col(earlier.partner_id) == met.c.partner_id,
        col(earlier.outcome) == written(Run.FIRED),
    )
    outcome = literal(Run.LOOP) if too_deep else case((fired_before, Run.LOOP), else_=Run.FIRED)
    rows = select(
        literal(automation_id),
        met.c.id,
        met.c.partner_id,
        literal(cause.id),
        literal(cause.root_id),
        outcome,
        literal(now),
    ).order_by(met.c.id)
    columns = [
        "automation_id",
        "assignment_id",
        "partner_id",
        "cause_id",
        "root_id",
        "outcome",
        "created_at",
    ]
    return change(session, insert_new(session, Run).from_select(columns, rows))


def fired_partners(cause: Cause, automation_id: int) -> Select[Any]:
    """The partners for whom the automation fired in this set."""
    return select(col(Run.partner_id)).where(
        col(Run.cause_id) == cause.id,
        col(Run.automation_id) == automation_id,
        col(Run.outcome) == Run.FIRED,
    )


def decide_sends(
    session: Session, cause: Cause, step: Step, *, bulk: bool, due_at: datetime, now: datetime
) -> int:
    """Write one send per run of the set: queued, or skipped with the reason."""
    same = aliased(Send)
    sent_already = exists().where(
        col(same.assignment_id) == col(Run.assignment_id),
        col(same.template_id) == step.template_id,
        col(same.resend_of).is_(None),
        col(same.status) != SendStatus.SKIPPED,
    )
    reason = case(
        (col(Run.outcome) == Run.LOOP, "loop"),
        (sent_already, "same_email"),
        else_=why_not_partner(literal(step.template_kind)),
    )
    decided = (
        select(col(Run.id), col(Run.partner_id), col(Run.assignment_id), reason.label("reason"))
        .join(Partner, col(Partner.id) == col(Run.partner_id))
        .where(col(Run.cause_id) == cause.id, col(Run.automation_id) == step.automation_id)
        .subquery()
    )
    values: dict[str, Any] = {
        "partner_id": decided.c.partner_id,
        "assignment_id": decided.c.assignment_id,
        "automation_id": literal(step.automation_id),
        "action_id": literal(step.action_id),
        "tag_id": literal(cause.tag_id),
        "template_id": literal(step.template_id),
        "version_id": literal(step.version_id),
        "cause_id": literal(cause.id),
        "status": case((decided.c.reason == "", SendStatus.QUEUED), else_=SendStatus.SKIPPED),
        "reason": decided.c.reason,
        "detail": literal(""),
        "actor": literal(""),
        "recipient": literal(""),
        "bulk": literal(bulk),
        "due_at": literal(due_at),
        "created_at": literal(now),
        "status_at": literal(now),
    }
    rows = select(*(value.label(name) for name, value in values.items())).order_by(decided.c.id)
    return change(session, insert(Send).from_select(list(values), rows))


def outcomes(session: Session, cause: Cause, action_id: int) -> dict[tuple[str, str], int]:
    """How many sends of one action came out as (status, reason)."""
    rows = session.connection().execute(
        select(col(Send.status), col(Send.reason), func.count())
        .where(col(Send.cause_id) == cause.id, col(Send.action_id) == action_id)
        .group_by(col(Send.status), col(Send.reason))
    )
    return {(status, reason): number for status, reason, number in rows}


@dataclass(frozen=True, slots=True)
class Person:
    """A partner, as named in an answer."""

    id: int
    email: str | None
    first_name: str
    last_name: str


def examples(
    session: Session, root_id: int, action_id: int, *, status: str, reason: str, limit: int
) -> list[Person]:
    """Some of the partners for whom an action came out this way in a chain."""
    chain = select(col(Cause.id)).where(col(Cause.root_id) == root_id)
    rows = session.connection().execute(
        select(col(Partner.id), col(Partner.email), col(Partner.first_name), col(Partner.last_name))
        .join(Send, col(Send.partner_id) == col(Partner.id))
        .where(
            col(Send.cause_id).in_(chain),
            col(Send.action_id) == action_id,
            col(Send.status) == status,
            col(Send.reason) == reason,
        )
        .order_by(col(Send.id))
        .limit(limit)
    )
    return [Person(*row) for row in rows]


def automation_names(session: Session) -> dict[int, str]:
    """Every automation's name by id, deleted ones included."""
    return _names(session, col(Automation.id), col(Automation.name))


def template_names(session: Session) -> dict[int, str]:
    """Every email's name by id."""
    return _names(session, col(Template.id), col(Template.name))


def tag_names(session: Session) -> dict[int, str]:
    """Every tag's name by id."""
    return _names(session, col(Tag.id), col(Tag.name))


def _names(session: Session, key: Any, name: Any) -> dict[int, str]:
    return {row[0]: row[1] for row in session.connection().execute(select(key, name))}
