"""Slowing down guessing: after some failed sign-ins, each next one must wait twice as long.

Counted for an account from one network (so that a stranger slows down nobody but themselves), for
the network over all accounts, and for who has proven themselves before (a browser they signed in
with, an open session) apart from both. Accounts that do not exist count alike, or the answer would
tell which do.

Many networks may guess at one account together: beyond `FREE_PER_ACCOUNT` its sign-ins from unknown
browsers take turns, `TURN` apart. They wait for theirs rather than being refused, unless too many
stand in line.

Attempts count before the password is looked at and are taken back when it was right, so that many
at once gain nothing.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from rxapp.auth.network import customer
from rxapp.db import access
from rxapp.db.types import utcnow
from rxapp.errors import TooManyRequests

WINDOW = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=5)
# Attempts that may fail without any wait, by one who guesses at one account.
FREE = 5
# A network may be a whole office, or a proxy.
FREE_PER_NETWORK = 30
# All networks together, for one account: ten that use up what is free.
FREE_PER_ACCOUNT = 50
# 1,200 guesses an hour: an accepted password takes a hundred million (domain/passwords.py).
TURN = timedelta(seconds=3)
LONGEST_LINE = timedelta(seconds=9)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that was let through and counted; it must wait until its turn first."""

    guesser: str
    ids: list[int]
    wait: timedelta = timedelta()


def admit(session: Session, email_key: str, address: str) -> Attempt:
    """Count an attempt from an unknown browser, or raise TooManyRequests with `retry_after`.

    Refused ones are not counted: hammering does not lengthen the wait.
    """
    now = _prepare(session)
    account, network = _hashed(email_key), customer(address)
    pair, over_all = f"pair:{account}:{network}", f"network:{network}"
    _refuse_before(
        max(
            _wait(session, pair, FREE, now),
            _wait(session, over_all, FREE_PER_NETWORK, now),
        )
    )
    line = _line(session, f"account:{account}", now)
    if line > LONGEST_LINE:
        _refuse_before(line)
    ids = access.add_attempts(session, (pair, over_all), now)
    ids += access.add_attempts(session, (f"account:{account}",), now + line)
    return Attempt(pair, ids, line)


def admit_known(session: Session, who: str) -> Attempt:
    """Count an attempt of `who` has proven themselves before; nobody else can make them wait."""
    now = _prepare(session)
    guesser = f"known:{who}"
    _refuse_before(_wait(session, guesser, FREE, now))
    return Attempt(guesser, access.add_attempts(session, (guesser,), now))


def forgive(session: Session, attempt: Attempt) -> None:
    """The password was right: who gave it starts anew, and the network is not blamed."""
    access.take_back_attempts(session, attempt.ids)
    access.forget_attempts(session, attempt.guesser)


def _prepare(session: Session) -> datetime:
    now = utcnow()
    access.lock_attempts(session)
    access.forget_attempts_before(session, now - WINDOW)
    return now


def _hashed(typed: str) -> str:
    # People type passwords into the wrong field.
    return hashlib.sha256(typed.encode()).hexdigest()


def _refuse_before(wait: timedelta) -> None:
    if wait > timedelta():
        seconds = math.ceil(wait.total_seconds())
        raise TooManyRequests(
            f"Too many sign-ins failed. Please try again in {_spoken(seconds)}.",
            retry_after=seconds,
        )


def _wait(session: Session, subject: str, free: int, now: datetime) -> timedelta:
    failed, last = access.attempts(session, subject, now - WINDOW)
    if failed < free or last is None:
        return timedelta()
    return last + min(timedelta(seconds=2 ** min(failed - free, 16)), LONGEST_WAIT) - now


def _line(session: Session, account: str, now: datetime) -> timedelta:
    """How long until it is the next one's turn to guess at an account."""
    failed, last = access.attempts(session, account, now - WINDOW)
    if failed < FREE_PER_ACCOUNT or last is None:
        return timedelta()
    return max(last + TURN - now, timedelta())


def _spoken(seconds: int) -> str:
    if seconds <= 90:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    return f"{math.ceil(seconds / 60)} minutes"
