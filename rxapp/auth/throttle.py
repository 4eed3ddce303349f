"""Slowing down guessing: after some failed sign-ins, each next one must wait twice as long.

Counted for the account (known or not, or the answer would tell which exist) and for the network
the request came from. Attempts count before the password is looked at and are taken back when it
was right, so that many at once gain nothing.
"""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from rxapp.db import access
from rxapp.db.types import utcnow
from rxapp.errors import TooManyRequests

WINDOW = timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=5)
# Attempts that may fail without any wait. A network may be a whole office, or a proxy.
FREE_PER_ACCOUNT = 5
FREE_PER_NETWORK = 30


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that was let through and counted."""

    account: str
    ids: list[int]


def admit(session: Session, email_key: str, address: str) -> Attempt:
    """Count an attempt, or raise TooManyRequests with `retry_after` in seconds.

    Refused ones are not counted: hammering does not lengthen the wait.
    """
    now = utcnow()
    account, network = _account(email_key), f"network:{_network(address)}"
    access.lock_attempts(session)
    access.forget_attempts_before(session, now - WINDOW)
    wait = max(
        _wait(session, account, FREE_PER_ACCOUNT, now),
        _wait(session, network, FREE_PER_NETWORK, now),
    )
    if wait > timedelta():
        seconds = math.ceil(wait.total_seconds())
        raise TooManyRequests(
            f"Too many sign-ins failed. Please try again in {_spoken(seconds)}.",
            retry_after=seconds,
        )
    return Attempt(account, access.add_attempts(session, (account, network), now))


def forgive(session: Session, attempt: Attempt) -> None:
    """The password was right: the account starts anew, and the network is not blamed."""
    access.take_back_attempts(session, attempt.ids)
    access.forget_attempts(session, attempt.account)


def _wait(session: Session, subject: str, free: int, now: datetime) -> timedelta:
    failed, last = access.attempts(session, subject, now - WINDOW)
    if failed < free or last is None:
        return timedelta()
    return last + min(timedelta(seconds=2 ** min(failed - free, 16)), LONGEST_WAIT) - now


def _account(email_key: str) -> str:
    # Hashed: people type passwords into the wrong field.
    return f"account:{hashlib.sha256(email_key.encode()).hexdigest()}"


def _network(address: str) -> str:
    """The address; of IPv6 the /64 that a single customer is given whole."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _spoken(seconds: int) -> str:
    if seconds <= 90:
        return f"{seconds} second{'s' if seconds != 1 else ''}"
    return f"{math.ceil(seconds / 60)} minutes"
