"""After a backup was restored: what waited when it was made leaves by a person's word only.

The app that the backup was taken of may have sent it since, so nobody but a person can say.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from rxapp.db import sends
from rxapp.db import settings as sql
from rxapp.db.types import utcnow

SETTING = "restored"
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored backup whose question is not answered; `made_at` and `at` are ISO 8601.

    What had been decided up to `last_send` waited when it was made. `unknown` emails were on their
    way then, and `jobs` bulk actions or imports were under way.
    """

    made_at: str
    at: str
    last_send: int
    unknown: int = 0
    jobs: int = 0

    @property
    def made(self) -> str:
        """When the backup was made, for a person to read."""
        return f"{datetime.fromisoformat(self.made_at):%-d %B %Y, %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many emails waited when the backup was made and still do: due by now, or later."""

    due: int
    later: int


def question(session: Session) -> Restored | None:
    """The backup that was restored, until a person has said what becomes of what waited."""
    kept = sql.stored(session, [SETTING]).get(SETTING)
    return Restored(**kept) if kept else None


def ask(session: Session, restored: Restored) -> None:
    """Hold everything until a person answers."""
    sql.store(session, {SETTING: asdict(restored), "paused": True})


def waiting(session: Session, restored: Restored) -> Waiting:
    """What the question is about, as it is now."""
    due = sends.count_due(session, utcnow(), upto=restored.last_send)
    every = sends.count_due(session, END_OF_TIME, upto=restored.last_send)
    return Waiting(due, every - due)


def discard(session: Session, restored: Restored, *, later: bool) -> int:
    """Discard what waited and is due, or all of it (`later`); returns how many emails."""
    now = utcnow()
    due_by = END_OF_TIME if later else now
    return sends.cancel_due(session, "restored", now, due_by=due_by, upto=restored.last_send)


def answered(session: Session) -> None:
    """A person has answered."""
    sql.remove(session, [SETTING])
