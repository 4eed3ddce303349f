"""Test sends: to any address, with a real partner's data, kept out of history and counts.

A test travels like every email, as a frozen batch, but no send stands behind it.
"""

import asyncio
import secrets
import time
from dataclasses import dataclass
from typing import Any

import orjson
from sqlmodel import Session

from rxapp.db import batches
from rxapp.db.engine import reading, wakes_dispatcher
from rxapp.db.models import Batch, BatchStatus
from rxapp.db.types import utcnow
from rxapp.errors import InvalidInput, NotFound

MOST_ADDRESSES = 10
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a test: `waiting`, `sent`, `captured` by the sandbox, or `refused`."""

    status: str
    problem: str = ""


def send(session: Session, email: dict[str, Any], addresses: list[str], key: str) -> int:
    """Send a built email as a test to these addresses; returns what `result` asks for.

    `email` is a message as `message.build` makes it; `key` must be new. Raises InvalidInput for
    no address or more than ten.
    """
    if not addresses or len(addresses) > MOST_ADDRESSES:
        raise InvalidInput(f"Send a test to one to {MOST_ADDRESSES} addresses.", "to")
    copies = [email | {"to": [to], "subject": f"[Test] {email['subject']}"} for to in addresses]
    batch = batches.new(
        key,
        orjson.dumps(copies),
        size=len(copies),
        provider=batches.ANY_PROVIDER,
        bulk=False,
        now=utcnow(),
    )
    session.add(batch)
    session.flush()
    wakes_dispatcher(session)
    return batch.id


def new_key() -> str:
    """A key no test had before."""
    return f"test-{secrets.token_hex(16)}"


def result(session: Session, test_id: int) -> Trial:
    """What became of a test so far; raises NotFound."""
    batch = session.get(Batch, test_id)
    if batch is None:
        raise NotFound("There is no such test.")
    if batch.status == BatchStatus.OPEN:
        return Trial("waiting", batch.last_problem)
    if batch.last_problem:
        return Trial("refused", batch.last_problem)
    return Trial("captured" if batch.provider == "sandbox" else "sent")


async def wait(test_id: int, seconds: float) -> Trial:
    """Wait for a test to be answered, at most `seconds`; no transaction may be open.

    Between two looks no thread is held: there are few, and the app stops once all are free.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = await asyncio.to_thread(_look, test_id)
        if found.status != "waiting" or time.monotonic() > deadline:
            return found
        await asyncio.sleep(LOOK_SECONDS)


def _look(test_id: int) -> Trial:
    with reading() as session:
        return result(session, test_id)
