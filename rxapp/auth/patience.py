"""How long a request's body may take and be: each one that is only half sent holds a connection
open, and what was sent of it is held in memory, or read piece by piece while others wait.

The head has its deadline in the server (rxapp/server.py), which has none for the body.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rxapp.errors import RxappError, TooLarge, TooSlow


@dataclass(frozen=True)
class Patience:
    """Seconds for the whole body, and for the next piece of it; and how many bytes it may have."""

    whole: float
    piece: float
    size: int


# Of anybody: forms of a few fields, and the provider's events. A form of nothing but `&` takes
# the time of hundreds of ordinary requests for each megabyte.
STRANGER = Patience(whole=15, piece=15, size=256 * 1024)
# Of people and programs we know: 25 MB over a slow line, an import file included.
KNOWN = Patience(whole=900, piece=30, size=25 * 1024 * 1024)

_TOO_SLOW = TooSlow("The request did not come in time. Please send it again.")
_TOO_LARGE = TooLarge("The body is too large.")


async def within(
    patience: Patience, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """`app`'s answer, or 408 or 413 and the end of the connection: the body is late or too long."""
    if _announced(scope) > patience.size:
        await _refuse(_TOO_LARGE, scope, receive, send)
        return
    body = _Body(patience, receive, send)
    try:
        await app(scope, body.receive, body.send)
    except Exception:
        # What the app makes of hearing that the client is gone is nobody's error.
        if not body.gone:
            raise
    if body.refusal and not body.answered:
        await _refuse(body.refusal, scope, receive, send)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else 0


class _Body:
    """A request's `receive` and `send`, watched."""

    def __init__(self, patience: Patience, receive: Receive, send: Send) -> None:
        self._receive, self._send, self._patience = receive, send, patience
        self._deadline = monotonic() + patience.whole
        self._size = 0
        self._complete = False
        # It left in the middle of the body, or is taken for gone because of what the refusal says.
        self.gone = False
        self.refusal: RxappError | None = None
        self.answered = False

    async def receive(self) -> Message:
        """The next piece; once it is too late or too much, that the client is gone."""
        if self._complete:
            # From here on, one is told of a client that leaves: that may take as long as it likes.
            return await self._receive()
        left = min(self._patience.piece, self._deadline - monotonic())
        try:
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError:
            return self._refused(_TOO_SLOW)
        self._size += len(message.get("body", b""))
        if self._size > self._patience.size:
            return self._refused(_TOO_LARGE)
        self.gone = message["type"] == "http.disconnect"
        self._complete = not message.get("more_body", False)
        return message

    def _refused(self, refusal: RxappError) -> Message:
        self.gone, self.refusal = True, refusal
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Pass an answer on, unless it is only about the client being gone."""
        if self.answered or not self.gone:
            self.answered = True
            await self._send(message)


async def _refuse(error: RxappError, scope: Scope, receive: Receive, send: Send) -> None:
    answer = JSONResponse(
        error.problem(),
        error.status,
        {"Connection": "close"},
        media_type="application/problem+json",
    )
    await answer(scope, receive, send)
