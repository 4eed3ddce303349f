"""What the email studio's own pages ask past Reflex: previews at each keystroke, frames of emails.

A preview is large and asked for with every key. Sent through Reflex's state it would be kept,
compared and queued behind other events; here it is one request and one answer.
"""

from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from rxapp.api.deps import Caller, RowId, Text, needs
from rxapp.auth import roles
from rxapp.db import templates as sql
from rxapp.db.engine import reading
from rxapp.db.models import Role, TemplateKind
from rxapp.domain import gaps, preview, sends, starters, templates, unsubscribe
from rxapp.domain.compose import Source
from rxapp.domain.text import MAX_ID
from rxapp.errors import MissingVariable, NotFound, RxappError

router = APIRouter(prefix="/api/studio", tags=["Templates"], include_in_schema=False)

# A document of its own origin without scripts or forms; images and fonts as inboxes load them.
# Only our own pages frame it.
_FRAME = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline' https:; "
    "img-src https: http: data:; font-src https: data:; frame-ancestors 'self'",
    # One version for one partner stays what it is, but partners and the program's data change.
    "Cache-Control": "private, max-age=60",
}
_WITHOUT = "<!DOCTYPE html><p style='font:14px sans-serif;color:#666;padding:24px'>{}</p>"

Who = Annotated[str, Query(max_length=40, description="A partner's id or a made-up one's word.")]


class DraftBody(BaseModel):
    """What the editor's form holds, and whom it is previewed for."""

    model_config = ConfigDict(extra="ignore")

    kind: TemplateKind = TemplateKind.MARKETING
    subject: str = ""
    preheader: str = ""
    body: str = ""
    # What the visual editor edits; the body is made of it.
    document: str = ""
    # The email it is a draft of; 0 for one that was never saved.
    number: int = Field(default=0, ge=0, le=MAX_ID)
    who: str = ""
    # Whether the plain text is looked at.
    text: bool = False

    def source(self) -> Source:
        """The draft; browsers end lines with two characters."""
        body = templates.body_of(self.document) if self.document else self.body
        parts = (self.subject, self.preheader, body)
        return Source(*(part.replace("\r\n", "\n") for part in parts))


@router.post("/preview", dependencies=[needs(Role.VIEWER)])
def preview_draft(body: DraftBody, identity: Caller) -> Response:
    """A draft as its partner would get it, and what is wrong with it. Nothing is kept."""
    with reading() as session:
        look = preview.look(
            session,
            body.source(),
            body.kind,
            body.who,
            template_id=body.number,
            with_text=body.text,
            own_link=roles.allows(identity.role, Role.ADMIN),
        )
    return _json(
        {
            "sender": look.sender,
            "subject": look.subject,
            "inbox": look.inbox_line,
            "html": look.html,
            "text": look.text,
            "refused": look.refused,
            "problems": look.problems,
            "uses": look.uses,
            "size": len(look.html.encode()),
        }
    )


@router.post("/gaps", dependencies=[needs(Role.VIEWER)])
def count_gaps(body: gaps.Asked) -> Response:
    """How many partners have nothing in what an email reads."""
    with reading() as session:
        return _json(gaps.sentences(session, body))


@router.get("/emails/{template}", dependencies=[needs(Role.VIEWER)])
def frame_email(
    template: RowId, version: Annotated[int | None, Query(ge=1)] = None, who: Who = ""
) -> Response:
    """A saved email as a document, for a frame: its newest version unless one is named."""
    with reading() as session:
        found = sql.version(session, template, version)
        if found is None:
            raise NotFound("There is no such version.")
        try:
            to = preview.recipient(session, who, template, own_link=False)
            return HTMLResponse(preview.of_version(session, found, to).html, headers=_FRAME)
        except (MissingVariable, NotFound) as error:
            return _without(error)


@router.get("/sends/{send}/unsubscribe", dependencies=[needs(Role.ADMIN)])
def try_unsubscribe(send: RowId) -> Response:
    """The page behind the unsubscribe link of an email that the sandbox kept; it only asks."""
    with reading() as session:
        email = sends.email_as_sent(session, send)
        if email is None or not email.captured:
            raise NotFound("The sandbox kept no such email.")
        link = unsubscribe.link(sends.find(session, send).partner_id)
    # At the address this page has, whatever partners would be sent.
    return RedirectResponse(urlsplit(link).path, status_code=303)


@router.get("/starters/{slug}", dependencies=[needs(Role.VIEWER)])
def frame_starter(slug: Text) -> Response:
    """A starter email as a document, for a frame."""
    one = next((one for one in starters.starters() if one.slug == slug), None)
    if one is None:
        raise NotFound("There is no such starter.")
    source = Source(one.subject, one.preheader, one.body)
    with reading() as session:
        look = preview.look(session, source, one.kind)
    return HTMLResponse(look.html, headers=_FRAME)


def _without(error: RxappError) -> Response:
    """What a frame shows of an email that cannot be shown for this partner."""
    return HTMLResponse(_WITHOUT.format(error.sentence), headers=_FRAME)


def _json(found: Any) -> Response:
    # Made from plain rows by orjson: FastAPI would look at each character of the HTML first.
    return Response(orjson.dumps(found), media_type="application/json")
