"""People who work in the app."""

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from rxapp.db.models import Role, User


def lock(session: Session) -> None:
    """Make other transactions that count users first wait for the end of this one.

    Counting and then writing is only a promise ("there is always an admin") when nobody counts at
    the same time. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))


def save(session: Session, user: User) -> User:
    """Write a new or changed user; a new one gets its id."""
    session.add(user)
    session.flush()
    return user


def any_user(session: Session) -> bool:
    """Whether anybody was ever set up; disabled people count."""
    return session.connection().execute(select(col(User.id)).limit(1)).first() is not None


def by_id(session: Session, user_id: int) -> User | None:
    """The user with this id."""
    return session.get(User, user_id)


def by_email_key(session: Session, email_key: str) -> User | None:
    """The user with this case-folded address."""
    return session.scalars(select(User).where(col(User.email_key) == email_key)).first()


def everyone(session: Session) -> list[User]:
    """All users, those who can sign in first, by address."""
    disabled = col(User.disabled_at).is_not(None)
    return list(session.scalars(select(User).order_by(disabled, col(User.email_key))))


def other_admins(session: Session, user_id: int) -> int:
    """How many people besides this one can sign in as an admin."""
    return session.scalars(
        select(func.count())
        .select_from(User)
        .where(
            col(User.role) == Role.ADMIN,
            col(User.disabled_at).is_(None),
            col(User.id) != user_id,
        )
    ).one()
