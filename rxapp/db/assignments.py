"""Assignments: opened and ended as sets, never one by one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, select, update
from sqlmodel import Session, col

from rxapp.db.engine import change, count_of
from rxapp.db.models import Assignment, Cause, JobItem, Partner
from rxapp.db.upsert import insert_new

# Which partners: a query for their ids, or the ids themselves (up to 30,000).
Partners = Select[Any] | Sequence[int]


def selection(partners: Partners) -> Select[Any]:
    """The ids, among those asked for, of partners that exist."""
    wanted = partners if isinstance(partners, Select) else list(partners)
    return select(col(Partner.id)).where(col(Partner.id).in_(wanted))


def job_partners(job_id: int, after: int, upto: int) -> Select[Any]:
    """The partners of a job's items from position `after` (exclusive) to `upto` (inclusive)."""
    return select(col(JobItem.partner_id)).where(
        col(JobItem.job_id) == job_id,
        col(JobItem.position) > after,
        col(JobItem.position) <= upto,
        col(JobItem.partner_id).is_not(None),
    )


def count(session: Session, partners: Partners) -> int:
    """How many partners the selection really has."""
    return count_of(session, selection(partners))


def open_new(session: Session, cause: Cause, partners: Partners, now: datetime) -> int:
    """Assign the cause's tag to those who do not hold it; returns how many that were."""
    rows = (
        select(col(Partner.id), literal(cause.tag_id), literal(cause.id), literal(now))
        .where(col(Partner.id).in_(selection(partners)))
        # One order for everyone: two bulk assignments at once cannot lock each other out.
        .order_by(col(Partner.id))
    )
    columns = ["partner_id", "tag_id", "cause_id", "created_at"]
    return change(session, insert_new(session, Assignment).from_select(columns, rows))


def end(session: Session, cause: Cause, partners: Partners, now: datetime) -> int:
    """Take the cause's tag off those who hold it; returns how many that were."""
    statement = (
        update(Assignment)
        .where(
            col(Assignment.tag_id) == cause.tag_id,
            col(Assignment.ended_at).is_(None),
            col(Assignment.partner_id).in_(selection(partners)),
        )
        .values(ended_at=now, ended_cause_id=cause.id)
    )
    return change(session, statement)


def open_id(session: Session, partner_id: int, tag_id: int) -> int | None:
    """The id of the open assignment of this tag to this partner, if there is one."""
    return session.connection().scalar(
        select(col(Assignment.id)).where(
            col(Assignment.partner_id) == partner_id,
            col(Assignment.tag_id) == tag_id,
            col(Assignment.ended_at).is_(None),
        )
    )


def opened_id(session: Session, cause_id: int, partner_id: int) -> int | None:
    """The id of the assignment a cause opened for this partner, though it may have ended since."""
    return session.connection().scalar(
        select(col(Assignment.id)).where(
            col(Assignment.cause_id) == cause_id, col(Assignment.partner_id) == partner_id
        )
    )
