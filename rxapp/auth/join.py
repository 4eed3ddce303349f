"""The page behind a link: join the program's people, or choose a new password."""

from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from rxapp.auth import html, network, sessions
from rxapp.auth.pages import HOME, enter, form_field
from rxapp.db.engine import reading, writing
from rxapp.db.models import AccountLink
from rxapp.domain import invitations
from rxapp.domain import settings as program_settings
from rxapp.errors import AlreadyExists, InvalidInput, NotFound

FIELDS = ("name", "email", "password")
ROLES = {
    "viewer": "You can look at everything.",
    "editor": "You can change partners, tags and emails, and assign tags.",
    "admin": "You can do everything: automations, bulk actions, settings and people.",
}

router = APIRouter(include_in_schema=False)


@router.get("/join/{token}")
async def show(token: str) -> Response:
    """The form, for whoever has the link. Looking does not use it up."""
    return await _form(token, {})


@router.post("/join/{token}")
async def join(token: str, request: Request) -> Response:
    """Use the link up, and sign the person in."""
    form = await request.form()
    typed = {name: form_field(form, name) for name in FIELDS}
    place = network.client_address(request), network.agent(request)
    try:
        session = await run_sync(partial(_accept, token, *place, **typed))
    except (InvalidInput, AlreadyExists) as refusal:
        problem = {str(refusal.extra.get("field", "password")): refusal.sentence}
        return await _form(token, typed, problem)
    except NotFound as refusal:
        return html.notice("This link is over", refusal.sentence, 404)
    return await enter(request, session, HOME)


async def _form(
    token: str, typed: dict[str, str], problem: dict[str, str] | None = None
) -> Response:
    try:
        link, program = await run_sync(_look, token)
    except NotFound as refusal:
        return html.notice("This link is over", refusal.sentence, 404)
    return html.page(
        "join.html",
        422 if problem else 200,
        program=program,
        reset=link.user_id is not None,
        link=link,
        role=ROLES[link.role],
        typed={"name": "", "email": link.email} | typed,
        errors=dict.fromkeys(FIELDS, "") | (problem or {}),
        fresh=not problem,
    )


def _look(token: str) -> tuple[AccountLink, str]:
    with reading() as session:
        return invitations.find(session, token), program_settings.program(session).name


def _accept(token: str, address: str, agent: str, **typed: str) -> str:
    with writing() as session:
        user = invitations.accept(session, token, **typed)
        return sessions.start(session, user, address=address, agent=agent)
