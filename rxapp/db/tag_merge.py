"""Merging two tags: who holds which, and moving what is held from one to the other."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.jobs import UNFINISHED
from rxapp.db.models import Assignment, Job


def holders(tag_id: int) -> sa.Select[int]:
    """The partners who hold a tag."""
    return sa.select(col(Assignment.partner_id)).where(
        col(Assignment.tag_id) == tag_id, col(Assignment.ended_at).is_(None)
    )


def holders_of_both(tag_id: int, other_id: int) -> sa.Select[int]:
    """The partners who hold both tags."""
    return holders(tag_id).where(_also_holds(other_id))


def count(session: Session, partners: sa.Select[int]) -> int:
    """How many these are."""
    found = partners.subquery()
    return session.connection().scalar(sa.select(sa.func.count()).select_from(found)) or 0


def move(session: Session, tag_id: int, target_id: int) -> int:
    """Make what is held of one tag be held of the other, but for those who hold both.

    The assignments stay who made them and when, with the emails decided for them; returns how many
    were moved.
    """
    statement = (
        sa.update(Assignment)
        .where(
            col(Assignment.tag_id) == tag_id,
            col(Assignment.ended_at).is_(None),
            ~_also_holds(target_id),
        )
        .values(tag_id=target_id)
    )
    return change(session, statement)


def is_being_worked_on(session: Session, tag_ids: Collection[int]) -> bool:
    """Whether a bulk action with one of these tags still runs."""
    query = sa.select(col(Job.params)).where(col(Job.status).in_(UNFINISHED))
    return any(params.get("tag_id") in tag_ids for params in session.connection().scalars(query))


def _also_holds(tag_id: int) -> sa.ColumnElement[bool]:
    other = aliased(Assignment)
    return sa.exists().where(
        col(other.partner_id) == col(Assignment.partner_id),
        col(other.tag_id) == tag_id,
        col(other.ended_at).is_(None),
    )
