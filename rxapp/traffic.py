"""What the server has under way, so that stopping is orderly and always comes to an end."""

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

# How often what was told to end is told again, and how long each time is waited for it.
TRIES = 5
TRY_SECONDS = 0.2
# Of RFC 6455's registry: "service restart". Browsers come back by themselves.
_SERVICE_RESTART = 1012


class Traffic:
    """`app`, with its requests and websockets kept count of."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._requests: set[asyncio.Task[Any]] = set()
        self._websockets: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on to the app, or turn it away because the server stops."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if self._closed:
            await _turn_away(scope, send)
            return
        is_request = scope["type"] == "http"
        under_way = self._requests if is_request else self._websockets
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (the server runs each in a task of its own)
        under_way.add(task)
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            # An open tab is no reason for a traceback in the log of an ordinary stop.
            if is_request or not self._closed:
                raise
        finally:
            under_way.discard(task)

    async def close(self, seconds: float) -> None:
        """Take nothing new, let requests finish within `seconds`, and end everything else."""
        self._closed = True
        if self._requests:
            await asyncio.wait(self._requests, timeout=seconds)
        await end(self._websockets | self._requests)


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel the tasks until they have ended, as far as they can be made to.

    Once is not enough: engineio swallows a cancellation that comes while it hands on a packet
    (`async_socket.py`, "Unknown receive error") and waits for the next packet of the tab.
    """
    left = {task for task in tasks if not task.done()}
    for _ in range(TRIES):
        if not left:
            return
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=TRY_SECONDS)


async def _turn_away(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _SERVICE_RESTART})
        return
    headers = [(b"connection", b"close"), (b"retry-after", b"5")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": b"The server is restarting."})
