"""Emails: looking them up, their versions, and what keeps one from being deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exists, func, or_
from sqlmodel import Session, col, select

from rxapp.db.engine import count_of
from rxapp.db.models import (
    Action,
    Automation,
    Partner,
    PartnerStatus,
    Send,
    SendStatus,
    Tag,
    Template,
    TemplateKind,
    TemplateVersion,
)
from rxapp.db.search import called


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """An email as lists show it: with its present subject, and how many automations send it."""

    id: int
    name: str
    kind: TemplateKind
    version: int
    subject: str
    automations: int
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


def is_current() -> sa.ColumnElement[bool]:
    """Joins each email with the newest of its versions."""
    return sa.and_(
        col(TemplateVersion.template_id) == col(Template.id),
        col(TemplateVersion.number) == col(Template.version),
    )


def by_key(session: Session, name_key: str) -> Template | None:
    """The email with this normalized name."""
    return session.exec(select(Template).where(col(Template.name_key) == name_key)).first()


def lock(session: Session, template_id: int) -> Template | None:
    """The email, with others who save it waiting, so that versions are numbered without gaps."""
    return session.exec(
        select(Template)
        .where(col(Template.id) == template_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def version(
    session: Session, template_id: int, number: int | None = None
) -> TemplateVersion | None:
    """A version of an email, the newest unless a number is given."""
    query = select(TemplateVersion).where(col(TemplateVersion.template_id) == template_id)
    if number is not None:
        query = query.where(col(TemplateVersion.number) == number)
    return session.exec(query.order_by(col(TemplateVersion.number).desc()).limit(1)).first()


def versions(session: Session, template_id: int) -> list[TemplateVersion]:
    """Every version of an email, the newest first."""
    query = select(TemplateVersion).where(col(TemplateVersion.template_id) == template_id)
    return list(session.exec(query.order_by(col(TemplateVersion.number).desc())))


def page(
    session: Session,
    *,
    q: str = "",
    archived: bool | None = False,
    kind: TemplateKind | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> list[TemplateRow]:
    """Emails by name, or by id when `after` (an id) or `limit` page through them.

    `q` keeps those that are called so (`db.search`); `archived` None gives both kinds.
    """
    query = _rows().where(*called(col(Template.name_key), q))
    if archived is not None:
        gone = col(Template.archived_at)
        query = query.where(gone.is_not(None) if archived else gone.is_(None))
    if kind is not None:
        query = query.where(col(Template.kind) == kind)
    if after is not None:
        query = query.where(col(Template.id) > after)
    paged = after is not None or limit is not None
    query = query.order_by(col(Template.id) if paged else col(Template.name_key)).limit(limit)
    return [TemplateRow(*row) for row in session.connection().execute(query)]


def gallery(
    session: Session,
    *,
    q: str = "",
    archived: bool = False,
    kind: TemplateKind | None = None,
    by_name: bool = False,
    limit: int,
    offset: int = 0,
) -> tuple[list[TemplateRow], int]:
    """A page of emails, the last edited first or by name, and how many there are in all.

    `q` keeps those that are called so.
    """
    gone = col(Template.archived_at)
    wanted = [gone.is_not(None) if archived else gone.is_(None), *called(col(Template.name_key), q)]
    if kind is not None:
        wanted.append(col(Template.kind) == kind)
    newest = (col(Template.updated_at).desc(), col(Template.id).desc())
    order = (col(Template.name_key),) if by_name else newest
    query = _rows().where(*wanted).order_by(*order).limit(limit).offset(offset)
    rows = [TemplateRow(*row) for row in session.connection().execute(query)]
    number = select(func.count()).select_from(Template).where(*wanted)
    return rows, session.exec(number).one()


def archived(session: Session) -> int:
    """How many emails are in the archive."""
    return count_of(
        session, sa.select(col(Template.id)).where(col(Template.archived_at).is_not(None))
    )


def senders(session: Session, template_ids: Sequence[int]) -> dict[int, list[str]]:
    """The names of the automations that send each of these emails."""
    query = (
        select(Action.template_id, Automation.name)
        .join(Automation, col(Automation.id) == col(Action.automation_id))
        .where(
            col(Action.template_id).in_(template_ids),
            col(Action.removed_at).is_(None),
            col(Automation.deleted_at).is_(None),
        )
        .distinct()
        .order_by(col(Automation.name))
    )
    found: dict[int, list[str]] = {}
    for template_id, name in session.exec(query):
        found.setdefault(template_id or 0, []).append(name)
    return found


def waiting_by_version(session: Session, template_id: int) -> dict[int, int]:
    """How many emails that have not left yet were decided with each version, by its number."""
    query = (
        select(TemplateVersion.number, func.count())
        .join(Send, col(Send.version_id) == col(TemplateVersion.id))
        .where(
            col(Send.template_id) == template_id,
            col(Send.status).in_([SendStatus.QUEUED, SendStatus.SENDING]),
        )
        .group_by(col(TemplateVersion.number))
    )
    return dict(session.exec(query).all())


def automations(session: Session, template_id: int) -> list[Automation]:
    """The automations that send the email."""
    query = select(Automation).where(col(Automation.deleted_at).is_(None), _sends(template_id))
    return list(session.exec(query.order_by(col(Automation.id))))


def sent_by(session: Session, template_id: int) -> str | None:
    """The name of the tag that sends the email: of the first automation that is on, if several."""
    query = select(Tag.name).join(Automation, col(Automation.tag_id) == col(Tag.id))
    query = query.where(col(Automation.deleted_at).is_(None), _sends(template_id))
    first = query.order_by(col(Automation.enabled).desc(), col(Automation.id)).limit(1)
    return session.exec(first).first()


def waiting_sends(session: Session, template_id: int) -> int:
    """How many emails decided with it have not left yet."""
    query = select(func.count()).select_from(Send)
    return session.exec(
        query.where(
            col(Send.template_id) == template_id,
            col(Send.status).in_([SendStatus.QUEUED, SendStatus.SENDING]),
        )
    ).one()


def has_history(session: Session, template_id: int) -> bool:
    """Whether the log names the email: one was decided with it, or a step once sent it."""
    return any(
        session.exec(select(model.id).where(model.template_id == template_id).limit(1)).first()
        is not None
        for model in (Send, Action)
    )


def count_empty(session: Session, variables: Sequence[str]) -> dict[str, int]:
    """For each `partner.*` variable, how many active partners have nothing in it."""
    names = [one.removeprefix("partner.") for one in variables if one.startswith("partner.")]
    if not names:
        return {}
    empty = [func.count().filter(_is_empty(name)) for name in names]
    query = sa.select(*empty).where(col(Partner.status) == PartnerStatus.ACTIVE)
    counts = session.connection().execute(query).one()
    return {f"partner.{name}": int(number) for name, number in zip(names, counts, strict=True)}


def _is_empty(name: str) -> sa.ColumnElement[bool]:
    if name in ("email", "first_name", "last_name", "company", "key"):
        value: Any = getattr(Partner, name)
    else:
        value = sa.type_coerce(col(Partner.fields), sa.JSON)[name].as_string()
    return or_(value.is_(None), value == "")


def _sends(template_id: Any) -> sa.ColumnElement[bool]:
    """Whether an automation sends the email."""
    sends = exists().where(
        col(Action.automation_id) == col(Automation.id),
        col(Action.removed_at).is_(None),
        col(Action.template_id) == template_id,
    )
    # Said outright: by itself, a condition two levels deep would not see the outermost row.
    return sends.correlate(Automation, Template)


def _rows() -> sa.Select[Any]:
    automations = (
        select(func.count())
        .where(col(Automation.deleted_at).is_(None), _sends(col(Template.id)))
        .scalar_subquery()
    )
    columns: list[Any] = [
        col(Template.id),
        col(Template.name),
        col(Template.kind),
        col(Template.version),
        col(TemplateVersion.subject),
        automations,
        col(Template.archived_at),
        col(Template.created_at),
        col(Template.updated_at),
    ]
    return sa.select(*columns).join(TemplateVersion, is_current())
