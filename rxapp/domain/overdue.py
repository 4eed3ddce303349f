"""Mail that is due and has not left for minutes, with the reason, whatever it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from rxapp.db import overdue as sql
from rxapp.db import pace, workers
from rxapp.db.models import Pace
from rxapp.db.types import utcnow
from rxapp.domain.automation_words import duration
from rxapp.domain.delivery import Delivery, delivery
from rxapp.domain.settings import program

# Mail that is due for less than this is on its way.
PATIENCE = timedelta(minutes=2)
# The provider asked us to wait, rather than for the next turn of a slow pace.
WAITS = timedelta(seconds=15)
# What waited while nothing ran needs a moment to begin to leave.
JUST = timedelta(minutes=1)
# What a thread can be, from bad to good (dispatch/loop.py).
WORST = ("dead", "stuck", "failing", "ok")


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many emails are overdue, since when, and why, as a sentence."""

    number: int
    since: datetime
    reason: str

    def sentence(self, now: datetime) -> str:
        """All of it, for people."""
        minutes = max(1, int((now - self.since) / timedelta(minutes=1)))
        long = duration(60 * minutes)
        many = (
            f"One email has been due for {long} and has not left."
            if self.number == 1
            else f"{self.number:,} emails are due and have not left, the oldest for {long}."
        )
        return f"{many} {self.reason}"


def overdue(session: Session, now: datetime | None = None) -> Overdue | None:
    """Emails that are due for minutes and have not left; None when there are none."""
    now = now or utcnow()
    unsent = sql.unsent(session, now - PATIENCE)
    if unsent is None:
        return None
    return Overdue(unsent.number, unsent.oldest, _reason(session, unsent.problem, now))


def threads(session: Session, now: datetime) -> dict[str, str]:
    """How each kind of thread is, in the worst of the workers that are alive."""
    found: dict[str, str] = {}
    for one in workers.everyone(session):
        if workers.is_alive(one, now):
            for name, word in one.threads.items():
                found[name] = min(word, found.get(name, "ok"), key=WORST.index)
    return found


def _reason(session: Session, problem: str, now: datetime) -> str:
    way = delivery(session)
    held = pace.find(session, way.provider)
    return (
        _nobody_sends(session, way, now)
        or _provider(held, problem, now)
        or _leaving(session, held, now)
        or "Nothing is known that holds them. Settings, System shows more."
    )


def _nobody_sends(session: Session, way: Delivery, now: datetime) -> str:
    if way.key.is_lost:
        return "The email provider's key can no longer be read: paste it again."
    if program(session).paused:
        return "Sending is paused."
    if not workers.alive(session, now):
        return "No worker is running."
    condition = threads(session, now).get("dispatcher", "ok")
    return "" if condition == "ok" else f"The part of the app that sends is {condition}."


def _provider(held: Pace | None, problem: str, now: datetime) -> str:
    if held is not None and held.stop_code:
        return f"The email provider refuses to send: {held.stop_message.rstrip('.')}."
    again = "They are tried again by themselves."
    if problem:
        return f"{problem.rstrip('.')}. {again}"
    if held is not None and held.next_at > now + WAITS:
        seconds = int((held.next_at - now).total_seconds())
        return f"The email provider asked to wait for another {duration(seconds)}. {again}"
    return ""


def _leaving(session: Session, held: Pace | None, now: datetime) -> str:
    number = sql.left_lately(session, now)
    if not number or held is None:
        new = any(now - one.started_at < JUST for one in workers.everyone(session))
        return "A worker has just started, so they are about to leave." if new else ""
    return (
        f"They are leaving, {number:,} in the last minute. "
        f"The limit is {held.rate:g} requests a second, each with up to 100 emails."
    )
