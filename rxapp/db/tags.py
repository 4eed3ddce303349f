"""Tags: looking them up, counting their use, and what keeps one from being deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import exists, func, or_
from sqlmodel import Session, col, select

from rxapp.db.eligibility import why_not_partner
from rxapp.db.models import (
    Action,
    Assignment,
    Automation,
    Cause,
    Partner,
    Send,
    SendStatus,
    Tag,
    TemplateKind,
)
from rxapp.db.search import called

# By what tags are listed; the other way round with a minus before it.
Sort = Literal["name", "-name", "partners", "-partners", "assigned", "-assigned", "-id"]


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag with how much it is used: by partners who hold it, by automations that name it.

    `starts` counts the automations it sets off, `sets` those that add or remove it; one that does
    both is one of `automations`. `assigned_at` is when it was last put on somebody.
    """

    id: int
    name: str
    color: str
    description: str
    archived_at: datetime | None
    created_at: datetime
    partners: int
    automations: int
    starts: int
    sets: int
    assigned_at: datetime | None


def by_key(session: Session, name_key: str) -> Tag | None:
    """The tag with this normalized name."""
    return session.exec(select(Tag).where(col(Tag.name_key) == name_key)).first()


def by_keys(session: Session, name_keys: Sequence[str]) -> dict[str, Tag]:
    """The tags with these normalized names, by that name."""
    found = session.exec(select(Tag).where(col(Tag.name_key).in_(name_keys)))
    return {tag.name_key: tag for tag in found}


def page(
    session: Session,
    *,
    q: str = "",
    archived: bool | None = False,
    after: int | None = None,
    limit: int | None = None,
    ids: Sequence[int] | None = None,
) -> list[TagRow]:
    """Tags with their counts: by name, or by id when `after` (an id) or `limit` page through them.

    `q` keeps those who are called so (`db.search`); `archived` None gives both kinds.
    """
    query = _with_counts().where(*called(col(Tag.name_key), q))
    if archived is not None:
        gone = col(Tag.archived_at)
        query = query.where(gone.is_not(None) if archived else gone.is_(None))
    if ids is not None:
        query = query.where(col(Tag.id).in_(ids))
    if after is not None:
        query = query.where(col(Tag.id) > after)
    paged = after is not None or limit is not None
    query = query.order_by(col(Tag.id) if paged else col(Tag.name_key)).limit(limit)
    return [TagRow(*row[:-1]) for row in session.connection().execute(query)]


@dataclass(frozen=True, slots=True)
class TagChoice:
    """A tag to choose, without what it takes to count its use."""

    id: int
    name: str
    color: str


def choices(session: Session) -> list[TagChoice]:
    """Every tag by name, archived ones too."""
    query = sa.select(col(Tag.id), col(Tag.name), col(Tag.color)).order_by(col(Tag.name_key))
    return [TagChoice(*row) for row in session.connection().execute(query)]


def listed(
    session: Session,
    *,
    q: str = "",
    archived: bool = False,
    sort: Sort = "name",
    limit: int,
    offset: int = 0,
) -> list[TagRow]:
    """One page of the tags in use, or of the archived ones, who are called so."""
    counted = _with_counts().where(*_conditions(q, archived=archived)).subquery()
    column = {"partners": counted.c.partners, "assigned": counted.c.assigned_at, "id": counted.c.id}
    wanted = column.get(sort.removeprefix("-"), counted.c.name_key)
    order = wanted.desc().nulls_last() if sort.startswith("-") else wanted.asc().nulls_last()
    query = sa.select(*counted.c[:-1]).order_by(order, counted.c.name_key)
    return [TagRow(*row) for row in session.connection().execute(query.limit(limit).offset(offset))]


def count(session: Session, *, q: str = "", archived: bool = False) -> int:
    """How many tags such a list has."""
    query = sa.select(func.count()).select_from(Tag)
    found = query.where(*_conditions(q, archived=archived))
    return session.connection().scalar(found) or 0


