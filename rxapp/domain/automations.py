"""Automations: "when tag T is assigned", as people write, switch and explain them.

Running them is `domain.decisions`.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session

from rxapp.db import audit as audit_log
from rxapp.db import automation_log, decisions
from rxapp.db import automations as sql
from rxapp.db.automations import ActionView, AutomationView
from rxapp.db.models import ActionKind, Automation, Job
from rxapp.db.types import utcnow
from rxapp.domain import audit, automation_steps, automation_words, jobs, loops
from rxapp.domain.automation_steps import ActionInput, Id, usable_tag
from rxapp.domain.automation_words import NAME_LIMIT, step_sentence
from rxapp.domain.loops import Loop, Rule
from rxapp.domain.text import one_line
from rxapp.errors import AutomationLoop, InvalidInput, NotFound, Overtaken

COPY = " (copy)"


class AutomationInput(BaseModel):
    """An automation; when changing one, only what is given is changed.

    `tag_id` is the tag that sets it off. Without a name it is called after what it does.
    `based_on` is the version it was read as, to notice who changed it since.
    """

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    tag_id: Id | None = None
    actions: list[ActionInput] | None = None
    enabled: bool | None = None
    based_on: int | None = None


def find(session: Session, automation_id: int) -> Automation:
    """The automation; raises NotFound, also for a deleted one."""
    automation = sql.get(session, automation_id)
    if automation is None:
        raise NotFound("There is no such automation.")
    return automation


def create(session: Session, data: AutomationInput, actor: str) -> Automation:
    """Make an automation, switched on unless told otherwise.

    Raises InvalidInput, or AutomationLoop when it could make automations go round for ever.
    """
    if data.tag_id is None:
        raise InvalidInput("Choose the tag that sets the automation off.", "tag_id")
    sql.lock(session)
    automation = Automation(
        name="", named=False, tag_id=usable_tag(session, data.tag_id, "tag_id"), author=actor,
        enabled=data.enabled is not False,
    )  # fmt: skip
    session.add(automation)
    session.flush()
    automation_steps.replace(session, automation, data.actions or [])
    _finish(session, automation, data.name or "")
    facts = {"name": automation.name, "now": _state(session, automation)["sentence"]}
    audit.record(session, actor, "automation", automation.id, "created", **facts)
    return automation


def duplicate(session: Session, automation_id: int, actor: str) -> Automation:
    """Another automation that does the same, switched off until somebody has changed it.

    Raises NotFound, and InvalidInput when its tag or an email was archived since.
    """
    view = sql.view(session, automation_id)
    if view is None:
        raise NotFound("There is no such automation.")
    steps = [
        ActionInput(
            kind=step.kind,
            template_id=step.template_id,
            tag_id=step.tag_id,
            delay_seconds=step.delay_seconds,
            needs_tag=step.needs_tag,
        )
        for step in view.actions
    ]
    # A copy of one that nobody named is called after what it does as well.
    name = f"{view.name[: NAME_LIMIT - len(COPY)]}{COPY}" if view.named else ""
    data = AutomationInput(name=name, tag_id=view.tag_id, actions=steps, enabled=False)
    return create(session, data, actor)


def update(session: Session, automation_id: int, data: AutomationInput, actor: str) -> Automation:
    """Change what is given; raises like `create`, NotFound, and Overtaken.

    Steps that do the same to the same thing stay the steps they were. Emails that wait already
    are not touched.
    """
    sql.lock(session)
    automation = find(session, automation_id)
    _refuse_overtaken(session, automation, data.based_on)
    before = _state(session, automation)
    if data.tag_id is not None and data.tag_id != automation.tag_id:
        automation.tag_id = usable_tag(session, data.tag_id, "tag_id")
    if data.actions is not None:
        automation_steps.replace(session, automation, data.actions)
    if data.enabled is not None:
        automation.enabled = data.enabled
    _finish(session, automation, data.name)
    after = _state(session, automation)
    if after != before:
        automation.version += 1
        automation.updated_at = utcnow()
        facts = _difference(before, after)
        audit.record(session, actor, "automation", automation.id, "updated", **facts)
        session.flush()
    return automation


def set_enabled(
    session: Session,
    automation_id: int,
    enabled: bool,
    *,
    actor: str,
    include_existing: bool = False,
    hold_seconds: int = 0,
) -> Job | None:
    """Switch an automation on or off; raises AutomationLoop, NotFound.

    `include_existing` also runs it for those who have its tag already and whom it has not met:
    a job, returned; its emails wait `hold_seconds`. Otherwise they are never emailed by it.
    """
    automation = update(session, automation_id, AutomationInput(enabled=enabled), actor)
    if not (enabled and include_existing):
        return None
    job = jobs.start_backfill(session, automation.id, actor=actor, hold_seconds=hold_seconds)
    audit.record(
        session, actor, "automation", automation.id, "ran_for_existing", partners=job.total
    )
    return job


def count_existing(session: Session, automation_id: int) -> int:
    """How many partners "also email those who already have this tag" would be about."""
    automation = find(session, automation_id)
    return decisions.count_open_without_run(session, automation.tag_id, automation.id)


def count_waiting(session: Session, automation_id: int) -> int:
    """How many emails are skipped when the automation is switched off or deleted now."""
    return automation_log.waiting(session, automation_id)


def delete(session: Session, automation_id: int, actor: str) -> None:
    """Delete an automation; the log goes on naming it, and its waiting emails are skipped."""
    sql.lock(session)
    automation = find(session, automation_id)
    facts = {"name": automation.name, "was": _state(session, automation)["sentence"]}
    automation.enabled, automation.deleted_at = False, utcnow()
    audit.record(session, actor, "automation", automation.id, "deleted", **facts)
    session.flush()


def overlaps(session: Session, tag_id: int, exclude: int | None = None) -> list[AutomationView]:
    """The switched-on automations that the tag sets off, in the order they run in."""
    views = sql.page(session, tag_id=tag_id, enabled=True)
    return [view for view in views if view.id != exclude]


def warnings(
    session: Session, data: AutomationInput, automation_id: int | None = None
) -> list[str]:
    """What to think over before saving: overlaps, chains, loops, emails that would be skipped.

    `data` is whole, as for a new automation. An endless loop is told here too; saving refuses it.
    """
    if data.tag_id is None:
        return []
    others = [one for one in sql.page(session, enabled=True) if one.id != automation_id]
    actions = data.actions or []
    found = _overlap(actions, [one for one in others if one.tag_id == data.tag_id])
    takes_own_tag = (ActionKind.REMOVE_TAG, data.tag_id) in [one.target for one in actions]
    if takes_own_tag and any(one.delay_seconds and one.needs_tag for one in actions):
        found.append(
            "It removes the tag that sets it off, so its delayed emails will find the tag gone "
            "and be skipped."
        )
    proposed = _rule(data.name or "this automation", data.tag_id, actions)
    loops_found = [loop.sentence for loop in _loops(session, others, proposed)]
    # A loop tells the whole chain by itself.
    return found + (loops_found or _set_off(session, actions, others))


def _overlap(actions: Sequence[ActionInput], others: Sequence[AutomationView]) -> list[str]:
    """Automations that the same tag sets off, and the emails they would have in common."""
    if not others:
        return []
    names = ", ".join(f"“{one.name}”" for one in others)
    found = [f"This tag also sets off {names}: all of them run."]
    sent = {one.template_id for one in actions if one.kind == ActionKind.SEND_EMAIL}
    twice = {
        step.template: other.name
        for other in others
        for step in other.actions
        if step.template and step.template_id in sent
    }
    for email, other in twice.items():
        found.append(f"“{other}” sends “{email}” as well: each partner gets it only once.")
    return found


def _set_off(
    session: Session, actions: Sequence[ActionInput], others: Sequence[AutomationView]
) -> list[str]:
    """What the tags that are added lead to in turn."""
    added = [one.tag_id for one in actions if one.kind == ActionKind.ADD_TAG and one.tag_id]
    if not added:
        return []
    names = decisions.tag_names(session)
    return [
        f"Adding “{names[tag_id]}” sets off “{other.name}” as well: {_does(other)}."
        for tag_id in added
        for other in others
        if other.tag_id == tag_id
    ]


def _does(view: AutomationView) -> str:
    """What an automation does, without when: send “VIP Welcome”, add tag “gold”."""
    steps = (step_sentence(step).replace("*", "“", 1).replace("*", "”", 1) for step in view.actions)
    return ", then ".join(steps)


def find_loops(session: Session) -> list[Loop]:
    """The loops among the automations that are switched on."""
    return _loops(session, sql.page(session, enabled=True))


def _state(session: Session, automation: Automation) -> dict[str, Any]:
    steps = sql.steps(session, automation.id)
    session.flush()
    view = sql.view(session, automation.id)
    return {
        "sentence": automation_words.plain(view) if view else "",
        # One that nobody named says nothing more than the sentence.
        "name": automation.name if automation.named else "",
        "tag": automation.tag_id,
        "enabled": automation.enabled,
        "actions": [(one.id, one.delay_seconds, one.needs_tag) for one in steps],
    }


def _difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What the audit log says of a change: what changed, and how it read before and after."""
    changed = sorted(
        name for name, value in after.items() if value != before[name] and name != "sentence"
    )
    facts: dict[str, Any] = {"changed": changed}
    if before["sentence"] != after["sentence"]:
        facts |= {"was": before["sentence"], "now": after["sentence"]}
    if "name" in changed:
        facts |= {"name_was": before["name"], "name_now": after["name"]}
    if "enabled" in changed:
        facts["enabled"] = after["enabled"]
    return facts


