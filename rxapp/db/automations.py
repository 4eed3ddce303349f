"""Automations: reading them whole, with their steps and the names of what they touch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from rxapp.db.models import Action, ActionKind, Automation, Run, Tag, Template


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
    tag_id: int
    tag: str
    enabled: bool
    author: str
    created_at: datetime
    updated_at: datetime
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
    query = _views()
    if tag_id is not None:
        query = query.where(col(Automation.tag_id) == tag_id)
    if template_id is not None:
        sends = exists().where(
            col(Action.automation_id) == col(Automation.id),
            col(Action.removed_at).is_(None),
            col(Action.template_id) == template_id,
        )
        query = query.where(sends)
    if enabled is not None:
        query = query.where(col(Automation.enabled).is_(enabled))
    if ids is not None:
        query = query.where(col(Automation.id).in_(ids))
    if after is not None:
        query = query.where(col(Automation.id) > after)
    return _with_actions(session, query.limit(limit))


def view(session: Session, automation_id: int) -> AutomationView | None:
    """One automation with its steps, unless it was deleted."""
    return next(iter(page(session, ids=[automation_id])), None)


def last_fired(session: Session) -> dict[int, datetime]:
    """When each automation fired last, of those that ever did."""
    newest = (
        sa.select(col(Run.created_at))
        .where(col(Run.automation_id) == col(Automation.id), col(Run.outcome) == Run.FIRED)
        .order_by(col(Run.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    query = sa.select(col(Automation.id), newest).where(col(Automation.deleted_at).is_(None))
    return {id_: at for id_, at in session.connection().execute(query) if at is not None}


def _views() -> sa.Select[Any]:
    columns: list[Any] = [
        col(Automation.id),
        col(Automation.name),
        col(Automation.tag_id),
        col(Tag.name),
        col(Automation.enabled),
        col(Automation.author),
        col(Automation.created_at),
        col(Automation.updated_at),
    ]
    return (
        sa.select(*columns)
        .join(Tag, col(Tag.id) == col(Automation.tag_id))
        .where(col(Automation.deleted_at).is_(None))
        .order_by(col(Automation.id))
    )


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
