"""A body that does not come is not waited for without end."""

import asyncio
from collections.abc import AsyncIterator

import anyio
import pytest
from fastapi import FastAPI, Request
from starlette.types import Message

from rxapp.auth import patience
from rxapp.auth.patience import Patience, within

SCOPE = {
    "type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [],
}  # fmt: skip
SHORT = Patience(whole=0.2, piece=0.1, size=100)
LONG = Patience(whole=60, piece=60, size=3)

app = FastAPI()


@app.post("/")
async def count(request: Request) -> int:
    return len(await request.body())


def answer(allowed: Patience, *pieces: Message, endless: bool = False) -> list[Message]:
    """What is answered to a body of these pieces, after which nothing comes; or ever the last."""
    sent: list[Message] = []

    async def received() -> AsyncIterator[Message]:
        for piece in pieces:
            yield piece
        while endless:
            await asyncio.sleep(0.01)
            yield pieces[-1]
        await asyncio.Event().wait()

    coming = received()

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(within, allowed, app, SCOPE, coming.__anext__, send)
    return sent


def piece(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_whole_body_is_answered_by_the_app() -> None:
    start, body = answer(LONG, piece(b"ab", more=True), piece(b"c", more=False))
    assert (start["status"], body["body"]) == (200, b"3")


@pytest.mark.parametrize("endless", [False, True], ids=["half-sent", "drop by drop"])
def test_one_that_does_not_come_is_answered_408_and_the_connection_ended(endless: bool) -> None:
    start, body = answer(SHORT, piece(b"a", more=True), endless=endless)
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert b"too_slow" in body["body"]


def test_one_that_is_too_long_is_read_no_further_and_the_connection_ended() -> None:
    start, body = answer(LONG, piece(b"ab", more=True), piece(b"cd", more=True))
    assert start["status"] == 413
    assert (b"connection", b"close") in start["headers"]
    assert b"too_large" in body["body"]


def test_a_client_that_leaves_in_the_middle_is_nobodys_error() -> None:
    assert answer(LONG, piece(b"a", more=True), {"type": "http.disconnect"}) == []


def test_what_is_open_to_anybody_waits_for_seconds_and_people_may_be_slower() -> None:
    assert patience.STRANGER.whole <= 30
    assert patience.STRANGER.whole < patience.KNOWN.whole < 3600


def test_what_anybody_sends_is_no_longer_than_a_form_or_an_event() -> None:
    assert patience.STRANGER.size <= 2**18
    assert patience.STRANGER.size < patience.KNOWN.size
