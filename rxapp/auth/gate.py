"""The gate: one ASGI middleware in front of everything, pages, assets, websocket, uploads and API.

Closed unless opened: without a session or a key only the few addresses in `OPEN` are passed on.
Whoever comes through is in `scope["state"]["identity"]` (request.state.identity); what their role
may do is for each route and each state handler to say.
"""

import logging
import re
from http import HTTPMethod
from urllib.parse import quote, urlencode

from anyio.to_thread import run_sync
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rxapp.auth import headers, html, keys, sessions
from rxapp.auth.origin import Origin, origin_of
from rxapp.auth.patience import KNOWN, STRANGER, within
from rxapp.auth.sessions import Identity
from rxapp.db import trouble
from rxapp.errors import NotAllowed, NotAuthenticated, RxappError, Unavailable

logger = logging.getLogger(__name__)

# One segment of a token's characters, and not "..": the file server below would follow it.
_SEGMENT = r"(?!\.+$)[\w.~-]+"
# Mail programs damage the links of emails, and whoever follows one is a partner, never staff. The
# one open address that is matched loosely: `api/unsubscribe.py` answers all of it, and nothing of
# it reaches what is mounted below the API.
UNSUBSCRIBE = re.compile(
    r"/[/\s]*" + r"[=\s]*".join("unsubscribe") + r"(?!\.?[\w-]).*",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_LOOK, _LOOK_AND_POST = {"GET", "HEAD"}, {"GET", "HEAD", "POST"}
# Methods and path of what answers anybody. Matched whole and as sent: nothing is normalised away.
OPEN = (
    (_LOOK_AND_POST, re.compile(r"/login", re.ASCII)),
    (_LOOK_AND_POST, re.compile(rf"/setup/{_SEGMENT}", re.ASCII)),
    (_LOOK_AND_POST, re.compile(rf"/join/{_SEGMENT}", re.ASCII)),
    (_LOOK_AND_POST, UNSUBSCRIBE),
    # Inboxes load the images of emails.
    (_LOOK, re.compile(rf"/images/{_SEGMENT}", re.ASCII)),
    ({"POST"}, re.compile(r"/webhooks/resend/?", re.ASCII)),
    (_LOOK, re.compile(r"/healthz", re.ASCII)),
)
# Our own forms among them: no other site may send them.
_FORMS = ("/login", "/setup/", "/join/")
# What programs call, with a key.
_FOR_KEYS = re.compile(r"/api(/.*)?|/metrics|/readyz", re.DOTALL)
# Never a page: these are told 401 instead of being led to the sign-in page.
_NOT_A_PAGE = re.compile(r"/assets/.*|/_.*|/webhooks/.*|.*\.\w+", re.DOTALL)
_SAFE = {HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS}
# Of RFC 6455: "policy violation". Servers turn a close before the handshake into 403.
_POLICY_VIOLATION = 1008


class Gate:
    """Lets a request through to `app` when it is open to anybody or somebody stands behind it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request with `app`'s answer, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http":
            send = headers.adding(scope, send)
        try:
            identity = await _identify(HTTPConnection(scope))
        except RxappError as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        except SQLAlchemyError as error:
            unavailable = trouble.refusal(error)
            if unavailable is None:
                raise
            logger.warning("Nobody can be let in: %s", unavailable.code)
            await _refuse(unavailable, scope, receive, send)
            return
        if scope.get("method") == HTTPMethod.HEAD and is_open(HTTPMethod.HEAD, scope["path"]):
            scope, send = {**scope, "method": HTTPMethod.GET.value}, _without_body(send)
        # A new dict: the server may share the one it gives among requests.
        state = {**scope.get("state", {}), "identity": identity}
        if identity is not None and is_page(scope):
            send = _renewing_cookie(HTTPConnection(scope), send)
        scope = {**scope, "state": state}
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        patience = STRANGER if identity is None else KNOWN
        await within(patience, self._app, scope, receive, send)


def is_open(method: str, path: str) -> bool:
    """Whether anybody at all may ask this."""
    return any(method in methods and pattern.fullmatch(path) for methods, pattern in OPEN)


def is_page(scope: Scope) -> bool:
    """Whether a person's browser asks for a page, judged by the address alone."""
    path = scope["path"]
    return (
        scope["type"] == "http"
        and scope["method"] == HTTPMethod.GET
        and not _FOR_KEYS.fullmatch(path)
        and not _NOT_A_PAGE.fullmatch(path)
    )


async def _identify(request: HTTPConnection) -> Identity | None:
    """Who asks; None where nobody needs to be known. Raises NotAuthenticated or NotAllowed."""
    method, path = request.scope.get("method", ""), request.scope["path"]
    origin = origin_of(request.headers)
    if is_open(method, path):
        if method == HTTPMethod.POST and path.startswith(_FORMS) and origin is Origin.FOREIGN:
            raise _not_ours(request)
        return None
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if method and _FOR_KEYS.fullmatch(path) and scheme.lower() == "bearer":
        return await _by_key(key.strip())
    identity = await _by_session(request.cookies.get(sessions.COOKIE, ""))
    if origin is Origin.OWN or (origin is Origin.UNSAID and method in _SAFE):
        return identity
    # Browsers name the origin of every websocket and of every unsafe request.
    raise _not_ours(request)


def _not_ours(request: HTTPConnection) -> NotAllowed:
    # Also what a proxy causes that we were not told of. Cut short: anybody can send anything.
    origin = request.headers.get("origin", "")[:200]
    logger.info("Refused a page at %r. If people reach the app there, set RXAPP_BASE_URL.", origin)
    return NotAllowed("This request does not come from a page of the app.")


async def _by_key(key: str) -> Identity:
    identity = await run_sync(keys.resolve, key)
    if identity is None:
        raise NotAuthenticated(
            "This API key is not valid: it was revoked, or its owner is deactivated."
        )
    return identity


async def _by_session(token: str) -> Identity:
    identity = await run_sync(sessions.resolve, token) if token else None
    if identity is None:
        raise NotAuthenticated("Sign in, or send an API key.")
    return identity


async def _refuse(refusal: RxappError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        return
    await _refusal(refusal, scope)(scope, receive, send)


def _refusal(refusal: RxappError, scope: Scope) -> Response:
    signed_out = isinstance(refusal, NotAuthenticated)
    if signed_out and is_page(scope):
        return RedirectResponse(_login_address(scope), status_code=303)
    if isinstance(refusal, Unavailable) and is_page(scope):
        return html.notice("Not just now", refusal.sentence, refusal.status)
    return JSONResponse(
        refusal.problem(),
        status_code=refusal.status,
        headers={"WWW-Authenticate": 'Bearer realm="rxapp"'} if signed_out else None,
        media_type="application/problem+json",
    )


def _login_address(scope: Scope) -> str:
    query = scope.get("query_string", b"").decode("latin-1")
    there = quote(scope["path"]) + (f"?{query}" if query else "")
    return "/login" if there == "/" else "/login?" + urlencode({"next": there})


def _without_body(send: Send) -> Send:
    """A `send` for HEAD: the answer to GET with its headers only."""

    async def send_headers(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_headers


def _renewing_cookie(request: HTTPConnection, send: Send) -> Send:
    """A `send` that lets the cookie live on with each page, as its session does."""
    cookie = sessions.cookie(request.cookies[sessions.COOKIE])

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            message.setdefault("headers", []).append((b"set-cookie", cookie.encode()))
        await send(message)

    return send_with_cookie
