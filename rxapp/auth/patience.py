"""How long a request's body may take: each one that is only half sent holds a connection open.

The head has its deadline in the server (rxapp/server.py), which has none for the body.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rxapp.errors import TooSlow


@dataclass(frozen=True)
class Patience:
    """Seconds for the whole body, and for the next piece of it."""

    whole: float
    piece: float


# Of anybody: forms of a few fields, and the provider's events.
STRANGER = Patience(whole=15, piece=15)
# Of people and programs we know: 25 MB over a slow line.
KNOWN = Patience(whole=900, piece=30)


async def within(
    patience: Patience, app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """`app`'s answer, or 408 and the end of the connection when the body does not come in time."""
    body = _Body(patience, receive, send)
    try:
        await app(scope, body.receive, body.send)
    except Exception:
        # What the app makes of hearing that the client is gone is nobody's error.
        if not body.gone:
            raise
    if body.late and not body.answered:
        await _too_slow(scope, receive, send)


class _Body:
    """A request's `receive` and `send`, watched."""

    def __init__(self, patience: Patience, receive: Receive, send: Send) -> None:
        self._receive, self._send, self._patience = receive, send, patience
        self._deadline = monotonic() + patience.whole
        self._complete = False
        # It left in the middle of the body, or is taken for gone because it was too late.
        self.gone = False
        self.late = False
        self.answered = False

    async def receive(self) -> Message:
        """The next piece; once it is too late, that the client is gone."""
        if self._complete:
            # From here on, one is told of a client that leaves: that may take as long as it likes.
            return await self._receive()
        left = min(self._patience.piece, self._deadline - monotonic())
        try:
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError:
            self.gone = self.late = True
            return {"type": "http.disconnect"}
        self.gone = message["type"] == "http.disconnect"
        self._complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on, unless it is only about the client being gone."""
        if self.answered or not self.gone:
            self.answered = True
            await self._send(message)


async def _too_slow(scope: Scope, receive: Receive, send: Send) -> None:
    error = TooSlow("The request did not come in time. Please send it again.")
    answer = JSONResponse(
        error.problem(),
        error.status,
        {"Connection": "close"},
        media_type="application/problem+json",
    )
    await answer(scope, receive, send)
