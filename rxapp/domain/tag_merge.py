"""Merging a tag into another one: who holds it holds the other one instead, and nobody is emailed.

What is held is moved, not assigned: it is no new assignment, so no automation runs. Automations
that name the tag name the other one from then on, and the tag is archived, because the log names
it. Where that would make an automation say something else than before, merging is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from rxapp.db import automations as automation_reads
from rxapp.db import bulk, undo
from rxapp.db import tag_merge as sql
from rxapp.db.automations import ActionView, AutomationFilter, AutomationView
from rxapp.db.models import Source, Tag
from rxapp.db.types import utcnow
from rxapp.domain import audit, automations, tag_catalog, tags
from rxapp.domain.automation_steps import ActionInput
from rxapp.domain.automations import AutomationInput
from rxapp.errors import Conflict, InvalidInput

MOST_AUTOMATIONS = 1_000


@dataclass(frozen=True, slots=True)
class Merging:
    """What merging two tags does, in numbers and names."""

    tag: str
    into: str
    # Partners who get the other tag instead, and those who have both and keep it once.
    moved: int
    both: int
    # Automations that start with the other tag from then on, and those that add or remove it.
    starts: list[str]
    sets: list[str]
    # Delayed emails to those who have both: skipped when due, because the tag is gone.
    skipped: int


def plan(session: Session, tag_id: int, into_id: int) -> Merging:
    """What `merge` would do; raises InvalidInput or Conflict with the reason why it would not."""
    tag, into = tag_catalog.find(session, tag_id), tag_catalog.find(session, into_id)
    if tag.id == into.id:
        raise InvalidInput("Choose another tag to merge it into.")
    if into.archived_at is not None:
        raise Conflict(f"The tag “{into.name}” is archived. Restore it first.")
    if sql.is_being_worked_on(session, {tag.id, into.id}):
        raise Conflict("A bulk action with one of these tags is still running. Wait for its end.")
    if undo.is_open(session, {tag.id, into.id}, utcnow()):
        raise Conflict(
            "A bulk action that changed who has one of these tags can still be undone. Wait until "
            "that time is over."
        )
    views = _naming(session, tag.id)
    for view in views:
        _check(view, tag, into)
    both = sql.holders_of_both(tag.id, into.id)
    number = sql.count(session, both)
    return Merging(
        tag=tag.name,
        into=into.name,
        moved=sql.count(session, sql.holders(tag.id)) - number,
        both=number,
        starts=[view.name for view in views if view.tag_id == tag.id],
        sets=[view.name for view in views if tag.id in _step_tags(view)],
        skipped=bulk.waiting(session, tag.id, both),
    )


def merge(session: Session, tag_id: int, into_id: int, actor: str) -> Merging:
    """Merge a tag into another one; all of it or, where it raises as `plan` does, nothing.

    Also raises AutomationLoop when the automations could then set each other off for ever.
    """
    automation_reads.lock(session)
    planned = plan(session, tag_id, into_id)
    sql.move(session, tag_id, into_id)
    # Those who are left have both.
    tags.remove_tags(session, tag_id, sql.holders(tag_id), source=Source.DASHBOARD, actor=actor)
    for view in _naming(session, tag_id):
        _point(session, view, tag_id, into_id, actor)
    tag_catalog.archive(session, tag_id, actor=actor)
    facts = {"into": planned.into, "moved": planned.moved, "both": planned.both}
    audit.record(session, actor, "tag", tag_id, "merged", **facts)
    audit.record(session, actor, "tag", into_id, "merged_with", tag=planned.tag)
    session.flush()
    return planned


def _naming(session: Session, tag_id: int) -> list[AutomationView]:
    wanted = AutomationFilter(tag_id=tag_id)
    return automation_reads.listed(session, wanted, limit=MOST_AUTOMATIONS)


def _step_tags(view: AutomationView) -> set[int]:
    return {step.tag_id for step in view.actions if step.tag_id}


def _check(view: AutomationView, tag: Tag, into: Tag) -> None:
    """Raise Conflict for an automation that would do something else than it says now."""
    steps = _step_tags(view)
    if {tag.id, into.id} <= steps:
        raise Conflict(
            f"The automation “{view.name}” has a step for “{tag.name}” and one for "
            f"“{into.name}”. Change it first."
        )
    if (view.tag_id == tag.id and into.id in steps) or (view.tag_id == into.id and tag.id in steps):
        raise Conflict(
            f"The automation “{view.name}” starts with one of the two tags and adds or removes the "
            "other one: merged, it would change the tag that sets it off. Change or delete it "
            "first."
        )


def _point(session: Session, view: AutomationView, tag_id: int, into_id: int, actor: str) -> None:
    """Have an automation name the other tag; one that is called after what it does still is."""
    data = AutomationInput(
        tag_id=into_id if view.tag_id == tag_id else None,
        actions=_pointed(view.actions, tag_id, into_id),
    )
    automations.update(session, view.id, data, actor)


def _pointed(steps: Sequence[ActionView], tag_id: int, into_id: int) -> list[ActionInput]:
    return [
        ActionInput(
            kind=step.kind,
            template_id=step.template_id,
            tag_id=into_id if step.tag_id == tag_id else step.tag_id,
            delay_seconds=step.delay_seconds,
            needs_tag=step.needs_tag,
        )
        for step in steps
    ]
