"""What addresses refused, kept by their fingerprint once no partner's row has them any more."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col, select

from rxapp.db.engine import change
from rxapp.db.models import Refusal
from rxapp.db.upsert import insert_new


def keep(session: Session, refusal: Refusal) -> None:
    """Remember a refusal in place of what was remembered of the address before."""
    values = {name: getattr(refusal, name) for name in Refusal.model_fields}
    forget(session, refusal.fingerprint)
    change(session, insert_new(session, Refusal).values(values))


def forget(session: Session, fingerprint: str) -> None:
    """Remember nothing of an address: who held it last refused nothing."""
    change(session, sa.delete(Refusal).where(col(Refusal.fingerprint) == fingerprint))


def of(session: Session, fingerprints: Iterable[str]) -> dict[str, Refusal]:
    """What is remembered of up to 30,000 addresses, by their fingerprints."""
    query = select(Refusal).where(col(Refusal.fingerprint).in_(list(fingerprints)))
    return {refusal.fingerprint: refusal for refusal in session.exec(query)}
