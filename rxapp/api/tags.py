"""Tags over the REST API. Putting them on partners is `api/assignments.py`."""

import difflib
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session

from rxapp.api.deps import Filter, TagRef, needs
from rxapp.api.idempotency import Writing, once
from rxapp.api.paging import LIMIT, Cursor, Limit, Page, after, page
from rxapp.api.schemas.tags import TagBody, TagOut, TagPatch
from rxapp.db import tags as sql
from rxapp.db.engine import reading
from rxapp.db.models import Role, Tag
from rxapp.domain import tag_catalog
from rxapp.errors import NotFound

router = APIRouter(prefix="/api/v1/tags", tags=["Tags"])


def find_tag(session: Session, ref: int | str) -> Tag:
    """The tag with this id or name; raises NotFound, with the names that look like it."""
    try:
        return tag_catalog.find(session, ref)
    except NotFound as error:
        names = {tag_catalog.normalize(one.name): one.name for one in sql.page(session)}
        close = difflib.get_close_matches(tag_catalog.normalize(str(ref)), names)
        if not close:
            raise
        meant = [names[key] for key in close]
        hint = " or ".join(f"“{name}”" for name in meant)
        raise NotFound(f"{error.sentence} Did you mean {hint}?", did_you_mean=meant) from error


@router.get("", dependencies=[needs(Role.VIEWER)])
def list_tags(
    q: Annotated[Filter, Query(description="A part of the name.")] = None,
    archived: Annotated[bool | None, Query(description="Only these, or only others.")] = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Page[TagOut]:
    """Tags, oldest first."""
    with reading() as session:
        rows = sql.page(
            session,
            q=q or "",
            archived=archived,
            after=after(cursor),
            limit=limit + 1,
        )
    return page(rows, limit, lambda row: row.id, TagOut.model_validate)


@router.post("", status_code=201, dependencies=[needs(Role.EDITOR)])
@once
def create_tag(write: Writing, body: TagBody) -> TagOut:
    """Add a tag."""
    created = tag_catalog.create(
        write.session,
        body.name,
        color=body.color,
        description=body.description,
        actor=write.actor,
    )
    return _shown(write.session, created.id)


@router.get("/{tag:name}", dependencies=[needs(Role.VIEWER)])
def get_tag(tag: TagRef) -> TagOut:
    """One tag, and how much it is used."""
    with reading() as session:
        return _shown(session, find_tag(session, tag).id)


@router.patch("/{tag:name}", dependencies=[needs(Role.EDITOR)])
@once
def update_tag(write: Writing, tag: TagRef, body: TagPatch) -> TagOut:
    """Change what is given of a tag."""
    found = find_tag(write.session, tag)
    changes = body.model_dump(exclude={"archived"})
    tag_catalog.update(write.session, found.id, **changes, actor=write.actor)
    if body.archived is not None:
        change = tag_catalog.archive if body.archived else tag_catalog.unarchive
        change(write.session, found.id, actor=write.actor)
    write.session.flush()
    return _shown(write.session, found.id)


@router.delete("/{tag:name}", status_code=204, dependencies=[needs(Role.EDITOR)])
@once
def delete_tag(write: Writing, tag: TagRef) -> None:
    """Delete a tag that nothing uses; refused with `used_by` otherwise, and archiving is offered
    (PATCH it with `"archived": true`).
    """
    tag_catalog.delete(write.session, find_tag(write.session, tag).id, actor=write.actor)


def _shown(session: Session, tag_id: int) -> TagOut:
    return TagOut.model_validate(sql.page(session, ids=[tag_id], archived=None)[0])
