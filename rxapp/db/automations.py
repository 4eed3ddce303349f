"""Automations: reading them whole, with their steps and the names of what they touch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from rxapp.db.models import Action, ActionKind, Automation, Run, Tag, Template
from rxapp.db.search import called, fold

# "": in the order they run in, which is the order they were created in.
Sort = Literal["", "name", "-name", "fired", "-fired", "-id"]


@dataclass(frozen=True, slots=True)
class ActionView:
    """One step: what it does, to which email or tag, and when."""

    id: int
    kind: ActionKind
    template_id: int | None
    template: str | None
    tag_id: int | None
    tag: str | None
    delay_seconds: int
    needs_tag: bool


@dataclass(slots=True)
class AutomationView:
    """An automation with its steps in order."""

    id: int
    name: str
    named: bool
    version: int
    tag_id: int
    tag: str
    color: str
    enabled: bool
    author: str
    created_at: datetime
    updated_at: datetime
    deleted: bool
    actions: list[ActionView] = field(default_factory=list)


def lock(session: Session) -> None:
    """Make others who save an automation wait: two halves of a loop are never saved at once."""
    if session.get_bind().dialect.name == "postgresql":
        statement = sa.text("LOCK TABLE automations IN SHARE ROW EXCLUSIVE MODE")
        session.connection().execute(statement)


def get(session: Session, automation_id: int) -> Automation | None:
    """The automation, unless it was deleted."""
    query = select(Automation).where(
        col(Automation.id) == automation_id, col(Automation.deleted_at).is_(None)
    )
    return session.exec(query).first()


def steps(session: Session, automation_id: int) -> list[Action]:
    """The steps an automation has now, in order."""
    query = select(Action).where(
        col(Action.automation_id) == automation_id, col(Action.removed_at).is_(None)
    )
    return list(session.exec(query.order_by(col(Action.position))))


def page(
    session: Session,
    *,
    tag_id: int | None = None,
    template_id: int | None = None,
    enabled: bool | None = None,
    ids: Sequence[int] | None = None,
    after: int | None = None,
    limit: int | None = None,
) -> list[AutomationView]:
    """Automations in creation order, the order they run in.

    `tag_id` keeps those the tag sets off, `template_id` those that send the email; `after` is the
    last id of the page before.
    """
    query = _views().order_by(col(Automation.id))
    if tag_id is not None:
        query = query.where(col(Automation.tag_id) == tag_id)
    if template_id is not None:
        query = query.where(_has_step(col(Action.template_id) == template_id))
    if enabled is not None:
        query = query.where(col(Automation.enabled).is_(enabled))
    if ids is not None:
        query = query.where(col(Automation.id).in_(ids))
    if after is not None:
        query = query.where(col(Automation.id) > after)
    return _with_actions(session, query.limit(limit))


@dataclass(frozen=True, slots=True)
class AutomationFilter:
    """Which automations a list shows; everything given must hold.

    `q` is looked for in their names and in those of the tags and emails they name; `tag_id` keeps
    those the tag sets off, or that add or remove it.
    """

    q: str = ""
    tag_id: int | None = None
    template_id: int | None = None
    enabled: bool | None = None


def listed(
    session: Session, wanted: AutomationFilter, *, sort: Sort = "", limit: int, offset: int = 0
) -> list[AutomationView]:
    """One page of the automations a filter lets through, with their steps."""
    column = {"name": sa.func.lower(col(Automation.name)), "fired": _last_fired()}.get(
        sort.removeprefix("-"), col(Automation.id)
    )
    # Those that never fired come last, whichever way the others stand.
    order = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
    query = _views().where(*_conditions(wanted)).order_by(order, col(Automation.id))
    return _with_actions(session, query.limit(limit).offset(offset))


def count(session: Session, wanted: AutomationFilter) -> int:
    """How many automations a filter lets through."""
    found = sa.select(sa.func.count()).select_from(Automation)
    query = found.where(col(Automation.deleted_at).is_(None), *_conditions(wanted))
    return session.connection().scalar(query) or 0


def _conditions(wanted: AutomationFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    for word in fold(wanted.q).split():
        tags = sa.select(col(Tag.id)).where(*called(col(Tag.name_key), word))
        emails = sa.select(col(Template.id)).where(*called(col(Template.name_key), word))
        named = or_(col(Action.tag_id).in_(tags), col(Action.template_id).in_(emails))
        found.append(
            or_(
                *called(col(Automation.name), word),
                col(Automation.tag_id).in_(tags),
                _has_step(named),
            )
        )
    if wanted.tag_id is not None:
        is_step = _has_step(col(Action.tag_id) == wanted.tag_id)
        found.append(or_(col(Automation.tag_id) == wanted.tag_id, is_step))
    if wanted.template_id is not None:
        found.append(_has_step(col(Action.template_id) == wanted.template_id))
    if wanted.enabled is not None:
        found.append(col(Automation.enabled).is_(wanted.enabled))
    return found


def _has_step(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Whether an automation has a step like this now."""
    return (
        exists()
        .where(
            col(Action.automation_id) == col(Automation.id),
            col(Action.removed_at).is_(None),
            condition,
        )
        .correlate(Automation)
    )


