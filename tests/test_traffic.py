"""Stopping: requests finish, websockets end, and what swallows its cancellation is told again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from rxapp.traffic import Traffic, end

HTTP: Scope = {"type": "http", "method": "GET", "path": "/"}
WEBSOCKET: Scope = {"type": "websocket", "path": "/_event"}


async def nothing() -> Message:
    return {"type": "http.request"}


def run(test: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(test(), 60))


def test_a_task_that_swallows_its_cancellation_ends_all_the_same() -> None:
    swallowed: list[bool] = []

    async def stubborn() -> None:
        while len(swallowed) < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                swallowed.append(True)
        await asyncio.Event().wait()

    async def ended() -> bool:
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        await end([task])
        return task.cancelled()

    assert run(ended)
    assert swallowed == [True, True]


def test_a_request_under_way_is_answered_and_a_websocket_ended_before_the_server_stops() -> None:
    done: list[str] = []
    begun = asyncio.Semaphore(0)
    go_on = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        begun.release()
        await (go_on.wait() if scope["type"] == "http" else asyncio.Event().wait())
        done.append(scope["type"])

    async def stopped() -> list[BaseException | None]:
        traffic = Traffic(app)

        async def send(_message: Message) -> None: ...

        tasks = [asyncio.create_task(traffic(scope, nothing, send)) for scope in (HTTP, WEBSOCKET)]
        for _ in tasks:
            await begun.acquire()
        closing = asyncio.create_task(traffic.close(60))
        asyncio.get_running_loop().call_soon(go_on.set)
        await closing
        return [task.exception() for task in tasks]

    assert run(stopped) == [None, None]
    assert done == ["http"]


def test_what_comes_while_the_server_stops_is_turned_away() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("passed on")

    async def turned_away() -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        traffic = Traffic(app)
        await traffic.close(0)
        await traffic(HTTP, nothing, send)
        await traffic(WEBSOCKET, nothing, send)
        return sent

    start, _, closed = run(turned_away)
    assert (start["status"], (b"connection", b"close") in start["headers"]) == (503, True)
    assert closed == {"type": "websocket.close", "code": 1012}
