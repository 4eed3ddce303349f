"""Automations over the REST API."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session

from rxapp.api.deps import Filter, RowId, needs
from rxapp.api.idempotency import Write, Writing, once
from rxapp.api.paging import LIMIT, Cursor, Limit, Page, after, page
from rxapp.api.schemas.automations import (
    ActionBody,
    AutomationBody,
    AutomationChanges,
    AutomationOut,
    AutomationPatch,
    AutomationSavedOut,
)
from rxapp.db import automations as sql
from rxapp.db.automations import AutomationView
from rxapp.db.engine import reading
from rxapp.db.models import Role
from rxapp.domain import automations, tag_catalog, templates
from rxapp.domain.automation_steps import ActionInput
from rxapp.domain.automations import AutomationInput
from rxapp.errors import InvalidInput, NotFound

router = APIRouter(prefix="/api/v1/automations", tags=["Automations"])


@router.get("", dependencies=[needs(Role.VIEWER)])
def list_automations(
    tag: Annotated[Filter, Query(description="Those this tag sets off, by name or id.")] = None,
    enabled: bool | None = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Page[AutomationOut]:
    """Automations, oldest first: the order they run in."""
    with reading() as session:
        try:
            tag_id = tag_catalog.find(session, tag).id if tag else None
        except NotFound:
            return Page(data=[], next_cursor=None)
        rows = sql.page(
            session, tag_id=tag_id, enabled=enabled, after=after(cursor), limit=limit + 1
        )
    return page(rows, limit, lambda row: row.id, AutomationOut.of)


@router.post("", status_code=201, dependencies=[needs(Role.ADMIN)])
@once
def create_automation(write: Writing, body: AutomationBody) -> AutomationSavedOut:
    """Add an automation, switched on unless told otherwise.

    One that could make automations go round for ever is refused (`automation_loop`).
    """
    data = _input(write.session, body)
    created = automations.create(write.session, data, write.actor)
    return _saved(write, created.id, body)


@router.get("/{automation}", dependencies=[needs(Role.VIEWER)])
def get_automation(automation: RowId) -> AutomationOut:
    """One automation with its steps."""
    with reading() as session:
        return AutomationOut.of(_view(session, automation))


@router.patch("/{automation}", dependencies=[needs(Role.ADMIN)])
@once
def update_automation(
    write: Writing, automation: RowId, body: AutomationChanges
) -> AutomationSavedOut:
    """Change what is given. Emails that wait already are not touched.

    Assignments made while it was off are never emailed, unless switching it on includes them.
    """
    data = _input(write.session, body).model_copy(update={"based_on": body.based_on})
    automations.update(write.session, automation, data, write.actor)
    return _saved(write, automation, body)


@router.delete("/{automation}", status_code=204, dependencies=[needs(Role.ADMIN)])
@once
def delete_automation(write: Writing, automation: RowId) -> None:
    """Delete an automation; the log goes on naming it, and its waiting emails are skipped."""
    automations.delete(write.session, automation, write.actor)


def _saved(write: Write, automation_id: int, body: AutomationPatch) -> AutomationSavedOut:
    job_id = _include_existing(write, automation_id) if body.include_existing else None
    shown = AutomationOut.of(_view(write.session, automation_id))
    return AutomationSavedOut(**shown.model_dump(), job_id=job_id)


def _include_existing(write: Write, automation_id: int) -> int | None:
    if not automations.find(write.session, automation_id).enabled:
        raise InvalidInput("Switch the automation on to include partners.", "include_existing")
    job = automations.set_enabled(
        write.session, automation_id, enabled=True, include_existing=True, actor=write.actor
    )
    return job.id if job else None


def _input(session: Session, body: AutomationPatch) -> AutomationInput:
    """What was given, with names looked up."""
    return AutomationInput(
        name=body.name,
        tag_id=body.tag_id or _tag_id(session, body.tag, "tag"),
        actions=body.actions and [_step(session, i, one) for i, one in enumerate(body.actions)],
        enabled=body.enabled,
    )


def _step(session: Session, place: int, body: ActionBody) -> ActionInput:
    field = f"actions.{place}"
    return ActionInput(
        kind=body.kind,
        template_id=body.template_id or _template_id(session, body.template, f"{field}.template"),
        tag_id=body.tag_id or _tag_id(session, body.tag, f"{field}.tag"),
        delay_seconds=body.delay_seconds,
        needs_tag=body.needs_tag,
    )


def _tag_id(session: Session, ref: int | str | None, field: str) -> int | None:
    try:
        return None if ref is None else tag_catalog.find(session, ref).id
    except NotFound as error:
        raise InvalidInput(error.sentence, field) from error


def _template_id(session: Session, ref: int | str | None, field: str) -> int | None:
    try:
        return None if ref is None else templates.find(session, ref).id
    except NotFound as error:
        raise InvalidInput(error.sentence, field) from error


def _view(session: Session, automation_id: int) -> AutomationView:
    view = sql.view(session, automation_id)
    if view is None:
        raise NotFound("There is no such automation.")
    return view
