"""SQL of the links that let a person join, or choose a new password."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.models import AccountLink, Role, User


def save(session: Session, link: AccountLink) -> AccountLink:
    """Write a new link and give it its id."""
    session.add(link)
    session.flush()
    return link


def working(session: Session, token_hash: str, now: datetime) -> AccountLink | None:
    """The link under this hash, while it works."""
    query = select(AccountLink).where(col(AccountLink.token_hash) == token_hash, *_works(now))
    return session.scalars(query).first()


def by_id(session: Session, link_id: int) -> AccountLink | None:
    """The link with this id."""
    return session.get(AccountLink, link_id)


def open_invitations(session: Session, now: datetime) -> list[AccountLink]:
    """Invitations that work, the newest first."""
    query = (
        select(AccountLink)
        .where(col(AccountLink.user_id).is_(None), *_works(now))
        .order_by(col(AccountLink.id).desc())
    )
    return list(session.scalars(query))


def end(session: Session, link_id: int, now: datetime) -> bool:
    """End a link; false when it had ended before. Of two at once, one gets true."""
    statement = (
        update(AccountLink)
        .where(col(AccountLink.id) == link_id, col(AccountLink.ended_at).is_(None))
        .values(ended_at=now)
    )
    return change(session, statement) == 1


def end_resets(session: Session, user_id: int, now: datetime) -> None:
    """End every link that could change this person's password."""
    session.connection().execute(
        update(AccountLink)
        .where(col(AccountLink.user_id) == user_id, col(AccountLink.ended_at).is_(None))
        .values(ended_at=now)
    )


def end_made_by(session: Session, user_id: int, now: datetime) -> int:
    """End every link this person made and nobody has used; returns how many."""
    statement = (
        update(AccountLink)
        .where(
            col(AccountLink.maker_id) == user_id,
            col(AccountLink.ended_at).is_(None),
            col(AccountLink.expires_at) > now,
        )
        .values(ended_at=now)
    )
    return change(session, statement)


def end_invitations(session: Session, emails: Collection[str], now: datetime) -> None:
    """End every invitation that was made for one of these addresses."""
    session.connection().execute(
        update(AccountLink)
        .where(
            col(AccountLink.user_id).is_(None),
            func.lower(col(AccountLink.email)).in_([email.lower() for email in emails]),
            col(AccountLink.ended_at).is_(None),
        )
        .values(ended_at=now)
    )


def _works(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Neither used nor withdrawn nor expired, and whoever made it may still make such links."""
    admins = select(col(User.id)).where(
        col(User.role) == Role.ADMIN, col(User.disabled_at).is_(None)
    )
    return (
        col(AccountLink.ended_at).is_(None),
        col(AccountLink.expires_at) > now,
        or_(col(AccountLink.maker_id).is_(None), col(AccountLink.maker_id).in_(admins)),
    )
