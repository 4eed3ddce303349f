"""The page behind every marketing email's unsubscribe link, and one-click (RFC 8058).

Looking at the page changes nothing: mail scanners open every link. Posting to it does, and needs
no session: the signed token in the address says who it is about.

Mail programs damage links: they take the bracket behind one for a part of it, break it in two,
hang on something of their own. So everything that begins like such an address is answered here.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException

from rxapp.auth import html
from rxapp.auth.gate import UNSUBSCRIBE
from rxapp.db.engine import reading, writing
from rxapp.db.models import Consent, Partner
from rxapp.db.types import utcnow
from rxapp.domain import partners, settings, unsubscribe
from rxapp.errors import NotFound

router = APIRouter(tags=["Unsubscribe"])


class _Damaged(Convertor[str]):
    """What the gate lets through to here: all of it, line breaks and slashes too."""

    regex = f"(?is:{UNSUBSCRIBE.pattern.removeprefix('/')})"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("unsubscribe", _Damaged())


def _link(request: Request, token: str) -> str:
    """What came where the token belongs, with what a mail program moved behind a question mark."""
    return f"{token} {request.url.query}"


async def _asks_back(request: Request) -> bool:
    """Whether the page's own button asked for the way back; what cannot be read did not."""
    try:
        return (await request.form()).get("action") == "resubscribe"
    except HTTPException:
        return False


Link = Annotated[str, Depends(_link)]


@router.get("/unsubscribe/{token}", response_class=HTMLResponse)
@router.get("/{token:unsubscribe}", response_class=HTMLResponse, include_in_schema=False)
def show_unsubscribe_page(link: Link) -> Response:
    """The page that asks. Nothing changes by opening it."""
    with reading() as session:
        try:
            return _page(session, _partner(session, link))
        except NotFound:
            return _broken(session)


@router.post("/unsubscribe/{token}", response_class=HTMLResponse)
@router.post("/{token:unsubscribe}", response_class=HTMLResponse, include_in_schema=False)
def unsubscribe_partner(link: Link, back: Annotated[bool, Depends(_asks_back)]) -> Response:
    """Unsubscribe, as the page's button and mail programs' one-click do; again changes nothing.

    Only the page itself asks for the way back, with `action=resubscribe`: for an hour, and only
    where this link did it. Later, 409 and the page that says whom to ask.
    """
    with writing() as session:
        try:
            partner = _partner(session, link)
        except NotFound:
            return _broken(session)
        if not back:
            return _page(session, partners.unsubscribe(session, partner.id, unsubscribe.ACTOR))
        if partner.consent == Consent.UNSUBSCRIBED and not _has_way_back(partner):
            return _page(session, partner, late=True)
        return _page(
            session, partners.resubscribe(session, partner.id, unsubscribe.ACTOR), back=True
        )


def _partner(session: Session, link: str) -> Partner:
    return partners.find(session, unsubscribe.read(link))


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
