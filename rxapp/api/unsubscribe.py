"""The page behind every marketing email's unsubscribe link, and one-click (RFC 8058).

Looking at the page changes nothing: mail scanners open every link. Posting to it does, and needs
no session: the signed token in the address says who it is about.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from rxapp.auth import html
from rxapp.db.engine import reading, writing
from rxapp.db.models import Consent, Partner
from rxapp.db.types import utcnow
from rxapp.domain import partners, settings, unsubscribe
from rxapp.errors import NotFound

router = APIRouter(prefix="/unsubscribe", tags=["Unsubscribe"])


@router.get("/{token}", response_class=HTMLResponse)
def show_unsubscribe_page(token: str) -> Response:
    """The page that asks. Nothing changes by opening it."""
    with reading() as session:
        try:
            return _page(session, _partner(session, token))
        except NotFound:
            return _broken(session)


@router.post("/{token}", response_class=HTMLResponse)
def unsubscribe_partner(token: str, action: Annotated[str, Form()] = "") -> Response:
    """Unsubscribe, as the page's button and mail programs' one-click do; again changes nothing.

    Only the page itself asks for the way back, with `action=resubscribe`: for an hour, and only
    where this link did it. Later, 409 and the page that says whom to ask.
    """
    with writing() as session:
        try:
            partner = _partner(session, token)
        except NotFound:
            return _broken(session)
        if action != "resubscribe":
            return _page(session, partners.unsubscribe(session, partner.id, unsubscribe.ACTOR))
        if partner.consent == Consent.UNSUBSCRIBED and not _has_way_back(partner):
            return _page(session, partner, late=True)
        return _page(
            session, partners.resubscribe(session, partner.id, unsubscribe.ACTOR), back=True
        )


def _partner(session: Session, token: str) -> Partner:
    return partners.find(session, unsubscribe.read(token))


def _has_way_back(partner: Partner) -> bool:
    return unsubscribe.has_way_back(partner, utcnow())


def _page(
    session: Session, partner: Partner, *, back: bool = False, late: bool = False
) -> Response:
    return html.page(
        "unsubscribe.html",
        409 if late else 200,
        program=settings.program(session).name,
        email=partner.email or "",
        subscribed=partner.consent == Consent.SUBSCRIBED,
        back=back,
        may_return=_has_way_back(partner),
    )


def _broken(session: Session) -> Response:
    return html.page("unsubscribe_broken.html", 404, program=settings.program(session).name)
