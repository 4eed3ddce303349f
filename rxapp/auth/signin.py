"""Signing in: counted, checked without haste, and answered alike for known and unknown accounts."""

from functools import partial

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from sqlmodel import Session

from rxapp.auth import sessions, throttle
from rxapp.db import users
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from rxapp.domain import passwords
from rxapp.domain.text import email_key
from rxapp.errors import NotAuthenticated

# Checking a password takes 64 MB: more at once than this would let strangers fill the memory.
_AT_ONCE = CapacityLimiter(2)

_WRONG = "The email or the password is not right."


async def sign_in(
    email: str, password: str, address: str, previous: str = "", agent: str = ""
) -> str:
    """The token of a new session for the person with this email and password.

    `address` is the client's network address; `previous` the token of a session that ends with
    this; `agent` what the browser calls itself. Raises NotAuthenticated or TooManyRequests.
    """
    check = partial(_sign_in, email_key(email), password, address, previous, agent)
    return await run_sync(check, limiter=_AT_ONCE)


def _sign_in(key: str, password: str, address: str, previous: str, agent: str) -> str:
    with writing() as session:
        attempt = throttle.admit(session, key, address)
    with reading() as session:
        kept = _password_hash(session, key)
    right, newer = passwords.verify(password, kept)
    if not right:
        raise NotAuthenticated(_WRONG)
    with writing() as session:
        user = users.by_email_key(session, key)
        if user is None or _password_hash(session, key) != kept:
            # Disabled or given another password since.
            raise NotAuthenticated(_WRONG)
        throttle.forgive(session, attempt)
        sessions.end(session, previous)
        user.last_login_at = utcnow()
        user.password_hash = newer or user.password_hash
        users.save(session, user)
        return sessions.start(session, user, address=address, agent=agent)


def _password_hash(session: Session, key: str) -> str | None:
    """What is kept of the password; None for who cannot sign in, known or not."""
    user = users.by_email_key(session, key)
    return user.password_hash if user and user.disabled_at is None else None
