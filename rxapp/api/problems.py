"""Every refusal as `application/problem+json` (RFC 9457), in sentences a person understands."""

import logging
import secrets
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rxapp.auth.html import notice
from rxapp.db import trouble
from rxapp.errors import NotAuthenticated, RxappError, TooManyRequests

logger = logging.getLogger(__name__)

# A bulk call's 10,000 addresses have room; nothing else comes near.
MAX_BODY_BYTES = 8 * 1024 * 1024
# Imports are larger, and go to the pages mounted below the API.
LIMITED = ("/api/", "/webhooks/", "/unsubscribe/")

# Refusals of HTTP itself, which happen before any code of ours: code and sentence by status.
_HTTP = {
    400: ("bad_request", "The body could not be read as JSON."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not answer that method."),
    413: ("too_large", "The body is too large."),
}
_NOT_JSON = "The body is not valid JSON: {error} at character {place}."
_NO_JSON = "Send a JSON object, with the header Content-Type: application/json."

# Pydantic's error types in our words; `{...}` are pydantic's own details of the error.
_SENTENCES = {
    "missing": "this is required",
    "extra_forbidden": "there is no such field",
    "string_type": "this must be text",
    "string_too_short": "this must have at least {min_length} characters",
    "string_too_long": "this must have at most {max_length} characters",
    "int_type": "this must be a whole number",
    "int_parsing": "this must be a whole number",
    "int_from_float": "this must be a whole number",
    "int_parsing_size": "this number is too large",
    "bool_type": "this must be true or false",
    "bool_parsing": "this must be true or false",
    "greater_than_equal": "this must be {ge} or more",
    "less_than_equal": "this must be {le} or less",
    "enum": "this must be {expected}",
    "literal_error": "this must be {expected}",
    "list_type": "this must be a list",
    "too_long": "at most {max_length} are taken at once",
    "too_short": "at least {min_length} is needed",
    "dict_type": "this must be an object of names and values",
    "model_type": "this must be an object",
    "model_attributes_type": "this must be an object",
    "datetime_from_date_parsing": "this must be a time such as 2026-01-31T12:00:00Z",
    "datetime_parsing": "this must be a time such as 2026-01-31T12:00:00Z",
    "datetime_type": "this must be a time such as 2026-01-31T12:00:00Z",
}


# When to ask again after what may pass by itself, in seconds.
_LATER = {"Retry-After": "30"}


class ProblemResponse(JSONResponse):
    """A refusal's answer."""

    media_type = "application/problem+json"


class Problem(BaseModel):
    """A refusal (RFC 9457). Some say more, such as `field`, `errors`, `id` or `used_by`."""

    type: str = Field(examples=["urn:rxapp:error:not_found"])
    title: str
    status: int = Field(examples=[404])
    code: str = Field(examples=["not_found"], description="Stable, for programs.")
    detail: str = Field(description="A sentence, for people.")


# How the documentation describes every refusal.
DOCUMENTED = {
    "description": "Refused",
    "content": {ProblemResponse.media_type: {"schema": Problem.model_json_schema()}},
}


def problem(
    status: int, code: str, sentence: str, headers: dict[str, str] | None = None, **extra: Any
) -> ProblemResponse:
    """An answer of the one shape all refusals have."""
    body = {
        "type": f"urn:rxapp:error:{code}",
        "title": sentence,
        "status": status,
        "code": code,
        "detail": sentence,
        **extra,
    }
    return ProblemResponse(body, status, headers)


def install(api: FastAPI) -> None:
    """Make `api` answer every error as a problem."""
    api.exception_handler(RxappError)(_refused)
    api.exception_handler(RequestValidationError)(_invalid)
    api.exception_handler(HTTPException)(_http)
    api.add_middleware(Unexpected)
    api.add_middleware(BodyLimit)


async def _refused(_request: Request, error: RxappError) -> ProblemResponse:
    headers = {}
    if isinstance(error, NotAuthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests) and "retry_after" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after"])
    return ProblemResponse(error.problem(), error.status, headers)


async def _http(_request: Request, error: HTTPException) -> ProblemResponse:
    code, sentence = _HTTP.get(error.status_code, ("http_error", str(error.detail)))
    return problem(error.status_code, code, sentence, dict(error.headers or {}))


async def _invalid(_request: Request, error: RequestValidationError) -> ProblemResponse:
    found: Sequence[dict[str, Any]] = error.errors()
    first = found[0]
    if first["type"] == "json_invalid":
        words = _NOT_JSON.format(error=first["ctx"]["error"], place=first["loc"][-1])
        return problem(400, "bad_request", words)
    errors = [{"field": _field(one["loc"]), "message": _sentence(one)} for one in found]
    told = "; ".join(f"{one['field']}: {one['message']}" for one in errors[:5])
    if len(errors) > 5:
        told += f"; and {len(errors) - 5} more"
    return problem(422, "invalid_input", told, field=errors[0]["field"], errors=errors)


def _field(loc: Sequence[int | str]) -> str:
    """`("body", "actions", 0, "kind")` as `actions.0.kind`; the whole body is just `body`."""
    inside = ".".join(str(part) for part in loc[1:]) or str(loc[0])
    # A name of the client's own may have half of a character, which no answer can carry.
    return inside.encode(errors="replace").decode()


def _sentence(error: dict[str, Any]) -> str:
    details = error.get("ctx", {})
    if error["type"] == "value_error":
        return str(details["error"])
    if error["loc"] == ("body",):
        return _NO_JSON
    known = _SENTENCES.get(error["type"])
    return known.format(**details) if known else str(error["msg"])


class BodyLimit:
    """Refuses a body of ours by its announced length, before any of it is read.

    Bodies without one are counted as they come, by the routes (`max_body_size`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        app = self._app
        if scope["type"] == "http" and scope["path"].startswith(LIMITED):
            length = Headers(scope=scope).get("content-length", "")
            if length.isdecimal() and int(length) > MAX_BODY_BYTES:
                app = problem(413, *_HTTP[413])
        await app(scope, receive, send)


class Unexpected:
    """The last net: what nobody foresaw is logged under a reference, and only that is told."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 when it raises before it was answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            # Nobody's error, and nobody is there to be told: the gate lets it end here.
            raise
        except Exception as error:
            # What is mounted below the API has no route of ours, and its own ways.
            if started or not isinstance(scope.get("route"), APIRoute):
                raise
            await _unexpected(error, scope)(scope, receive, send)


def _unexpected(error: Exception, scope: Scope) -> Response:
    # The route, not the path: an address may name a partner.
    route = scope["route"].path
    if unavailable := trouble.refusal(error):
        logger.warning("%s %s could not be done: %s", scope["method"], route, unavailable.code)
        if "text/html" in Headers(scope=scope).get("accept", ""):
            # Our own forms are among these: whoever signs in reads pages, not JSON.
            return notice("Not just now", unavailable.sentence, unavailable.status)
        return ProblemResponse(unavailable.problem(), unavailable.status, _LATER)
    reference = secrets.token_hex(4)
    logger.error("%s %s failed, reference %s", scope["method"], route, reference, exc_info=error)
    return problem(
        500,
        "internal",
        "Something went wrong here, and it is not your doing. If it happens again, tell the "
        f"people who run this server the reference {reference}.",
        reference=reference,
    )