def _refuse_overtaken(session: Session, automation: Automation, based_on: int | None) -> None:
    if based_on is not None and based_on != automation.version:
        raise Overtaken(
            f"{changed_by(session, automation.id)} changed this automation in the meantime. "
            "Read it again, so that their changes are not lost.",
            version=automation.version,
        )


def changed_by(session: Session, automation_id: int) -> str:
    """Who changed, or deleted, an automation last."""
    latest = audit_log.entries(session, subject="automation", subject_id=automation_id, limit=1)
    return latest[0].actor if latest else "Somebody"


def _finish(session: Session, automation: Automation, name: str | None) -> None:
    """Name the automation, and refuse it when it closes an endless loop.

    `name` is None to leave it as it is; an empty one, or what it would be called anyway, is none.
    """
    session.flush()
    view = sql.view(session, automation.id)
    computed = automation_words.computed_name(view) if view else ""
    if name is not None:
        given = one_line(name, "name", NAME_LIMIT)
        as_before = not automation.named and given == automation.name
        automation.named = given not in ("", computed) and not as_before
        automation.name = given
    if not automation.named:
        automation.name = computed
    session.flush()
    if automation.enabled:
        for loop in find_loops(session):
            if loop.endless:
                raise AutomationLoop(loop.sentence)


def _loops(session: Session, views: Sequence[AutomationView], *proposed: Rule) -> list[Loop]:
    rules = [_rule(view.name, view.tag_id, view.actions) for view in views]
    return loops.find([*rules, *proposed], decisions.tag_names(session))


def _rule(name: str, trigger: int, steps: Sequence[ActionInput | ActionView]) -> Rule:
    adds, removes = (
        frozenset(one.tag_id for one in steps if one.kind == kind and one.tag_id)
        for kind in (ActionKind.ADD_TAG, ActionKind.REMOVE_TAG)
    )
    return Rule(name, trigger, adds, removes)
