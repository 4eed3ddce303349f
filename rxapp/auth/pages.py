"""Signing in, signing out and setting up, as plain forms that need nothing but a browser."""

import re
import secrets
from functools import partial

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from rxapp.auth import csrf, devices, html, network, sessions, setup
from rxapp.auth.signin import Knock, sign_in
from rxapp.db.engine import reading, writing
from rxapp.domain import settings as program_settings
from rxapp.errors import Conflict, InvalidInput, NotAuthenticated, RxappError, TooManyRequests

LOGIN = "/login"
HOME = "/"
FIELD_LENGTH = 1000
SETUP_FIELDS = ("program", "name", "email", "password")

router = APIRouter(include_in_schema=False)


@router.get(LOGIN)
async def show_login(request: Request) -> Response:
    """The sign-in page; whoever is signed in already goes on."""
    then = safe_path(request.query_params.get("next", HOME))
    if await run_sync(sessions.resolve, _token(request)):
        return RedirectResponse(then, 303)
    if not await run_sync(setup.anybody):
        return html.notice(
            "Almost there",
            "Nobody can sign in yet. Open the set-up link that was printed where the app was "
            "started: it lets you make the first account.",
        )
    return await _login_page(request, then)


@router.post(LOGIN)
async def login(request: Request) -> Response:
    """Sign in and go on to the page that was asked for."""
    form = await request.form()
    email, then = form_field(form, "email"), safe_path(form_field(form, "next"))
    if not csrf.holds(request, form_field(form, "token")):
        stale = NotAuthenticated("This page was open for too long. Please sign in once more.")
        return await _login_page(request, then, email, stale, 403)
    knock = Knock(
        email,
        address=network.client_address(request),
        agent=network.agent(request),
        previous=_token(request),
        device=devices.of(request),
    )
    try:
        token = await sign_in(knock, form_field(form, "password"))
    except TooManyRequests as refusal:
        page = await _login_page(request, then, email, refusal, refusal.status)
        page.headers["Retry-After"] = str(refusal.extra["retry_after"])
        return page
    except NotAuthenticated as refusal:
        # Not 401: that asks for an Authorization header.
        return await _login_page(request, then, email, refusal, 422)
    return await enter(request, token, then)


@router.post("/logout")
async def logout(request: Request) -> Response:
    """End this browser's session; the form carries `sessions.csrf_for` in its field `csrf`."""
    token, sent = _token(request), form_field(await request.form(), "csrf")
    try:
        expected = await run_sync(sessions.csrf_for, token)
    except NotAuthenticated:
        return _left()
    if not secrets.compare_digest(sent.encode(), expected.encode()):
        return html.notice(
            "You are still signed in",
            "The page you came from is out of date. Go back, reload it, and sign out again.",
            403,
        )
    await run_sync(_end_session, token)
    return _left()


@router.get("/setup/{token}")
async def show_setup(token: str) -> Response:
    """The form for the first admin, for whoever has the link."""
    return await _not_for_setup(token) or _setup_page({})


@router.post("/setup/{token}")
async def set_up(token: str, request: Request) -> Response:
    """Make the first admin and sign them in."""
    if elsewhere := await _not_for_setup(token):
        return elsewhere
    form = await request.form()
    typed = {name: form_field(form, name) for name in SETUP_FIELDS}
    try:
        place = {"address": network.client_address(request), "agent": network.agent(request)}
        session = await run_sync(partial(setup.set_up, **typed, **place))
    except InvalidInput as refusal:
        return _setup_page(typed, refusal)
    except Conflict:
        return RedirectResponse(LOGIN, 303)
    return await enter(request, session, HOME)


def safe_path(path: str) -> str:
    """`path` if it is a place in this app to go on to, else the home page.

    Browsers read `//host` and `/\\host` as another site and drop tabs and line breaks.
    """
    if not re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", path) or len(path) > FIELD_LENGTH:
        return HOME
    return HOME if re.match(r"/(login|logout|setup|join)\b", path) else path


async def _login_page(
    request: Request,
    then: str,
    email: str = "",
    refusal: RxappError | None = None,
    status: int = 200,
) -> Response:
    browser = csrf.browser_id(request)
    page = html.page(
        "login.html",
        status,
        program=await run_sync(_program),
        then=then,
        email=email,
        token=csrf.token(browser),
        error=refusal.sentence if refusal else "",
    )
    page.headers.append("Set-Cookie", csrf.cookie(browser))
    return page


def _setup_page(typed: dict[str, str], refusal: InvalidInput | None = None) -> Response:
    """The form with what was typed, but the password."""
    problem = {refusal.field: refusal.sentence} if refusal else {}
    return html.page(
        "setup.html",
        422 if refusal else 200,
        typed=dict.fromkeys(SETUP_FIELDS, "") | typed,
        errors=dict.fromkeys(SETUP_FIELDS, "") | problem,
        fresh=refusal is None,
    )


async def _not_for_setup(token: str) -> Response | None:
    if await run_sync(setup.anybody):
        return RedirectResponse(LOGIN, 303)
    if setup.is_token(token):
        return None
    return html.notice(
        "This link does not work",
        "It is not the whole set-up link. Copy it once more from where the app was started.",
        404,
    )


async def enter(request: Request, token: str, then: str) -> Response:
    """Go on to the page `then` with the new session `token`, in a browser that is known now."""
    response = RedirectResponse(then, 303)
    response.headers.append("Set-Cookie", sessions.cookie(token))
    identity = await run_sync(sessions.resolve, token)
    if identity is not None and identity.user_id is not None:
        known = devices.cookie(devices.of(request), identity.user_id)
        response.headers.append("Set-Cookie", known)
    return response


def _left() -> Response:
    response = RedirectResponse(LOGIN, 303)
    response.headers.append("Set-Cookie", sessions.cookie(""))
    return response


def _token(request: Request) -> str:
    return request.cookies.get(sessions.COOKIE, "")


def form_field(form: FormData, name: str) -> str:
    """What was typed into a field of the form, cut to a bearable length."""
    value = form.get(name)
    return value[:FIELD_LENGTH] if isinstance(value, str) else ""


def _end_session(token: str) -> None:
    with writing() as session:
        sessions.end(session, token)


def _program() -> str:
    with reading() as session:
        return program_settings.program(session).name
