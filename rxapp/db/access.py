"""SQL of sessions, API keys and failed sign-ins. Looked up with every request: kept to one row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.models import ApiKey, LoginAttempt, LoginSession, User


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that has not ended, of a person who may sign in."""

    user_id: int
    email: str
    name: str
    role: str
    csrf: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class LiveKey:
    """An API key that has not been revoked, of nobody or of a person who may sign in."""

    id: int
    name: str
    role: str
    last_used_at: datetime | None
    # What its owner may do; None when it has none.
    owner_role: str | None


# Asked with every request, so built once.
_LIVE_SESSION = (
    select(
        col(User.id),
        col(User.email),
        col(User.name),
        col(User.role),
        col(LoginSession.csrf),
        col(LoginSession.seen_at),
    )
    .join(User, col(User.id) == col(LoginSession.user_id))
    .where(
        col(LoginSession.token_hash) == bindparam("token_hash"),
        col(LoginSession.expires_at) > bindparam("now"),
        col(User.disabled_at).is_(None),
    )
)
_LIVE_KEY = (
    select(
        col(ApiKey.id),
        col(ApiKey.name),
        col(ApiKey.role),
        col(ApiKey.last_used_at),
        col(User.role),
    )
    .outerjoin(User, col(User.id) == col(ApiKey.owner_id))
    .where(
        col(ApiKey.key_hash) == bindparam("key_hash"),
        col(ApiKey.revoked_at).is_(None),
        # Of nobody, or of somebody who is there.
        col(User.disabled_at).is_(None),
    )
)


def add_session(session: Session, login: LoginSession) -> None:
    """Write a new sign-in."""
    session.add(login)
    session.flush()


def live_session(session: Session, token_hash: str, now: datetime) -> LiveSession | None:
    """The session under this hash, unless it ran out or its person is disabled."""
    asked = {"token_hash": token_hash, "now": now}
    row = session.connection().execute(_LIVE_SESSION, asked).first()
    return LiveSession(*row) if row else None


def renew_session(session: Session, token_hash: str, now: datetime, expires_at: datetime) -> None:
    """Note that a session is in use and push its end away; nothing happens if it has ended."""
    session.connection().execute(
        update(LoginSession)
        .where(col(LoginSession.token_hash) == token_hash)
        .values(seen_at=now, expires_at=expires_at)
    )


def delete_session(session: Session, token_hash: str) -> None:
    """End one session."""
    session.connection().execute(
        delete(LoginSession).where(col(LoginSession.token_hash) == token_hash)
    )


def delete_sessions(session: Session, user_id: int, keep: str = "") -> int:
    """End the sessions of a person, but the one under the hash `keep`; returns how many."""
    statement = delete(LoginSession).where(
        col(LoginSession.user_id) == user_id, col(LoginSession.token_hash) != keep
    )
    return change(session, statement)


def delete_session_named(session: Session, user_id: int, start: str) -> bool:
    """End the session of a person whose hash starts so; false when there is none."""
    statement = delete(LoginSession).where(
        col(LoginSession.user_id) == user_id,
        func.substr(col(LoginSession.token_hash), 1, len(start)) == start,
    )
    return change(session, statement) == 1


def sessions_of(session: Session, user_id: int, now: datetime) -> list[LoginSession]:
    """The sessions of a person that have not ended, the one used last first."""
    query = (
        select(LoginSession)
        .where(col(LoginSession.user_id) == user_id, col(LoginSession.expires_at) > now)
        .order_by(col(LoginSession.seen_at).desc())
    )
    return list(session.scalars(query))


def last_seen(session: Session) -> dict[int, str]:
    """When each person's browsers last did something, as ISO 8601, within their sessions' life."""
    query = select(col(LoginSession.user_id), func.max(col(LoginSession.seen_at))).group_by(
        col(LoginSession.user_id)
    )
    return {user_id: at.isoformat() for user_id, at in session.connection().execute(query)}


def session_counts(session: Session, now: datetime) -> dict[int, int]:
    """In how many browsers each person is signed in."""
    query = (
        select(col(LoginSession.user_id), func.count())
        .where(col(LoginSession.expires_at) > now)
        .group_by(col(LoginSession.user_id))
    )
    return dict(session.connection().execute(query).all())


def delete_expired_sessions(session: Session, now: datetime) -> None:
    """Clear away what nobody can use any more."""
    session.connection().execute(delete(LoginSession).where(col(LoginSession.expires_at) <= now))


def add_key(session: Session, key: ApiKey) -> ApiKey:
    """Write a new API key and give it its id."""
    session.add(key)
    session.flush()
    return key


def live_key(session: Session, key_hash: str) -> LiveKey | None:
    """The key under this hash, unless it was revoked or its owner is disabled."""
    row = session.connection().execute(_LIVE_KEY, {"key_hash": key_hash}).first()
    return LiveKey(*row) if row else None


def key_used(session: Session, key_id: int, at: datetime) -> None:
    """Note that a key is in use."""
    session.connection().execute(
        update(ApiKey).where(col(ApiKey.id) == key_id).values(last_used_at=at)
    )


def revoke_key(session: Session, key_id: int, at: datetime) -> bool:
    """End a key; False when there is none under this id that was still good."""
    statement = (
        update(ApiKey)
        .where(col(ApiKey.id) == key_id, col(ApiKey.revoked_at).is_(None))
        .values(revoked_at=at)
    )
    return change(session, statement) == 1


def keys(session: Session) -> list[tuple[ApiKey, User | None]]:
    """All keys with their owners, those not revoked first, the newest on top."""
    query = (
        select(ApiKey, User)
        .outerjoin(User, col(User.id) == col(ApiKey.owner_id))
        .order_by(col(ApiKey.revoked_at).is_not(None), col(ApiKey.id).desc())
    )
    return [(key, owner) for key, owner in session.execute(query)]


def lock_attempts(session: Session) -> None:
    """Let one sign-in count at a time, or many at once would all count too few."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("LOCK TABLE login_attempts IN SHARE ROW EXCLUSIVE MODE"))


def attempts(session: Session, subject: str, since: datetime) -> tuple[int, datetime | None]:
    """How many attempts of `subject` were counted since then, and when the last one was."""
    row = (
        session.connection()
        .execute(
            select(func.count(), func.max(col(LoginAttempt.at))).where(
                col(LoginAttempt.subject) == subject, col(LoginAttempt.at) > since
            )
        )
        .one()
    )
    return row[0], row[1]


def add_attempts(session: Session, subjects: Iterable[str], at: datetime) -> list[int]:
    """Count an attempt for each subject; the ids take it back."""
    rows = [LoginAttempt(subject=subject, at=at) for subject in subjects]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def take_back_attempts(session: Session, ids: Iterable[int]) -> None:
    """Uncount single attempts."""
    session.connection().execute(delete(LoginAttempt).where(col(LoginAttempt.id).in_(ids)))


def forget_attempts(session: Session, subject: str) -> None:
    """Uncount everything of a subject."""
    session.connection().execute(delete(LoginAttempt).where(col(LoginAttempt.subject) == subject))


def forget_attempts_before(session: Session, at: datetime) -> None:
    """Clear away attempts too old to count."""
    session.connection().execute(delete(LoginAttempt).where(col(LoginAttempt.at) <= at))
