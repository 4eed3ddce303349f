"""SQL of the links that let a person join, or choose a new password."""

from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session, col

from rxapp.db.engine import change
from rxapp.db.models import AccountLink


def save(session: Session, link: AccountLink) -> AccountLink:
    """Write a new link and give it its id."""
    session.add(link)
    session.flush()
    return link


def by_hash(session: Session, token_hash: str) -> AccountLink | None:
    """The link under this hash, whether it still works or not."""
    return session.scalars(
        select(AccountLink).where(col(AccountLink.token_hash) == token_hash)
    ).first()


def by_id(session: Session, link_id: int) -> AccountLink | None:
    """The link with this id."""
    return session.get(AccountLink, link_id)


def open_invitations(session: Session, now: datetime) -> list[AccountLink]:
    """Invitations that were neither used nor withdrawn and have not expired, the newest first."""
    query = (
        select(AccountLink)
        .where(
            col(AccountLink.user_id).is_(None),
            col(AccountLink.ended_at).is_(None),
            col(AccountLink.expires_at) > now,
        )
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


def end_invitations_by(session: Session, actor: str, now: datetime) -> None:
    """End every invitation this person made and nobody has used."""
    session.connection().execute(
        update(AccountLink)
        .where(
            col(AccountLink.actor) == actor,
            col(AccountLink.user_id).is_(None),
            col(AccountLink.ended_at).is_(None),
        )
        .values(ended_at=now)
    )
