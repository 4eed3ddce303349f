"""The steps of an automation while they are entered, and as the domain takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rxapp.db.automations import ActionView
from rxapp.db.models import ActionKind
from rxapp.domain.automation_steps import ActionInput
from rxapp.domain.text import as_id
from rxapp.errors import InvalidInput

UNITS = {"minutes": 60, "hours": 3600, "days": 86400}
KINDS = frozenset(ActionKind)


@dataclass
class StepForm:
    """A step as it is entered; `target` is the id of its email or tag, once there is one."""

    key: int = 0
    kind: str = ActionKind.SEND_EMAIL
    target: str = ""
    waits: bool = False
    amount: str = "1"
    unit: str = "days"
    needs_tag: bool = True
    # What to know of the email that was chosen.
    subject: str = ""


@dataclass(frozen=True)
class Entered:
    """Everything a person enters, to tell whether something changed."""

    name: str = ""
    trigger: str = ""
    tag: str = ""
    steps: tuple[tuple[Any, ...], ...] = ()


def entered(name: str, trigger: str, tag: str, steps: list[StepForm]) -> Entered:
    """What is entered, to be compared."""
    told = [(s.kind, s.target, s.waits, s.amount, s.unit, s.needs_tag) for s in steps]
    return Entered(name, trigger, tag, tuple(told))


def filled(key: int, step: ActionView) -> StepForm:
    """A saved step, as it is entered."""
    unit, length = next(
        (one for one in reversed(UNITS.items()) if not step.delay_seconds % one[1]), ("minutes", 60)
    )
    return StepForm(
        key=key,
        kind=step.kind,
        target=str(step.template_id or step.tag_id or ""),
        waits=step.delay_seconds > 0,
        amount=f"{step.delay_seconds / length:g}" if step.delay_seconds else "1",
        unit=unit if step.delay_seconds else "days",
        needs_tag=step.needs_tag,
    )


def action(step: StepForm) -> ActionInput:
    """A step as the domain takes it; raises InvalidInput at `step-` and its key."""
    target = as_id(step.target)
    if target is None:
        what = "email to send" if step.kind == ActionKind.SEND_EMAIL else "tag"
        raise InvalidInput(f"Choose the {what}.", f"step-{step.key}")
    if step.kind != ActionKind.SEND_EMAIL:
        return ActionInput(kind=ActionKind(step.kind), tag_id=target)
    return ActionInput(
        kind=ActionKind.SEND_EMAIL,
        template_id=target,
        delay_seconds=_seconds(step) if step.waits else 0,
        needs_tag=step.needs_tag,
    )


def _seconds(step: StepForm) -> int:
    try:
        seconds = round(float(step.amount) * UNITS[step.unit])
    except (ValueError, OverflowError) as error:
        raise InvalidInput("How long it waits is a number.", f"step-{step.key}") from error
    if seconds <= 0:
        raise InvalidInput("How long it waits is more than nothing.", f"step-{step.key}")
    return seconds


def told(step: StepForm, emails: Mapping[str, str], tags: Mapping[str, str]) -> ActionView:
    """A step as if it were saved; what it is missing yet is an ellipsis."""
    sends = step.kind == ActionKind.SEND_EMAIL
    try:
        delay = _seconds(step) if sends and step.waits else 0
    except InvalidInput:
        delay = 0
    return ActionView(
        id=0,
        kind=ActionKind(step.kind),
        template_id=(as_id(step.target) or 0) if sends else None,
        template=emails.get(step.target, "…"),
        tag_id=None if sends else as_id(step.target),
        tag=tags.get(step.target, "…"),
        delay_seconds=delay,
        needs_tag=step.needs_tag,
    )
