"""What the automation builder reads when an automation is opened, and writes when it is saved."""

from __future__ import annotations

from rxapp.db import automations as sql
from rxapp.db.automations import AutomationView
from rxapp.db.engine import reading, writing
from rxapp.domain import automations, tag_catalog
from rxapp.domain.automations import AutomationInput
from rxapp.domain.leaving import leaving
from rxapp.domain.settings import program
from rxapp.state import once


def view(number: int) -> AutomationView | None:
    """An automation, unless it was deleted or there never was one."""
    with reading() as session:
        return sql.view(session, number)


def create_tag(name: str, actor: str) -> int:
    """Make a tag; returns its id."""
    with writing() as session:
        return tag_catalog.create(session, name, actor=actor).id


def standing(page: str, number: int, version: int) -> tuple[int, int]:
    """Where an open page stands: its automation, and the version it goes on from."""
    with reading() as session:
        return once.latest(session, page, number, version)


def save(
    page: str, number: int, data: AutomationInput, include: bool, actor: str
) -> tuple[int, int, str]:
    """Save it; returns its id, for how many it is run at once, and what holds emails back now."""
    with writing() as session:
        before = once.latest(session, page, number, data.based_on or 0)
        if before[0]:
            data = data.model_copy(update={"based_on": before[1] or None})
            saved = automations.update(session, before[0], data, actor)
            once.note(session, page, before, (saved.id, saved.version))
            return saved.id, 0, ""
        made = automations.create(session, data, actor)
        once.note(session, page, before, (made.id, made.version))
        if not include:
            return made.id, 0, leaving(session).note
        hold = program(session).undo_seconds
        job = automations.set_enabled(
            session, made.id, True, actor=actor, include_existing=True, hold_seconds=hold
        )
        return made.id, job.total if job else 0, leaving(session).note


def created(met: int) -> str:
    """What is said of a new automation that is run for so many at once."""
    if met:
        return f"Created, switched on, and running for the {met:,} who have the tag already."
    return "Created, and switched on."