def view(session: Session, automation_id: int, *, deleted: bool = False) -> AutomationView | None:
    """One automation with its steps; a deleted one only when `deleted` ones are wanted, too."""
    query = _views(deleted=deleted).where(col(Automation.id) == automation_id)
    return next(iter(_with_actions(session, query)), None)


def unnamed(
    session: Session, *, tag_id: int | None = None, template_id: int | None = None
) -> list[AutomationView]:
    """The automations that nobody named and that name this tag or email, deleted ones included."""
    if tag_id is not None:
        step = _has_step(col(Action.tag_id) == tag_id)
        naming = or_(col(Automation.tag_id) == tag_id, step)
    else:
        naming = _has_step(col(Action.template_id) == template_id)
    query = _views(deleted=True).where(~col(Automation.named), naming)
    return _with_actions(session, query)


def call(session: Session, automation_id: int, name: str) -> None:
    """Give an automation a name."""
    session.get_one(Automation, automation_id).name = name
    session.flush()


def last_fired(session: Session, ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these automations fired last, of those that ever did."""
    query = sa.select(col(Automation.id), _last_fired()).where(col(Automation.id).in_(ids))
    return {id_: at for id_, at in session.connection().execute(query) if at is not None}


def _last_fired() -> sa.ScalarSelect[Any]:
    return (
        sa.select(col(Run.created_at))
        .where(col(Run.automation_id) == col(Automation.id), col(Run.outcome) == Run.FIRED)
        .order_by(col(Run.id).desc())
        .limit(1)
        .correlate(Automation)
        .scalar_subquery()
    )


def _views(*, deleted: bool = False) -> sa.Select[Any]:
    columns: list[Any] = [
        col(Automation.id),
        col(Automation.name),
        col(Automation.named),
        col(Automation.version),
        col(Automation.tag_id),
        col(Tag.name),
        col(Tag.color),
        col(Automation.enabled),
        col(Automation.author),
        col(Automation.created_at),
        col(Automation.updated_at),
        col(Automation.deleted_at).is_not(None),
    ]
    query = sa.select(*columns).join(Tag, col(Tag.id) == col(Automation.tag_id))
    return query if deleted else query.where(col(Automation.deleted_at).is_(None))


def _with_actions(session: Session, query: sa.Select[Any]) -> list[AutomationView]:
    views = {row.id: AutomationView(*row) for row in session.connection().execute(query)}
    target = aliased(Tag)
    columns: list[Any] = [
        col(Action.automation_id),
        col(Action.id),
        col(Action.kind),
        col(Action.template_id),
        col(Template.name),
        col(Action.tag_id),
        col(target.name),
        col(Action.delay_seconds),
        col(Action.needs_tag),
    ]
    actions = (
        sa.select(*columns)
        .outerjoin(Template, col(Template.id) == col(Action.template_id))
        .outerjoin(target, col(target.id) == col(Action.tag_id))
        .where(col(Action.automation_id).in_(views), col(Action.removed_at).is_(None))
        .order_by(col(Action.automation_id), col(Action.position))
    )
    for row in session.connection().execute(actions):
        views[row[0]].actions.append(ActionView(*row[1:]))
    return list(views.values())
