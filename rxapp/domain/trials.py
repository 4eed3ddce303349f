"""Test sends: to any address, with a real partner's data, kept out of history and counts.

A test travels like every email, as a frozen batch, but no send stands behind it.
"""

import asyncio
import math
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from sqlmodel import Session

from rxapp.db import batches, pace
from rxapp.db import trials as sql
from rxapp.db.engine import reading, wakes_dispatcher
from rxapp.db.models import Batch, BatchStatus, Template, TrialSend
from rxapp.db.types import utcnow
from rxapp.domain import audit
from rxapp.domain.text import email_key
from rxapp.errors import InvalidInput, NotFound, TooManyRequests, WrongStatus

MOST_ADDRESSES = 10
# Enough to look at every email of a program; too few to write to strangers in the program's name.
MOST_AN_HOUR = 50
HOUR = timedelta(hours=1)
LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a test: `waiting`, `sent`, `captured` by the sandbox, or `refused`."""

    status: str
    problem: str = ""


def send(
    session: Session,
    email: dict[str, Any],
    addresses: list[str],
    actor: str,
    *,
    partner_id: int | None = None,
    template: Template | None = None,
) -> int:
    """Send a built email as a test to these addresses; returns what `result` asks for.

    `email` is a message as `message.build` makes it, of the data of `partner_id` if of anybody's;
    `template` is what it tries out, for the audit log. Raises InvalidInput for no address or more
    than ten, TooManyRequests when `actor` sent enough within the hour.
    """
    if not addresses or len(addresses) > MOST_ADDRESSES:
        raise InvalidInput(f"Send a test to one to {MOST_ADDRESSES} addresses.", "to")
    _hold_to_the_limit(session, actor, len(addresses))
    batch = _frozen(email, addresses)
    session.add(batch)
    session.flush()
    session.add(
        TrialSend(batch_id=batch.id, actor=actor, partner_id=partner_id, size=len(addresses))
    )
    to = [_masked(address) for address in addresses]
    if template:
        audit.record(session, actor, "template", template.id, "tested", to=to)
    else:
        audit.record(session, actor, "settings", None, "tested", to=to)
    session.flush()
    # A test is how people find out whether the provider takes emails again.
    pace.try_now(session, utcnow())
    wakes_dispatcher(session)
    return batch.id


def left(session: Session, actor: str) -> int:
    """How many more tests `actor` may send now."""
    sent, _ = sql.since(session, actor, utcnow() - HOUR)
    return max(0, MOST_AN_HOUR - sent)


def erase_of(session: Session, partner_id: int, key: str | None) -> None:
    """Blank the tests made of a partner's data, or sent to their address; `key` is that address.

    Raises WrongStatus while one is being sent.
    """
    made = {batch: range(size) for batch, size in sql.of_partner(session, partner_id)}
    for batch, under_way in sql.readable(session):
        indices = made.get(batch) or _sent_to(session, batch, key)
        if indices and under_way:
            raise WrongStatus(
                "A test to this partner, or made of their data, is being sent right now. "
                "Try again in a minute."
            )
        if indices:
            batches.erase(session, batch, indices)
    sql.forget_partner(session, partner_id)


def _sent_to(session: Session, batch: int, key: str | None) -> Sequence[int]:
    """The places of the emails that went to an address."""
    if key is None:
        return []
    found = enumerate(batches.emails(session, batch))
    return [place for place, email in found if key in map(email_key, email.get("to", []))]


def _hold_to_the_limit(session: Session, actor: str, number: int) -> None:
    sql.lock(session, actor)
    now = utcnow()
    sent, first = sql.since(session, actor, now - HOUR)
    if sent + number <= MOST_AN_HOUR:
        return
    wait = ((first or now) + HOUR - now).total_seconds()
    raise TooManyRequests(
        f"You can send {MOST_AN_HOUR} test emails an hour and have sent {sent}. "
        f"The next can leave in {math.ceil(wait / 60)} min.",
        retry_after=math.ceil(wait),
        field="to",
    )


def _frozen(email: dict[str, Any], addresses: list[str]) -> Batch:
    copies = [email | {"to": [to], "subject": f"[Test] {email['subject']}"} for to in addresses]
    return batches.new(
        f"test-{secrets.token_hex(16)}",
        orjson.dumps(copies),
        size=len(copies),
        provider=batches.ANY_PROVIDER,
        bulk=False,
        now=utcnow(),
    )


def _masked(address: str) -> str:
    """Enough of an address to know it by for whoever knows it: the audit log is kept for good."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


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
