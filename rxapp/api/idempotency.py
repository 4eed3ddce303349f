"""Writes: one transaction per request, and with an `Idempotency-Key` one effect per key.

The effect and the answer that is kept commit together. Whatever happens in between, a client that
asks again under the same key gets the first answer, or the request is carried out for the first
time. Only answers to what was done are kept: a refused request had no effect, and the key stays
free for a corrected one.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar, cast

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from rxapp.api.deps import Caller
from rxapp.auth.sessions import Identity
from rxapp.db import idempotency as sql
from rxapp.db.engine import writing
from rxapp.db.types import utcnow
from rxapp.errors import IdempotencyKeyInvalid, IdempotencyMismatch, NotFound

MAX_KEY_LENGTH = 256

P = ParamSpec("P")
Answer = TypeVar("Answer", bound=BaseModel | None)


@dataclass
class Write:
    """One request that changes something: by whom, and in which transaction."""

    identity: Identity
    key: str | None
    request_hash: str
    status: int
    # Open while the endpoint runs.
    session: Session = field(init=False)

    @property
    def actor(self) -> str:
        """What history calls whoever asks."""
        return self.identity.label

    @property
    def owner(self) -> str:
        """Whose keys these are: two clients may choose the same one."""
        who = self.identity
        return f"key:{who.key_id}" if who.key_id is not None else f"user:{who.user_id}"


async def _write(
    request: Request,
    identity: Caller,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="Any text of up to 256 characters. Asked again with the same key and "
            "body within 24 hours, the first answer comes back and nothing happens twice.",
        ),
    ] = None,
) -> Write:
    if key is not None and not (0 < len(key.strip()) <= MAX_KEY_LENGTH and key.isprintable()):
        raise IdempotencyKeyInvalid(
            f"An Idempotency-Key has between 1 and {MAX_KEY_LENGTH} characters.",
            field="Idempotency-Key",
        )
    return Write(
        identity=identity,
        key=key,
        request_hash=_fingerprint(request, await request.body()),
        status=request.scope["route"].status_code or 200,
    )


Writing = Annotated[Write, Depends(_write)]


def _fingerprint(request: Request, body: bytes) -> str:
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    digest.update(request.url.query.encode() + b"\n" + body)
    return digest.hexdigest()


def once(endpoint: Callable[P, Answer]) -> Callable[P, Response]:
    """Run an endpoint that takes `write: Writing` in one transaction, once per key."""

    @wraps(endpoint)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        write = cast(Write, kwargs["write"])
        with writing() as session:
            write.session = session
            if kept := _claim(write):
                return _again(kept, write)
            done = endpoint(*args, **kwargs)
            body = "" if done is None else done.model_dump_json()
            if write.key is not None:
                sql.keep(session, write.owner, write.key, write.status, body)
        return _response(write.status, body)

    return answer


def _claim(write: Write) -> sql.Kept | None:
    if write.key is None:
        return None
    now = utcnow()
    sql.purge(write.session, now - sql.KEPT)
    return sql.claim(
        write.session,
        write.owner,
        write.key,
        request_hash=write.request_hash,
        now=now,
        oldest=now - sql.KEPT,
    )


def _again(kept: sql.Kept, write: Write) -> Response:
    if kept.request_hash != write.request_hash:
        raise IdempotencyMismatch(
            "This Idempotency-Key was used for another request. Take a new key for a new request."
        )
    if kept.status == sql.ERASED:
        raise NotFound("This was done, and the partner it was about has been erased since.")
    response = _response(kept.status, kept.response)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _response(status: int, body: str) -> Response:
    return Response(body, status, media_type="application/json" if body else None)
