"""A person's own account: their password, and the browsers they are signed in with."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from rxapp.auth import network, sessions, throttle
from rxapp.db import access, users
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from rxapp.domain import audit, passwords, people
from rxapp.errors import InvalidInput, NotAuthenticated, NotFound

# So much of a session's hash names it: nothing can be done with it but ending one's own.
NAME_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Signin:
    """A browser somebody is signed in with; `name` is what `end` takes."""

    name: str
    browser: str
    address: str
    since: datetime
    seen: datetime
    here: bool


def change_password(token: str, current: str, new: str) -> None:
    """Change the password of who this session belongs to, and sign them out everywhere else.

    The current one is asked for: an open browser is not yet a person. Wrong ones are counted like
    failed sign-ins, and apart from those of strangers. Raises InvalidInput (naming the field) or
    TooManyRequests. Blocks.
    """
    me = sessions.resolve(token)
    if me is None or me.user_id is None:
        raise NotAuthenticated("You are signed out. Please sign in again.")
    with reading() as session:
        user = users.by_id(session, me.user_id)
        if user is None:
            raise NotFound("There is no such person.")
        kept = user.password_hash
    with writing() as session:
        attempt = throttle.admit_known(session, f"person {me.user_id}")
    if not passwords.verify(current, kept)[0]:
        with writing() as session:
            audit.record(session, me.label, "user", me.user_id, "password_refused")
        raise InvalidInput("This is not your current password.", "current")
    with writing() as session:
        throttle.forgive(session, attempt)
        people.set_password(
            session, me.user_id, new, keep=sessions.token_hash(token), actor=me.label
        )


def signins(session: Session, user_id: int, token: str) -> list[Signin]:
    """Where a person is signed in, the session of `token` marked as this one, latest first."""
    here = sessions.token_hash(token)
    return [
        Signin(
            name=one.token_hash[:NAME_LENGTH],
            browser=network.spoken(one.agent),
            address=one.address,
            since=one.created_at,
            seen=one.seen_at,
            here=one.token_hash == here,
        )
        for one in access.sessions_of(session, user_id, utcnow())
    ]


def end(session: Session, user_id: int, name: str, *, actor: str) -> None:
    """Sign one of a person's browsers out; raises NotFound."""
    theirs = access.sessions_of(session, user_id, utcnow())
    ended = [one for one in theirs if one.token_hash[:NAME_LENGTH] == name]
    if not ended or not access.delete_session_named(session, user_id, name):
        raise NotFound("That browser is signed out already.")
    browser = network.spoken(ended[0].agent)
    audit.record(session, actor, "signin", user_id, "ended", browser=browser)


def end_others(session: Session, user_id: int, token: str, *, actor: str) -> int:
    """Sign a person out everywhere but here; returns in how many places."""
    ended = access.delete_sessions(session, user_id, sessions.token_hash(token))
    audit.record(session, actor, "user", user_id, "signed_out_elsewhere", sessions=ended)
    return ended
