"""What becomes of an email that is decided now: whether it leaves, and if not, what it waits for.

Every dialog, button, toast and answer that speaks of such emails asks here, so that none says
"now" while sending is paused, or "sent" in the sandbox.
"""

from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from rxapp.db import pace, workers
from rxapp.db.types import utcnow
from rxapp.domain import senders, settings
from rxapp.domain.delivery import DOMAIN_REFUSED, Delivery, delivery

Held = Literal["", "paused", "stopped", "sender", "no_worker"]

# Why nothing leaves, and what ends that.
_HELD: dict[Held, tuple[str, str]] = {
    "": ("", ""),
    "paused": ("sending is paused", "sending is resumed"),
    "stopped": ("the email provider refuses to send", "the email provider accepts emails again"),
    "sender": (
        "the email provider does not take the sender",
        "the sender’s domain is verified",
    ),
    "no_worker": ("the worker does not run", "the worker runs again"),
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """How emails stand now. `held` is what keeps all of them; `captured`: by the sandbox.

    `doubt` is why they will probably be held, in a sentence; see domain/senders.py.
    """

    held: Held = ""
    captured: bool = False
    doubt: str = ""

    @property
    def because(self) -> str:
        """Why nothing leaves: "sending is paused"; empty while it does."""
        return _HELD[self.held][0]

    @property
    def until(self) -> str:
        """What ends that: "sending is resumed"."""
        return _HELD[self.held][1]

    @property
    def verb(self) -> str:
        """What a button does with emails: send, queue or capture them."""
        return "queue" if self.held else "capture" if self.captured else "send"

    @property
    def done(self) -> str:
        """What they are then: sent, queued or captured."""
        return {"send": "sent", "queue": "queued", "capture": "captured"}[self.verb]

    @property
    def note(self) -> str:
        """What to know besides of emails that are decided now; empty when they simply leave."""
        if self.held:
            return f"Emails wait: {self.because}."
        if self.captured:
            return "The sandbox captures the emails: none of them leaves."
        return self.doubt


def leaving(session: Session) -> Leaving:
    """How emails stand now."""
    way = delivery(session)
    held = _held(session, way)
    return Leaving(held, captured=not way.live, doubt="" if held else senders.doubt(session))


def _held(session: Session, way: Delivery) -> Held:
    if settings.program(session).paused:
        return "paused"
    if way.key.is_lost:
        return "stopped"
    row = pace.find(session, way.provider)
    if row is not None and row.stopped_at is not None:
        return "sender" if row.stop_code == DOMAIN_REFUSED else "stopped"
    return "" if workers.alive(session, utcnow()) else "no_worker"
