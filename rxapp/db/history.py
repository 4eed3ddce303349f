"""What happened to a partner: tags on and off, changes by people, and what led to each email."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from rxapp.db.causes import Link
from rxapp.db.eligibility import why_not_partner
from rxapp.db.models import (
    Assignment,
    AuditEntry,
    Automation,
    Cause,
    Job,
    Partner,
    Run,
    Tag,
    TemplateKind,
)


@dataclass(frozen=True, slots=True)
class TagEvent:
    """A tag was put on (`on`) or taken off: when, through which door, by whom or what."""

    on: bool
    tag_id: int
    tag: str
    color: str
    at: datetime
    source: str
    actor: str
    automation: str | None
    # By taking a bulk action back.
    undone: bool


@dataclass(frozen=True, slots=True)
class Assigned:
    """One assignment of a tag to a partner: when, through which door, by whom or what."""

    id: int
    tag: str
    at: datetime
    ended_at: datetime | None
    source: str
    actor: str
    automation: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A person or client did something to the partner; `data` is the audit log's."""

    action: str
    actor: str
    at: datetime
    data: dict[str, Any]


def held(session: Session, partner_id: int) -> list[TagEvent]:
    """The tags a partner has, each as the event that put it on, in their names' order."""
    query = _events(partner_id, on=True).where(col(Assignment.ended_at).is_(None))
    found = session.connection().execute(query.order_by(col(Tag.name_key)))
    return [TagEvent(*row[:-1]) for row in found]


def last_assignment(session: Session, partner_id: int, tag_id: int) -> Assigned | None:
    """The latest assignment of a tag to a partner, ended or not."""
    query = (
        sa.select(
            col(Assignment.id),
            col(Tag.name),
            col(Assignment.created_at),
            col(Assignment.ended_at),
            col(Cause.source),
            col(Cause.actor),
            col(Automation.name),
        )
        .join(Tag, col(Tag.id) == col(Assignment.tag_id))
        .join(Cause, col(Cause.id) == col(Assignment.cause_id))
        .outerjoin(Automation, col(Automation.id) == col(Cause.automation_id))
        .where(col(Assignment.partner_id) == partner_id, col(Assignment.tag_id) == tag_id)
        .order_by(col(Assignment.id).desc())
        .limit(1)
    )
    found = session.connection().execute(query).first()
    return Assigned(*found) if found else None


def run_outcome(session: Session, assignment_id: int, automation_id: int) -> str | None:
    """How an automation met an assignment; None when it never did."""
    return session.connection().scalar(
        sa.select(col(Run.outcome)).where(
            col(Run.assignment_id) == assignment_id, col(Run.automation_id) == automation_id
        )
    )


def changed_since(session: Session, subject: str, subject_id: int, since: datetime) -> list[str]:
    """What was changed of something after a moment, once for each time it was."""
    query = sa.select(col(AuditEntry.data)).where(
        col(AuditEntry.subject) == subject,
        col(AuditEntry.subject_id) == subject_id,
        col(AuditEntry.at) > since,
        col(AuditEntry.action) == "updated",
    )
    found = session.connection().scalars(query)
    return [name for data in found for name in data.get("changed", [])]


def tag_events(session: Session, partner_id: int, limit: int) -> list[TagEvent]:
    """The latest comings and goings of tags, newest first."""
    both = sa.union_all(_events(partner_id, on=True), _events(partner_id, on=False)).subquery()
    # Of what happened at one moment, an ending is the later one: nothing is taken off before.
    query = sa.select(both).order_by(both.c.at.desc(), both.c.on_, both.c.id.desc()).limit(limit)
    return [TagEvent(*row[:-1]) for row in session.connection().execute(query)]


def changes(session: Session, partner_id: int, limit: int) -> list[Change]:
    """The latest entries of the audit log about a partner, newest first."""
    query = (
        sa.select(
            col(AuditEntry.action), col(AuditEntry.actor), col(AuditEntry.at), col(AuditEntry.data)
        )
        .where(col(AuditEntry.subject) == "partner", col(AuditEntry.subject_id) == partner_id)
        .order_by(col(AuditEntry.id).desc())
        .limit(limit)
    )
    return [Change(*row) for row in session.connection().execute(query)]


def chains(session: Session, cause_ids: Collection[int]) -> dict[int, list[Link]]:
    """What led to each of these causes, from the first one on; one query for all of them."""
    roots = sa.select(col(Cause.root_id)).where(col(Cause.id).in_(cause_ids))
    query = (
        sa.select(
            col(Cause.id),
            col(Cause.parent_id),
            col(Cause.source),
            col(Cause.actor),
            col(Tag.name),
            col(Cause.automation_id),
            col(Automation.name),
            col(Cause.created_at),
        )
        .join(Tag, col(Tag.id) == col(Cause.tag_id))
        .outerjoin(Automation, col(Automation.id) == col(Cause.automation_id))
        .where(col(Cause.root_id).in_(roots))
    )
    known = {row[0]: (row[1], Link(*row[2:])) for row in session.connection().execute(query)}
    return {cause_id: _upwards(known, cause_id) for cause_id in cause_ids if cause_id in known}


def why_no_mail(session: Session, partner_id: int, kind: TemplateKind) -> str:
    """Why an email of this kind would not go to the partner now: a reason, or an empty string."""
    query = sa.select(why_not_partner(sa.literal(kind))).where(col(Partner.id) == partner_id)
    return session.connection().scalar(query) or ""


def _events(partner_id: int, *, on: bool) -> sa.Select[*tuple[Any, ...]]:
    moment = col(Assignment.created_at if on else Assignment.ended_at)
    cause = col(Assignment.cause_id if on else Assignment.ended_cause_id)
    return (
        sa.select(
            sa.literal(on).label("on_"),
            col(Tag.id).label("tag_id"),
            col(Tag.name),
            col(Tag.color),
            moment.label("at"),
            col(Cause.source),
            col(Cause.actor),
            col(Automation.name).label("automation"),
            sa.func.coalesce(col(Job.undone_at) <= col(Cause.created_at), sa.false()).label(
                "undone"
            ),
            col(Assignment.id).label("id"),
        )
        .join(Tag, col(Tag.id) == col(Assignment.tag_id))
        .join(Cause, col(Cause.id) == cause)
        .outerjoin(Automation, col(Automation.id) == col(Cause.automation_id))
        .outerjoin(Job, col(Job.id) == col(Cause.job_id))
        .where(col(Assignment.partner_id) == partner_id)
    )


def _upwards(known: dict[int, tuple[int | None, Link]], cause_id: int) -> list[Link]:
    links: list[Link] = []
    step: int | None = cause_id
    while step is not None:
        step, link = known[step]
        links.insert(0, link)
    return links
