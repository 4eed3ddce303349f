"""Many sends at once: which of a filter's can be repeated or canceled, and doing it in pieces."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from rxapp.db import audit, send_log
from rxapp.db.eligibility import why_not_partner
from rxapp.db.engine import change, count_of
from rxapp.db.models import JobItem, Partner, Send, SendStatus, Template
from rxapp.db.send_log import SendFilter


def repeatable(wanted: SendFilter) -> sa.Select[int]:
    """The failed ones among a filter's that are not being, and were not, sent again.

    What never got an answer (`unknown`) is left alone: it may have arrived.
    """
    return _narrowed(wanted, SendStatus.FAILED).where(*_never_repeated())


def waiting(wanted: SendFilter) -> sa.Select[int]:
    """The ones among a filter's that have not begun to leave."""
    return _narrowed(wanted, SendStatus.QUEUED)


def unanswered(wanted: SendFilter) -> sa.Select[int]:
    """The ones among a filter's of which nobody knows whether they arrived."""
    return _narrowed(wanted, SendStatus.UNKNOWN)


def by_email(session: Session, ids: sa.Select[int]) -> dict[tuple[str, str], int]:
    """How many of these sends there are of each email, and why they would be withheld now.

    The key is (email, reason); an empty reason means that the partner would get it.
    """
    why_not = why_not_partner(col(Template.kind))
    query = (
        sa.select(col(Template.name), why_not, sa.func.count())
        .select_from(Send)
        .join(Partner, col(Partner.id) == col(Send.partner_id))
        .join(Template, col(Template.id) == col(Send.template_id))
        .where(col(Send.id).in_(ids))
        .group_by(col(Template.name), why_not)
        .order_by(sa.func.count().desc(), col(Template.name))
    )
    return {(name, why): number for name, why, number in session.connection().execute(query)}


def failed_by_themselves(session: Session, ids: sa.Select[int]) -> int:
    """How many of these sends no provider refused: the email could not be put together."""
    own = col(Send.reason).in_(["missing", "broken_email"])
    return count_of(session, sa.select(col(Send.id)).where(col(Send.id).in_(ids), own))


def note(session: Session, job_id: int, ids: sa.Select[int]) -> int:
    """Write down which sends a job is about, as they are now; returns how many."""
    position = sa.func.row_number().over(order_by=col(Send.id))
    rows = sa.select(
        sa.literal(job_id), position, col(Send.partner_id), col(Send.id), sa.literal("")
    ).where(col(Send.id).in_(ids))
    columns = ["job_id", "position", "partner_id", "send_id", "problem"]
    return change(session, sa.insert(JobItem).from_select(columns, rows))


def of_job(job_id: int, after: int, upto: int) -> sa.Select[Any]:
    """The sends of a job's items from position `after` (exclusive) to `upto` (inclusive)."""
    return sa.select(col(JobItem.send_id)).where(
        col(JobItem.job_id) == job_id, col(JobItem.position) > after, col(JobItem.position) <= upto
    )


def lock(session: Session, ids: sa.Select[Any]) -> None:
    """Let nobody else repeat or cancel these sends until the transaction ends."""
    picked = sa.select(col(Send.id)).where(col(Send.id).in_(ids)).order_by(col(Send.id))
    session.connection().execute(picked.with_for_update())


def still_repeatable(ids: sa.Select[Any]) -> sa.Select[int]:
    """Those of these sends that can be repeated still."""
    failed = col(Send.status) == SendStatus.FAILED
    return sa.select(col(Send.id)).where(col(Send.id).in_(ids), failed, *_never_repeated())


def cancel(session: Session, ids: sa.Select[Any], *, actor: str, now: datetime) -> int:
    """Cancel those that still wait, with an entry in the audit log each; returns how many."""
    still = sa.and_(col(Send.id).in_(ids), col(Send.status) == SendStatus.QUEUED)
    those = sa.select(col(Send.id)).where(still)
    lock(session, those)
    audit.write_each(session, those, subject="send", action="canceled", actor=actor, now=now)
    canceled = sa.update(Send).where(still)
    return change(
        session,
        canceled.values(status=SendStatus.CANCELED, reason="canceled", status_at=now),
    )


def _narrowed(wanted: SendFilter, status: SendStatus) -> sa.Select[int]:
    found = send_log.ids(replace(wanted, status=[status]))
    asked = not wanted.status or status in wanted.status
    return found if asked else found.where(sa.false())


def _never_repeated() -> list[sa.ColumnElement[bool]]:
    # One that was canceled or withheld does not stand in the way of another.
    again = aliased(Send)
    ended = [SendStatus.CANCELED, SendStatus.SKIPPED]
    repeated = sa.exists().where(
        col(again.resend_of) == col(Send.id), col(again.status).not_in(ended)
    )
    return [~repeated]
