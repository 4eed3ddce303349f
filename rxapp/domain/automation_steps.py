"""The steps of an automation: checked, and kept the steps they were where they can be."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from rxapp.db import automations as sql
from rxapp.db.models import Action, ActionKind, Automation, Tag, Template
from rxapp.db.types import utcnow
from rxapp.errors import InvalidInput

LIMIT = 20
DELAY_LIMIT_SECONDS = 365 * 24 * 3600
# What a database can look up; a longer number is nobody's id.
Id = Annotated[int, Field(ge=1, lt=2**63)]


class ActionInput(BaseModel):
    """One step: *Send email* names a template, *Add tag* and *Remove tag* a tag.

    Only emails can wait (`delay_seconds`). With `needs_tag`, one that waited is skipped when the
    tag that caused it is gone by then.
    """

    model_config = ConfigDict(extra="forbid")

    kind: ActionKind
    template_id: Id | None = None
    tag_id: Id | None = None
    delay_seconds: int = Field(0, ge=0)
    needs_tag: bool = True

    @property
    def target(self) -> tuple[str, int | None]:
        """What the step does to what: two steps of one automation never share it."""
        return self.kind, self.template_id if self.kind == ActionKind.SEND_EMAIL else self.tag_id


def replace(session: Session, automation: Automation, wanted: Sequence[ActionInput]) -> None:
    """Give an automation these steps; raises InvalidInput.

    A step that does the same to the same thing as before stays that step, with its history.
    """
    _check_list(wanted)
    old = {_target(step): step for step in sql.steps(session, automation.id)}
    for position, one in enumerate(wanted):
        step = old.pop(one.target, None) or _new_step(session, automation, one, position)
        step.position = position
        step.delay_seconds = one.delay_seconds
        step.needs_tag = one.needs_tag
        session.add(step)
    for step in old.values():
        step.removed_at = utcnow()
    session.flush()


def usable_tag(session: Session, tag_id: int | None, field: str) -> int:
    """The id of a tag that may be named anew; raises InvalidInput about `field`."""
    tag = session.get(Tag, tag_id)
    if tag is None:
        raise InvalidInput("There is no such tag.", field)
    if tag.archived_at is not None:
        raise InvalidInput(f"The tag “{tag.name}” is archived. Restore it to use it.", field)
    return tag.id


def _check_list(wanted: Sequence[ActionInput]) -> None:
    if not wanted:
        raise InvalidInput("An automation needs at least one step.", "actions")
    if len(wanted) > LIMIT:
        raise InvalidInput(f"An automation has at most {LIMIT} steps.", "actions")
    if len({one.target for one in wanted}) < len(wanted):
        raise InvalidInput(
            "Two steps do the same. An email is sent once per assignment, and a tag is added or "
            "removed once.",
            "actions",
        )
    for one in wanted:
        email = one.kind == ActionKind.SEND_EMAIL
        if (one.template_id is not None) != email or (one.tag_id is not None) == email:
            needed = "an email (template_id)" if email else "a tag (tag_id)"
            raise InvalidInput(f"The step “{one.kind}” names {needed} and nothing else.", "actions")
        if one.delay_seconds and not email:
            raise InvalidInput("Only sending an email can wait.", "actions")
        if one.delay_seconds > DELAY_LIMIT_SECONDS:
            raise InvalidInput("An email can wait for 365 days at most.", "actions")


def _new_step(session: Session, automation: Automation, one: ActionInput, position: int) -> Action:
    """A step that was not there before; what it names must exist and not be archived."""
    if one.kind == ActionKind.SEND_EMAIL:
        _usable_template(session, one.template_id)
    else:
        usable_tag(session, one.tag_id, "actions")
    return Action(
        automation_id=automation.id,
        position=position,
        kind=one.kind,
        template_id=one.template_id,
        tag_id=one.tag_id,
    )


def _target(step: Action) -> tuple[str, int | None]:
    return step.kind, step.template_id if step.kind == ActionKind.SEND_EMAIL else step.tag_id


def _usable_template(session: Session, template_id: int | None) -> None:
    template = session.get(Template, template_id)
    if template is None:
        raise InvalidInput("There is no such email.", "actions")
    if template.archived_at is not None:
        raise InvalidInput(
            f"The email “{template.name}” is archived. Restore it to use it.", "actions"
        )
