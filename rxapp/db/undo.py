"""Taking back what a job did to tags, whether by itself or through automations it set off.

`causes` is every cause of the job, the undoing's own included.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from rxapp.db import audit
from rxapp.db import sends as send_sql
from rxapp.db.engine import change, count_of
from rxapp.db.models import Assignment, Automation, Cause, Job, Partner, Send, Tag

PUT_BACK = "tag_put_back"


def causes_of(session: Session, job_id: int) -> list[Cause]:
    """Every cause of a job, those of its automations' doings included, in their order."""
    query = sa.select(Cause).where(col(Cause.job_id) == job_id).order_by(col(Cause.id))
    return list(session.scalars(query))


def hold(session: Session, causes: Sequence[Cause]) -> int:
    """Keep the partners it concerns from being assigned tags meanwhile; returns how many they are.

    On PostgreSQL an assignment that is written shares its partner's row with nobody who holds it:
    otherwise a new one could meet the old one that is put back. In the order of `open_new`.
    """
    opened = sa.select(col(Assignment.partner_id)).where(_still_opened(causes))
    touched = opened.union(sa.select(col(Assignment.partner_id)).where(_lost(causes)))
    held = sa.select(col(Partner.id)).where(col(Partner.id).in_(touched))
    session.connection().execute(held.order_by(col(Partner.id)).with_for_update()).close()
    return count_of(session, touched)


def end_opened(session: Session, causes: Sequence[Cause], undo: Cause) -> int:
    """End what these causes opened and is still open; returns how many assignments that were."""
    ended = sa.update(Assignment).where(_still_opened(causes))
    return change(session, ended.values(ended_at=undo.created_at, ended_cause_id=undo.id))


def put_back(session: Session, causes: Sequence[Cause], undo: Cause) -> int:
    """Open again what these causes ended: the same assignments, so nothing is set off anew.

    What somebody put on or took off since stays as they left it. The log of each partner says what
    came back, and an email that was skipped only because the tag was gone waits again. Returns how
    many assignments came back.
    """
    lost = _lost(causes)
    _tell(session, causes, undo)
    ids = sa.select(col(Assignment.id)).where(lost)
    send_sql.wait_again(
        session, col(Send.assignment_id).in_(ids), reason="tag_gone", now=undo.created_at
    )
    opened = sa.update(Assignment).where(lost)
    return change(session, opened.values(ended_at=None, ended_cause_id=None))


def emailed(session: Session, causes: Sequence[Cause]) -> int:
    """How many emails that these causes decided have begun to leave."""
    query = sa.select(col(Send.id)).where(
        col(Send.cause_id).in_(_ids(causes)), col(Send.batch_id).is_not(None)
    )
    return count_of(session, query)


def is_open(session: Session, tag_ids: Collection[int], now: datetime) -> bool:
    """Whether what a job did to one of these tags can still be taken back."""
    query = (
        sa.select(col(Cause.id))
        .join(Job, col(Job.id) == col(Cause.job_id))
        .where(
            col(Job.hold_until) > now, col(Job.undone_at).is_(None), col(Cause.tag_id).in_(tag_ids)
        )
    )
    return session.connection().scalar(query.limit(1)) is not None


def _ids(causes: Sequence[Cause]) -> list[int]:
    return [cause.id for cause in causes]


def _still_opened(causes: Sequence[Cause]) -> sa.ColumnElement[bool]:
    return sa.and_(col(Assignment.cause_id).in_(_ids(causes)), col(Assignment.ended_at).is_(None))


def _lost(causes: Sequence[Cause]) -> sa.ColumnElement[bool]:
    """What these causes ended, did not open themselves, and nobody else has decided about since."""
    ours = _ids(causes)
    later = aliased(Assignment)
    theirs = sa.or_(
        col(later.cause_id).not_in(ours),
        sa.and_(col(later.ended_at).is_not(None), col(later.ended_cause_id).not_in(ours)),
    )
    decided_since = sa.exists().where(
        col(later.partner_id) == col(Assignment.partner_id),
        # Not looked for by its index: a tag has far more assignments than a partner.
        col(later.tag_id) + 0 == col(Assignment.tag_id),
        col(later.id) > col(Assignment.id),
        theirs,
    )
    return sa.and_(
        # These two find them by an index.
        col(Assignment.tag_id).in_({cause.tag_id for cause in causes}),
        col(Assignment.ended_at) >= min(cause.created_at for cause in causes),
        col(Assignment.ended_cause_id).in_(ours),
        col(Assignment.cause_id).not_in(ours),
        ~decided_since,
    )


def _tell(session: Session, causes: Sequence[Cause], undo: Cause) -> None:
    """Write into each partner's log which tag comes back, and what had taken it off and when."""
    tags = _names(session, Tag, {cause.tag_id for cause in causes})
    takers = _names(session, Automation, {c.automation_id for c in causes if c.automation_id})
    alike: dict[tuple[int, int | None], list[Cause]] = defaultdict(list)
    for cause in causes:
        alike[cause.tag_id, cause.automation_id].append(cause)
    for (tag_id, automation_id), ended in alike.items():
        partners = sa.select(col(Assignment.partner_id)).where(
            _lost(causes), col(Assignment.ended_cause_id).in_(_ids(ended))
        )
        facts = {"tag": tags[tag_id], "taken_off": ended[0].created_at.isoformat()}
        if automation_id:
            facts["automation"] = takers[automation_id]
        audit.write_each(
            session, partners, subject="partner", action=PUT_BACK, actor=undo.actor,
            now=undo.created_at, data=facts,
        )  # fmt: skip


def _names(session: Session, model: type[Tag | Automation], ids: Collection[int]) -> dict[int, str]:
    query = sa.select(col(model.id), col(model.name)).where(col(model.id).in_(ids))
    return {row[0]: row[1] for row in session.connection().execute(query)}
