"""Signed-in browsers: an HttpOnly cookie holds a random token, the table only its hash.

A session ends when it is not used for `LIFETIME`, when the person signs out or is disabled, or
when their password changes. Whoever holds a connection open asks `resolve` again with every
event, so an ended session is refused at once.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from rxapp.auth import network
from rxapp.auth.notes import note
from rxapp.config import get_settings
from rxapp.db import access
from rxapp.db.engine import reading
from rxapp.db.models import LoginSession, Role, User
from rxapp.db.types import utcnow
from rxapp.domain import audit, signins
from rxapp.errors import NotAuthenticated

COOKIE = "rxapp_session"
LIFETIME = timedelta(days=14)
# A session in use is written this often, not with every request.
RENEW_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking: a signed-in person, or an API key."""

    user_id: int | None
    key_id: int | None
    # What history calls them, also when they are gone: an address, or “API key” and its name.
    label: str
    name: str
    role: Role


def start(session: Session, user: User, *, address: str = "", agent: str = "") -> str:
    """Sign a person in; the token is what the cookie must hold, and is known to nobody else.

    `address` and `agent` are what they sign in from, for them to recognise later.
    """
    now = utcnow()
    access.delete_expired_sessions(session, now)
    token = secrets.token_urlsafe(32)
    login = LoginSession(
        token_hash=token_hash(token),
        user_id=user.id,
        csrf=secrets.token_urlsafe(32),
        address=address,
        agent=agent,
        created_at=now,
        seen_at=now,
        expires_at=now + LIFETIME,
    )
    access.add_session(session, login)
    signins.came_in(session, user, address=address, browser=network.spoken(agent))
    return token


def resolve(token: str) -> Identity | None:
    """Who the token belongs to, if its session is still good; in use, it lives on.

    Blocking: one indexed look-up, and once an hour a write. Call it from a thread.
    """
    now = utcnow()
    with reading() as session:
        live = access.live_session(session, token_hash(token), now)
    if live is None:
        return None
    if now - live.seen_at > RENEW_AFTER:
        note(lambda s: access.renew_session(s, token_hash(token), now, now + LIFETIME))
    return Identity(live.user_id, None, live.email, live.name or live.email, Role(live.role))


def csrf_for(token: str) -> str:
    """The secret a form must carry to act for this session; raises NotAuthenticated."""
    with reading() as session:
        live = access.live_session(session, token_hash(token), utcnow())
    if live is None:
        raise NotAuthenticated("You are signed out. Please sign in again.")
    return live.csrf


def end(session: Session, token: str) -> None:
    """Sign one browser out; nothing happens if it is."""
    live = access.live_session(session, token_hash(token), utcnow())
    access.delete_session(session, token_hash(token))
    if live is not None:
        audit.record(session, live.email, "signin", live.user_id, "signed_out")


def end_all(session: Session, user_id: int) -> None:
    """Sign a person out everywhere."""
    access.delete_sessions(session, user_id)


def cookie(token: str) -> str:
    """The `Set-Cookie` header that keeps `token` in the browser, or with an empty one drops it."""
    lifetime = int(LIFETIME.total_seconds()) if token else 0
    secure = "; Secure" if get_settings().base_url.startswith("https:") else ""
    return f"{COOKIE}={token}; Max-Age={lifetime}; Path=/; HttpOnly; SameSite=Lax{secure}"


def token_hash(token: str) -> str:
    """What the table knows a token by. Tokens are random, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