def _conditions(q: str, *, archived: bool) -> list[sa.ColumnElement[bool]]:
    gone = col(Tag.archived_at)
    return [gone.is_not(None) if archived else gone.is_(None), *called(col(Tag.name_key), q)]


def _with_counts() -> sa.Select[Any]:
    holding = col(Assignment.tag_id) == col(Tag.id)
    partners = select(func.count()).where(holding, col(Assignment.ended_at).is_(None))
    # Ended assignments count, too: what is asked is when it was last put on somebody.
    assigned_at = (
        select(col(Assignment.created_at)).where(holding).order_by(col(Assignment.id).desc())
    )
    starts = col(Automation.tag_id) == col(Tag.id)
    there = select(func.count()).where(col(Automation.deleted_at).is_(None))
    return sa.select(
        col(Tag.id),
        col(Tag.name),
        col(Tag.color),
        col(Tag.description),
        col(Tag.archived_at),
        col(Tag.created_at),
        partners.scalar_subquery().label("partners"),
        there.where(_names_tag(col(Tag.id))).scalar_subquery().label("automations"),
        there.where(starts).scalar_subquery().label("starts"),
        there.where(_is_step(col(Tag.id))).scalar_subquery().label("sets"),
        assigned_at.limit(1).scalar_subquery().label("assigned_at"),
        col(Tag.name_key),
    )


def _names_tag(tag_id: Any) -> Any:
    """Whether an automation is set off by the tag, or adds or removes it."""
    return or_(col(Automation.tag_id) == tag_id, _is_step(tag_id))


def _is_step(tag_id: Any) -> Any:
    """Whether an automation adds or removes the tag."""
    does = exists().where(
        col(Action.automation_id) == col(Automation.id),
        col(Action.removed_at).is_(None),
        col(Action.tag_id) == tag_id,
    )
    # Said outright: by itself, a condition two levels deep would not see the outermost row.
    return does.correlate(Automation, Tag)


def automations(session: Session, tag_id: int) -> list[Automation]:
    """The automations that are set off by the tag, or add or remove it."""
    query = select(Automation).where(col(Automation.deleted_at).is_(None), _names_tag(tag_id))
    return list(session.exec(query.order_by(col(Automation.id))))


def holders(session: Session, tag_id: int) -> int:
    """How many partners hold the tag."""
    query = select(func.count()).select_from(Assignment)
    return session.exec(
        query.where(col(Assignment.tag_id) == tag_id, col(Assignment.ended_at).is_(None))
    ).one()


def reach(session: Session, tag_id: int, kind: TemplateKind) -> dict[str, int]:
    """Those who hold the tag, counted by why an email of this kind would not go to them now.

    Those whom it would go to are counted under an empty reason.
    """
    why_not = why_not_partner(sa.literal(kind)).label("why_not")
    query = (
        sa.select(why_not, func.count())
        .select_from(Assignment)
        .join(Partner, col(Partner.id) == col(Assignment.partner_id))
        .where(col(Assignment.tag_id) == tag_id, col(Assignment.ended_at).is_(None))
        .group_by(why_not)
    )
    return {row[0]: row[1] for row in session.connection().execute(query)}


def waiting_sends(session: Session, tag_id: int) -> int:
    """How many emails decided for the tag have not left yet."""
    query = select(func.count()).select_from(Send)
    return session.exec(
        query.where(
            col(Send.tag_id) == tag_id,
            col(Send.status).in_([SendStatus.QUEUED, SendStatus.SENDING]),
        )
    ).one()


def has_history(session: Session, tag_id: int) -> bool:
    """Whether the log names the tag: an assignment once made, an automation or step once there."""
    return any(
        session.exec(select(model.id).where(model.tag_id == tag_id).limit(1)).first() is not None
        for model in (Cause, Automation, Action)
    )
