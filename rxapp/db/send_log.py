"""The log of sends, read with the names of everything a send is about."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select, select
from sqlmodel import Session, col

from rxapp.db.eligibility import why_not_waiting
from rxapp.db.engine import count_of
from rxapp.db.models import (
    Action,
    Assignment,
    Automation,
    Cause,
    Partner,
    Send,
    SendStatus,
    Source,
    Tag,
    Template,
    TemplateVersion,
)
from rxapp.db.search import held


@dataclass(frozen=True, slots=True)
class SendFilter:
    """Which sends; everything given must hold. `since` is included, `until` is not.

    `q` searches the partner as `db.partners.PartnerFilter` does.
    """

    partner_id: int | None = None
    status: Sequence[SendStatus] = ()
    automation_id: int | None = None
    template_id: int | None = None
    tag_id: int | None = None
    source: Source | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class SendRow:
    """A send as lists and answers show it. `source` and `actor` are of the assignment that led
    to it; `resent_by` is who asked for it again.
    """

    id: int
    status: SendStatus
    reason: str
    detail: str
    partner_id: int
    email: str | None
    first_name: str
    last_name: str
    recipient: str
    tag_id: int
    tag: str
    automation_id: int
    automation: str
    template_id: int
    template: str
    version: int
    subject: str
    assignment_id: int
    cause_id: int
    source: Source
    actor: str
    resend_of: int | None
    resent_by: str
    bulk: bool
    provider_id: str | None
    due_at: datetime
    created_at: datetime
    status_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    # While it is queued: why it would be skipped if its time came now, as dispatch decides it.
    why_not: str = ""


# What is not a column of the send itself by the same name.
_ELSEWHERE: dict[str, Any] = {
    "email": col(Partner.email),
    "first_name": col(Partner.first_name),
    "last_name": col(Partner.last_name),
    "tag": col(Tag.name),
    "automation": col(Automation.name),
    "template": col(Template.name),
    "version": col(TemplateVersion.number),
    "subject": col(TemplateVersion.subject),
    "source": col(Cause.source),
    "actor": col(Cause.actor),
    "resent_by": col(Send.actor),
    "why_not": why_not_waiting(),
}


def page(
    session: Session,
    wanted: SendFilter,
    *,
    limit: int = 50,
    before: int | None = None,
    offset: int = 0,
) -> list[SendRow]:
    """Sends, newest first; `before` is the last id of the page before."""
    older = [] if before is None else [col(Send.id) < before]
    newest = _ids(wanted, *older, order=col(Send.id).desc(), limit=limit + offset)
    query = _rows().where(col(Send.id).in_(newest)).order_by(col(Send.id).desc())
    return _read(session, query.limit(limit).offset(offset))


def page_before(
    session: Session, wanted: SendFilter, *, after: int, limit: int = 50
) -> list[SendRow]:
    """The page of newer sends that ends where `after`, the first id of a page, begins."""
    next_newer = _ids(wanted, col(Send.id) > after, order=col(Send.id).asc(), limit=limit)
    query = _rows().where(col(Send.id).in_(next_newer)).order_by(col(Send.id))
    return _read(session, query.limit(limit))[::-1]


def count(session: Session, wanted: SendFilter, *, at_most: int | None = None) -> int:
    """How many sends a filter lets through; counting stops at `at_most`."""
    return count_of(session, select(col(Send.id)).where(*_conditions(wanted)).limit(at_most))


def ids(wanted: SendFilter) -> Select[int]:
    """The ids of all sends a filter lets through, as a query to narrow further."""
    return select(col(Send.id)).where(*_conditions(wanted))


def row(session: Session, send_id: int) -> SendRow | None:
    """One send."""
    return next(iter(_read(session, _rows().where(col(Send.id) == send_id))), None)


def of_chain(session: Session, cause_id: int) -> list[SendRow]:
    """What a first cause led to, the automations it set off included, in the order decided."""
    chain = select(col(Cause.id)).where(col(Cause.root_id) == cause_id)
    return _read(session, _rows().where(col(Send.cause_id).in_(chain)).order_by(col(Send.id)))


def _ids(
    wanted: SendFilter, *further: sa.ColumnElement[bool], order: Any, limit: int
) -> sa.CompoundSelect[Any]:
    """Of each status asked for, the first ids: among them are the first of all.

    Asked for several at once, a database would sort every send that has one of them.
    """
    pieces = [
        select(col(Send.id)).where(*_conditions(one), *further).order_by(order).limit(limit)
        for one in ([replace(wanted, status=[status]) for status in wanted.status] or [wanted])
    ]
    return sa.union_all(*(select(piece.subquery().c.id) for piece in pieces))


def _conditions(wanted: SendFilter) -> list[sa.ColumnElement[bool]]:
    exact: dict[Any, int | None] = {
        col(Send.partner_id): wanted.partner_id,
        col(Send.automation_id): wanted.automation_id,
        col(Send.template_id): wanted.template_id,
        col(Send.tag_id): wanted.tag_id,
    }
    found: list[sa.ColumnElement[bool]] = [
        column == value for column, value in exact.items() if value is not None
    ]
    if known := held(col(Partner.search), wanted.q):
        found.append(col(Send.partner_id).in_(select(col(Partner.id)).where(*known)))
    if wanted.source:
        through = select(col(Cause.id)).where(col(Cause.source) == wanted.source)
        found.append(col(Send.cause_id).in_(through))
    if wanted.status:
        found.append(col(Send.status).in_(wanted.status))
    if wanted.since:
        found.append(col(Send.created_at) >= wanted.since)
    if wanted.until:
        found.append(col(Send.created_at) < wanted.until)
    return found


def _rows() -> Select[Any]:
    names = [one.name for one in fields(SendRow)]
    columns = [_ELSEWHERE[name] if name in _ELSEWHERE else getattr(Send, name) for name in names]
    return (
        select(*columns)
        .select_from(Send)
        .join(Partner, col(Partner.id) == col(Send.partner_id))
        .join(Tag, col(Tag.id) == col(Send.tag_id))
        .join(Automation, col(Automation.id) == col(Send.automation_id))
        .join(Template, col(Template.id) == col(Send.template_id))
        .join(TemplateVersion, col(TemplateVersion.id) == col(Send.version_id))
        .join(Cause, col(Cause.id) == col(Send.cause_id))
        .join(Action, col(Action.id) == col(Send.action_id))
        .join(Assignment, col(Assignment.id) == col(Send.assignment_id))
    )


def _read(session: Session, query: Select[Any]) -> list[SendRow]:
    return [SendRow(*found) for found in session.connection().execute(query)]
