"""Emails over the REST API."""

from functools import partial
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from sqlmodel import Session

from rxapp.api.deps import Caller, Filter, RowId, needs
from rxapp.api.idempotency import Writing, once
from rxapp.api.paging import LIMIT, Cursor, Limit, Page, after, page
from rxapp.api.schemas.templates import (
    PreviewBody,
    PreviewOut,
    TemplateBody,
    TemplateOut,
    TemplatePatch,
    TemplateRowOut,
    TestBody,
    TestOut,
    TestStarted,
    VariableOut,
)
from rxapp.api.tags import find_tag
from rxapp.auth import roles
from rxapp.db import templates as sql
from rxapp.db.engine import reading
from rxapp.db.models import Role, TemplateKind
from rxapp.domain import partners, preview, templates, trials
from rxapp.domain.templates import TemplateChanges
from rxapp.domain.text import email_address

# How long a test's answer waits for the provider's.
TEST_SECONDS = 10

router = APIRouter(prefix="/api/v1/templates", tags=["Templates"])


@router.get("", dependencies=[needs(Role.VIEWER)])
def list_templates(
    *,
    q: Annotated[Filter, Query(description="A part of the name.")] = None,
    kind: TemplateKind | None = None,
    archived: Annotated[bool | None, Query(description="Only these, or only others.")] = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Page[TemplateRowOut]:
    """Emails, oldest first."""
    with reading() as session:
        rows = sql.page(
            session,
            q=q or "",
            archived=archived,
            kind=kind,
            after=after(cursor),
            limit=limit + 1,
        )
    return page(rows, limit, lambda row: row.id, TemplateRowOut.model_validate)


@router.post("", status_code=201, dependencies=[needs(Role.EDITOR)])
@once
def create_template(write: Writing, body: TemplateBody) -> TemplateOut:
    """Write an email. One that cannot be sent is refused (`invalid_template`) with all that is
    wrong with it.
    """
    created = templates.create(write.session, **body.model_dump(), author=write.actor)
    return _shown(write.session, created.id)


@router.get("/{template}", dependencies=[needs(Role.VIEWER)])
def get_template(template: RowId) -> TemplateOut:
    """One email, as it says now."""
    with reading() as session:
        return _shown(session, template)


@router.patch("/{template}", dependencies=[needs(Role.EDITOR)])
@once
def update_template(write: Writing, template: RowId, body: TemplatePatch) -> TemplateOut:
    """Change what is given. Emails that wait already keep the version they were decided with."""
    changes = TemplateChanges(**body.model_dump(exclude={"archived"}))
    templates.save(write.session, template, changes, write.actor)
    if body.archived is not None:
        change = templates.archive if body.archived else templates.unarchive
        change(write.session, template, write.actor)
    return _shown(write.session, template)


@router.delete("/{template}", status_code=204, dependencies=[needs(Role.EDITOR)])
@once
def delete_template(write: Writing, template: RowId) -> None:
    """Delete an email that nothing uses; refused with `used_by` otherwise, and archiving is
    offered (PATCH it with `"archived": true`).
    """
    templates.delete(write.session, template, write.actor)


@router.post("/{template}/preview", dependencies=[needs(Role.VIEWER)])
def preview_template(
    template: RowId, identity: Caller, body: PreviewBody | None = None
) -> PreviewOut:
    """The email as a partner would get it, rendered by the code that sends it.

    Without a `tag` it names the one that would send it. The unsubscribe link is nobody's for whom
    but an admin: whoever has a partner's own can also take back what they just did with it.
    """
    with reading() as session:
        version = templates.current(session, template)
        who, tag_id = _example(session, body or PreviewBody())
        may = roles.allows(identity.role, Role.ADMIN)
        to = preview.recipient(session, who, template, tag_id=tag_id, own_link=may)
        rendered = preview.of_version(session, version, to)
    return PreviewOut.model_validate(rendered)


@router.post("/{template}/test", dependencies=[needs(Role.EDITOR)])
async def test_template(write: Writing, template: RowId, body: TestBody) -> TestOut:
    """Send the email to any address at once, its subject prefixed `[Test]`.

    It is kept out of history and counts, but not out of the audit log, and the number of tests
    an hour is limited. `waiting` means the provider has not answered yet.
    """
    handed_over = await run_sync(partial(_hand_over, write=write, template=template, body=body))
    started = TestStarted.model_validate_json(bytes(handed_over.body))
    return TestOut.model_validate(await trials.wait(started.test_id, TEST_SECONDS))


@once
def _hand_over(write: Writing, template: RowId, body: TestBody) -> TestStarted:
    to = [body.to] if isinstance(body.to, str) else body.to
    who, tag_id = _example(write.session, body)
    test = preview.send_trial(
        write.session,
        templates.current(write.session, template),
        [email_address(one, "to") for one in to],
        write.actor,
        who=who,
        template_id=template,
        tag_id=tag_id,
    )
    return TestStarted(test_id=test)


def _example(session: Session, body: PreviewBody) -> tuple[str, int | None]:
    """Whom the email is shown for (`preview.recipient`), and the id of the tag it is to name."""
    who = "" if body.partner is None else str(partners.find(session, body.partner).id)
    return who, None if body.tag is None else find_tag(session, body.tag).id


def _shown(session: Session, template_id: int) -> TemplateOut:
    session.flush()
    template, version = (
        templates.find(session, template_id),
        templates.current(session, template_id),
    )
    return TemplateOut(
        id=template.id,
        name=template.name,
        kind=version.kind,
        version=version.number,
        subject=version.subject,
        automations=len(sql.automations(session, template_id)),
        archived_at=template.archived_at,
        created_at=template.created_at,
        updated_at=template.updated_at,
        preheader=version.preheader,
        body=version.body,
        variables=[VariableOut.model_validate(one) for one in version.variables],
        author=version.author,
    )
