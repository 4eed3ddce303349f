"""Signing in: counted, checked without haste, and answered alike for known and unknown accounts."""

from dataclasses import dataclass, field

from anyio import CapacityLimiter, sleep
from anyio.to_thread import run_sync
from sqlmodel import Session

from rxapp.auth import network, sessions, throttle
from rxapp.auth.devices import Device
from rxapp.auth.throttle import Attempt
from rxapp.db import users
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from rxapp.domain import passwords, signins
from rxapp.domain.text import email_key
from rxapp.errors import NotAuthenticated, TooManyRequests

# Checking a password takes 64 MB: more at once than this would let strangers fill the memory. Those
# whose browser is known do not stand in line with them.
_AT_ONCE = CapacityLimiter(2)
_KNOWN_AT_ONCE = CapacityLimiter(1)

_WRONG = "The email or the password is not right."


@dataclass(frozen=True, slots=True)
class Knock:
    """Who says they are whom, and from where; the password is never part of it.

    `address` is the client's network address, `agent` what the browser calls itself, and
    `previous` the token of a session that ends with this.
    """

    email: str
    address: str
    agent: str = ""
    previous: str = ""
    device: Device = field(default_factory=lambda: Device(""))

    @property
    def key(self) -> str:
        """The address as it is compared."""
        return email_key(self.email)


async def sign_in(knock: Knock, password: str) -> str:
    """The token of a new session for the person with this email and password.

    Raises NotAuthenticated or TooManyRequests.
    """
    attempt, known = await run_sync(_admit, knock)
    await sleep(attempt.wait.total_seconds())
    limiter = _KNOWN_AT_ONCE if known else _AT_ONCE
    return await run_sync(_sign_in, knock, password, attempt, limiter=limiter)


def _admit(knock: Knock) -> tuple[Attempt, bool]:
    """Count the attempt; whether it comes from a browser this person signed in with before."""
    try:
        with writing() as session:
            user = users.by_email_key(session, knock.key)
            if user is not None and knock.device.knows(user.id):
                who = f"device {knock.device.id} {user.id}"
                return throttle.admit_known(session, who), True
            return throttle.admit(session, knock.key, knock.address), False
    except TooManyRequests:
        _note_failure(knock, checked=False)
        raise


def _sign_in(knock: Knock, password: str, attempt: Attempt) -> str:
    with reading() as session:
        kept = _password_hash(session, knock.key)
    right, newer = passwords.verify(password, kept)
    if not right:
        _note_failure(knock, checked=True)
        raise NotAuthenticated(_WRONG)
    with writing() as session:
        user = users.by_email_key(session, knock.key)
        if user is None or _password_hash(session, knock.key) != kept:
            # Disabled or given another password since.
            raise NotAuthenticated(_WRONG)
        throttle.forgive(session, attempt)
        sessions.end(session, knock.previous)
        user.last_login_at = utcnow()
        user.password_hash = newer or user.password_hash
        users.save(session, user)
        return sessions.start(session, user, address=knock.address, agent=knock.agent)


def _note_failure(knock: Knock, *, checked: bool) -> None:
    with writing() as session:
        signins.failed(
            session,
            knock.email,
            address=network.customer(knock.address),
            browser=network.spoken(knock.agent),
            checked=checked,
        )


def _password_hash(session: Session, key: str) -> str | None:
    """What is kept of the password; None for who cannot sign in, known or not."""
    user = users.by_email_key(session, key)
    return user.password_hash if user and user.disabled_at is None else None
