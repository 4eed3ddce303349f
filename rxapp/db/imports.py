"""What importing partners asks of the database, a piece of the file at a time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select

from rxapp.db.engine import change
from rxapp.db.models import (
    Action,
    ActionKind,
    Assignment,
    AuditEntry,
    Automation,
    Job,
    JobItem,
    JobKind,
    Partner,
    Source,
)
from rxapp.db.types import utcnow
from rxapp.db.upsert import insert_new

# Pieces written with one statement.
AT_ONCE = 20


def add_partners(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Insert partners; one whose address or key was taken meanwhile is left out."""
    if rows:
        session.connection().execute(insert_new(session, Partner), rows)


def list_pieces(session: Session, job_id: int, pieces: Iterable[Sequence[dict[str, Any]]]) -> int:
    """Write down the rows of a job, many to an item; returns how many rows.

    An item's position is the number of its last row, so that a job's `done` says where to go on.
    """
    total = 0
    items = []
    for piece in pieces:
        total += len(piece)
        items.append({"job_id": job_id, "position": total, "data": {"rows": piece}, "problem": ""})
        # A transaction that computes for long between two statements is ended (db/postgres.py).
        if len(items) == AT_ONCE:
            session.connection().execute(sa.insert(JobItem), items)
            items = []
    if items:
        session.connection().execute(sa.insert(JobItem), items)
    return total


def list_rejected(
    session: Session, job_id: int, after: int, rows: Iterable[tuple[int, list[str], str]]
) -> None:
    """Keep rows a job leaves out (number, cells, problem), behind the position `after`."""
    items = [
        {
            "job_id": job_id,
            "position": position,
            "data": {"row": number, "cells": cells},
            "problem": problem,
        }
        for position, (number, cells, problem) in enumerate(rows, after + 1)
    ]
    if items:
        session.connection().execute(sa.insert(JobItem), items)


def rejected(session: Session, job_id: int) -> Sequence[JobItem]:
    """The rows a job left out, in the file's order."""
    query = select(JobItem).where(col(JobItem.job_id) == job_id, col(JobItem.problem) != "")
    return session.exec(query.order_by(col(JobItem.position))).all()


def forget_rejected(session: Session, before: datetime) -> None:
    """Keep nothing of what imports left out that were started before a moment."""
    old = sa.select(col(Job.id)).where(
        col(Job.kind) == JobKind.IMPORT, col(Job.created_at) < before
    )
    items = sa.delete(JobItem).where(col(JobItem.job_id).in_(old), col(JobItem.problem) != "")
    change(session, items)


def forget_rejected_of(session: Session, key: str) -> None:
    """Keep nothing of the rows that imports left out which name this address, in any case."""
    its = sa.select(col(Job.id)).where(col(Job.kind) == JobKind.IMPORT)
    data = func.lower(sa.cast(col(JobItem.data), sa.Text))
    named = data.contains(f'"{key}"', autoescape=True)
    left_out = sa.delete(JobItem).where(col(JobItem.job_id).in_(its), col(JobItem.problem) != "")
    change(session, left_out.where(named))


def audit(session: Session, actor: str, changes: Mapping[int, tuple[str, dict[str, Any]]]) -> None:
    """Write what an import did to each partner into the audit log: the action and its data."""
    rows = [
        {
            "at": utcnow(),
            "actor": actor,
            "subject": "partner",
            "subject_id": partner_id,
            "action": action,
            "data": {**data, "source": Source.IMPORT},
        }
        for partner_id, (action, data) in changes.items()
    ]
    if rows:
        session.connection().execute(sa.insert(AuditEntry), rows)


def by_ids(session: Session, ids: Sequence[int]) -> dict[int, Partner]:
    """The partners of these ids, by id."""
    found = session.exec(select(Partner).where(col(Partner.id).in_(ids)))
    return {partner.id: partner for partner in found}


def held(
    session: Session, partner_ids: Sequence[int], tag_ids: Sequence[int]
) -> set[tuple[int, int]]:
    """Which of the partners hold which of the tags, as (partner, tag)."""
    query = sa.select(col(Assignment.partner_id), col(Assignment.tag_id)).where(
        col(Assignment.partner_id).in_(partner_ids),
        col(Assignment.tag_id).in_(tag_ids),
        col(Assignment.ended_at).is_(None),
    )
    return {(partner, tag) for partner, tag in session.connection().execute(query)}


def emails_by_tag(session: Session, tag_ids: Sequence[int]) -> dict[int, int]:
    """How many emails one new assignment of each tag sends, by the automations now on."""
    query = (
        sa.select(col(Automation.tag_id), func.count())
        .join(Action, col(Action.automation_id) == col(Automation.id))
        .where(
            col(Automation.tag_id).in_(tag_ids),
            col(Automation.enabled),
            col(Automation.deleted_at).is_(None),
            col(Action.removed_at).is_(None),
            col(Action.kind) == ActionKind.SEND_EMAIL,
        )
        .group_by(col(Automation.tag_id))
    )
    return {row[0]: row[1] for row in session.connection().execute(query)}
