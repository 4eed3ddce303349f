"""The history over the REST API: every email decided, what became of it, and why."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session

from rxapp.api.deps import Filter, Moment, RowId, needs
from rxapp.api.idempotency import Writing, once
from rxapp.api.paging import LIMIT, Cursor, Limit, Page, after, page
from rxapp.api.queries import readings
from rxapp.api.schemas.sends import CauseOut, EmailOut, SendDetailOut, SendOut
from rxapp.db import causes
from rxapp.db import send_log as sql
from rxapp.db.engine import reading
from rxapp.db.models import Role, SendStatus
from rxapp.db.send_log import SendFilter, SendRow
from rxapp.domain import partners, sends, tag_catalog
from rxapp.domain.text import MAX_ID
from rxapp.errors import NotFound

router = APIRouter(prefix="/api/v1/sends", tags=["Sends"])

ById = Annotated[int | None, Query(ge=1, le=MAX_ID)]


@router.get("", dependencies=[needs(Role.VIEWER)])
def list_sends(
    *,
    request: Request,
    partner: Annotated[
        Filter, Query(description="An id, `key:...`, or an address.", examples=["17"])
    ] = None,
    status: Annotated[
        list[SendStatus] | None, Query(description="May be given several times.")
    ] = None,
    automation: ById = None,
    template: ById = None,
    tag: Annotated[Filter, Query(description="By name or id.")] = None,
    since: Annotated[Moment | None, Query(description="Decided then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Decided before then.")] = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Page[SendOut]:
    """Sends, newest first."""
    with reading() as session:
        try:
            wanted = SendFilter(
                partner_id=_partner_id(session, readings(request, "partner")) if partner else None,
                status=status or (),
                automation_id=automation,
                template_id=template,
                tag_id=tag_catalog.find(session, tag).id if tag else None,
                since=since,
                until=until,
            )
        except NotFound:
            # Nothing was sent to nobody, or for no tag.
            return Page(data=[], next_cursor=None)
        rows = sql.page(session, wanted, limit=limit + 1, before=after(cursor))
    return page(rows, limit, lambda row: row.id, SendOut.of)


@router.get("/{send}", dependencies=[needs(Role.VIEWER)])
def get_send(send: RowId) -> SendDetailOut:
    """One send: its status, the reason in words, what led to it, and the email as sent."""
    with reading() as session:
        row = _row(session, send)
        email = sends.email_as_sent(session, send)
        return SendDetailOut(
            **SendOut.of(row).model_dump(),
            causes=[CauseOut.model_validate(link) for link in causes.chain(session, row.cause_id)],
            sent_email=EmailOut.model_validate(email) if email else None,
        )


@router.post("/{send}/resend", status_code=201, dependencies=[needs(Role.EDITOR)])
@once
def resend(write: Writing, send: RowId) -> SendOut:
    """Send the email again, in its present wording: a new send that names this one."""
    new = sends.send_again(write.session, send, write.actor)
    return SendOut.of(_row(write.session, new.id))


@router.post("/{send}/cancel", dependencies=[needs(Role.EDITOR)])
@once
def cancel_send(write: Writing, send: RowId) -> SendOut:
    """Keep an email that is still waiting from leaving."""
    sends.cancel(write.session, send, write.actor)
    return SendOut.of(_row(write.session, send))


def _partner_id(session: Session, refs: list[str]) -> int:
    known = partners.resolve(session, refs).ids
    if not known:
        raise NotFound("There is no such partner.")
    return known[0]


def _row(session: Session, send_id: int) -> SendRow:
    row = sql.row(session, send_id)
    if row is None:
        raise NotFound("There is no such send.")
    return row
