"""The limit on requests a second that all workers share through the database."""

from datetime import datetime, timedelta

from rxapp.config import FASTEST, SLOWEST, get_settings
from rxapp.db import pace as sql
from rxapp.db.models import Pace
from rxapp.dispatch.provider import RateLimit, Stop

# Requests are spaced a little wider than the limit asks: the provider counts in windows of its
# own clock, and two requests jostled together on the way would otherwise count as one too many.
SLACK = 1.02
# A batch is formed this long before its turn, so that the turn itself is not spent on forming it.
LOOKAHEAD = timedelta(milliseconds=40)
# A refused key may be put right at the provider's: how often to see whether it was.
TRY_AGAIN = timedelta(minutes=5)
# Several faults in a row slow everything down, up to this.
LONGEST_PAUSE_SECONDS = 60.0
FAULTS_IN_A_ROW = 3


def first_rate() -> float:
    """Requests a second before the provider said anything."""
    return get_settings().resend_rate_limit or sql.USUAL


def wait(pace: Pace, now: datetime) -> timedelta:
    """How long until a request may be prepared; zero or less when it may be now."""
    if pace.stop_code:
        return (pace.stop_until or now + TRY_AGAIN) - now
    return pace.next_at - LOOKAHEAD - now


def take(pace: Pace, now: datetime) -> timedelta:
    """Use the next turn; returns how long it is until then."""
    turn = max(now, pace.next_at)
    pace.next_at = turn + timedelta(seconds=SLACK / _bounded(pace.rate))
    pace.said_at = now
    return turn - now


def turns(pace: Pace) -> int:
    """How many requests may be prepared at once: the turns that come before long, at least one."""
    return max(1, int(LOOKAHEAD.total_seconds() * _bounded(pace.rate) / SLACK))


def adjust(pace: Pace, rate: RateLimit | None) -> None:
    """Follow the provider's word on the limit, but never above the one that was set."""
    if rate is None or rate.requests <= 0 or rate.window <= 0:
        return
    said = rate.requests / rate.window
    ceiling = pace.ceiling or get_settings().resend_rate_limit
    pace.rate = _bounded(min(said, ceiling) if ceiling else said)


def hold_back(pace: Pace, now: datetime, seconds: float) -> None:
    """Nobody posts for a while."""
    pace.next_at = max(pace.next_at, now + timedelta(seconds=seconds))
    pace.said_at = now


def stop(pace: Pace, why: Stop, now: datetime) -> None:
    """The account is refused: sending rests until then, and the app shows why."""
    if pace.stop_code != why.code:
        pace.stopped_at = now
    pace.stop_code = why.code
    pace.stop_message = why.message
    pace.stop_until = why.until or now + TRY_AGAIN
    pace.said_at = now


def begin(pace: Pace, now: datetime) -> None:
    """A worker starts: what stopped sending may have been put right, and the limit been changed.

    The next request finds out.
    """
    if pace.stop_code:
        pace.stop_until = now
    pace.rate = _bounded(pace.ceiling or get_settings().resend_rate_limit or pace.rate)


def go_on(pace: Pace) -> None:
    """The account is accepted again."""
    pace.stop_code = pace.stop_message = ""
    pace.stopped_at = pace.stop_until = None


def _bounded(rate: float) -> float:
    """A rate that never makes anybody wait for long, whoever said it."""
    return min(max(rate, SLOWEST), FASTEST)
