"""Links that let one person in: to join, or to choose a new password. Each works once, for days.

They are handed over by whoever made them (chat, phone, a note), so they work without email. Like a
session's token, a link's is known to nobody but whom it was given to: the table has its hash.

A link works while whoever made it (`maker`, None for the machine itself) is an admin: nobody leaves
a way in behind. One for a new password also ends with the password it was made for.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlmodel import Session

from rxapp.characters import bare
from rxapp.db import account_links as sql
from rxapp.db import users
from rxapp.db.models import AccountLink, Role, User
from rxapp.db.types import utcnow
from rxapp.domain import audit, people
from rxapp.domain.text import email_key
from rxapp.errors import AlreadyExists, Conflict, NotFound

INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=24)
OVER = "This link was used already, was withdrawn, or has expired. Ask for a new one."


def invite(
    session: Session, email: str, role: Role, *, maker: int | None = None, actor: str
) -> str:
    """Make a link for somebody new; returns its token, this once.

    `email` may be empty: who joins says their own. Raises InvalidInput or AlreadyExists.
    """
    address = people.address(email) if bare(email) else ""
    if address and users.by_email_key(session, email_key(address)):
        raise AlreadyExists(f"{address} is one of your people already.", field="email")
    link, token = _make(INVITATION_LASTS, email=address, role=role, maker=maker, actor=actor)
    sql.save(session, link)
    audit.record(session, actor, "user", None, "invited", email=address, role=role)
    return token


def reset(session: Session, user_id: int, *, maker: int | None = None, actor: str) -> str:
    """Make a link by which a person chooses a new password; earlier ones stop working.

    Their password and sessions hold until it is used. Raises NotFound or Conflict.
    """
    user = users.by_id(session, user_id)
    if user is None:
        raise NotFound("There is no such person.")
    if user.disabled_at is not None:
        raise Conflict(f"{user.email} is deactivated. Activate the account first.")
    sql.end_resets(session, user.id, utcnow())
    link, token = _make(
        RESET_LASTS, user_id=user.id, email=user.email, role=user.role, maker=maker, actor=actor
    )
    sql.save(session, link)
    audit.record(session, actor, "user", user.id, "reset_link_made", email=user.email)
    return token


def find(session: Session, token: str) -> AccountLink:
    """The link this token belongs to, while it works; raises NotFound."""
    link = sql.working(session, _hash(token), utcnow())
    if link is None:
        raise NotFound(OVER)
    return link


def accept(session: Session, token: str, *, name: str, email: str, password: str) -> User:
    """Use a link up: a new person, or a new password for who it was made for.

    Raises NotFound when it is over, InvalidInput (naming the field) or AlreadyExists.
    """
    link = find(session, token)
    if not sql.end(session, link.id, utcnow()):
        raise NotFound(OVER)  # somebody was faster
    if link.user_id is not None:
        user = people.set_password(session, link.user_id, password, actor=link.email)
        if user.disabled_at is not None:
            raise NotFound(OVER)
        audit.record(session, user.email, "user", user.id, "reset_link_used", made_by=link.actor)
        return user
    joined = people.create_user(
        session, email, name, password, Role(link.role), actor=email.strip()
    )
    if link.email:  # They may have given another address than they were invited at.
        sql.end_invitations(session, [link.email], utcnow())
    audit.record(session, joined.email, "user", joined.id, "joined", invited_by=link.actor)
    return joined


def withdraw(session: Session, link_id: int, *, actor: str) -> None:
    """End an invitation nobody has used; raises NotFound."""
    link = sql.by_id(session, link_id)
    if link is None or link.user_id is not None or not sql.end(session, link_id, utcnow()):
        raise NotFound("This invitation was used or withdrawn already.")
    audit.record(session, actor, "user", None, "invite_withdrawn", email=link.email)


def pending(session: Session) -> list[AccountLink]:
    """Invitations that still work, the newest first."""
    return sql.open_invitations(session, utcnow())


def _make(
    lasts: timedelta,
    *,
    email: str,
    role: str,
    maker: int | None,
    actor: str,
    user_id: int | None = None,
) -> tuple[AccountLink, str]:
    token, now = secrets.token_urlsafe(32), utcnow()
    link = AccountLink(
        token_hash=_hash(token),
        user_id=user_id,
        email=email,
        role=Role(role),
        actor=actor,
        maker_id=maker,
        created_at=now,
        expires_at=now + lasts,
    )
    return link, token


def _hash(token: str) -> str:
    # Tokens are random, so a fast hash is enough.
    return hashlib.sha256(token.encode()).hexdigest()
