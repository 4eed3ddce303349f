"""What the soak came to: every state in the history against the provider's ledger, and the log."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import text
from sqlmodel import Session

from rxapp.db.engine import get_engine
from rxapp.logs import TRACEBACK
from tests.soak.stage import Stage

# Accepted by the provider, or not; `unknown` would mean that nobody ever said.
ARRIVED = {"sent", "delivered", "delayed", "bounced", "complained"}
AFTER_DELIVERY = {"delivered", "bounced", "complained"}
STAYED = {"queued", "skipped", "canceled", "failed"}


def waiting(stage: Stage) -> int:
    """How many emails and jobs are still to be settled."""
    with Session(get_engine(stage.database)) as session:
        return int(
            session.connection().scalar(
                text(
                    "SELECT (SELECT count(*) FROM sends WHERE status IN ('queued', 'sending'))"
                    " + (SELECT count(*) FROM jobs WHERE status IN ('waiting', 'running'))"
                    " + (SELECT count(*) FROM provider_events WHERE applied_at IS NULL)"
                )
            )
            or 0
        )


def problems(stage: Stage, promised: Iterable[int]) -> Iterator[str]:
    """Everything that is not as it should be, as sentences."""
    yield from stage.surprises
    yield from _of_the_log(stage)
    # Read before the history: the provider goes on telling of emails it accepted last.
    told = _delivered(stage)
    with Session(get_engine(stage.database)) as session:
        rows = session.connection().execute(text("SELECT id, status, provider_id FROM sends"))
        history = {number: (status, theirs) for number, status, theirs in rows}
    ledger = {
        entry.id: int(entry.tags["send"]) for entry in stage.fake.ledger() if "send" in entry.tags
    }
    yield from (
        f"send {send} reached the provider {number} times"
        for send, number in Counter(ledger.values()).items()
        if number > 1
    )
    yield from (f"send {send} was promised and is gone" for send in set(promised) - set(history))
    accepted = {send: theirs for theirs, send in ledger.items()}
    for send, (status, theirs) in history.items():
        if status in ARRIVED and accepted.get(send) != theirs:
            yield f"send {send} is said to be {status}, and the ledger says {accepted.get(send)}"
        if status in STAYED and send in accepted:
            yield f"send {send} is said to be {status}, and the ledger has it"
        if status not in ARRIVED | STAYED:
            yield f"send {send} is {status}"
    yield from (
        f"send {send} was told to be delivered, and is said to be {status}"
        for send, (status, theirs) in history.items()
        if theirs in told and status not in AFTER_DELIVERY
    )
    yield from (
        f"the ledger has a send {send} nobody decided" for send in set(accepted) - set(history)
    )


def numbers(stage: Stage) -> dict[str, int]:
    """How many sends there are, by status."""
    with Session(get_engine(stage.database)) as session:
        rows = session.connection().execute(text("SELECT status, count(*) FROM sends GROUP BY 1"))
        return dict(rows.tuples().all())


def _of_the_log(stage: Stage) -> Iterator[str]:
    """Each traceback with the line that led to it; its own lines are marked (rxapp/logs.py)."""
    marked = re.escape(TRACEBACK)
    log = stage.app.log.read_text()
    for found in re.finditer(rf".*\n(?:{marked})?Traceback.*(?:\n(?:{marked}| ).*)*.*", log):
        yield f"the log has a traceback:\n{found[0][:3_000]}"


def _delivered(stage: Stage) -> set[str]:
    """The provider's ids of what it told to be delivered, and the app answered."""
    return {
        one.email_id
        for one in stage.fake.webhooks()
        if one.type == "email.delivered" and 200 <= one.status < 300
    }
