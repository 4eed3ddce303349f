"""What an address refused outlives the row that had it.

While a partner has an address, the partner's row says whether marketing mail is wanted and whether
mail arrives. When the address leaves the row, because it was changed or the person erased, what it
refused is kept by a fingerprint; the row that takes the address next, by whatever door, takes that
over. Only the person or an admin lifts it, on the row.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from rxapp.db import partners as partner_reads
from rxapp.db import refusals as sql
from rxapp.db.models import Consent, Deliverability, Partner, Refusal
from rxapp.db.types import utcnow
from rxapp.domain.text import email_key

# Said where the provider's words would stand, which may have quoted the address, and by whom.
REMEMBERED = "Remembered from before."


def fingerprint(key: str) -> str:
    """What an address, as `email_key` gives it, is remembered by.

    A plain SHA-256, as suppression lists commonly are. It is made without RXAPP_SECRET_KEY: with a
    lost key every refusal would be forgotten.
    """
    return hashlib.sha256(f"rxapp refusal {key}".encode()).hexdigest()


def leave(session: Session, partner: Partner) -> None:
    """The address is about to leave the row: keep what it refuses, or that it no longer does."""
    if not partner.email_key:
        return
    mark = fingerprint(partner.email_key)
    unsubscribed = partner.consent == Consent.UNSUBSCRIBED
    if not unsubscribed and partner.deliverability == Deliverability.OK:
        sql.forget(session, mark)
        return
    at = (partner.consent_at or utcnow()) if unsubscribed else None
    sql.keep(
        session,
        Refusal(fingerprint=mark, unsubscribed_at=at, deliverability=partner.deliverability),
    )


def arrive(session: Session, partner: Partner) -> None:
    """An address came to the row: what it refused before holds for the row from now on."""
    for name, value in _remembered(session, [partner.email_key])[0].items():
        setattr(partner, name, value)


def recall(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """`arrive` for rows of the table that are still to be inserted, up to 10,000 at once."""
    keys = [row["email_key"] for row in rows]
    for row, remembered in zip(rows, _remembered(session, keys), strict=True):
        row.update(remembered)


def undeliverable(session: Session, address: str, how: Deliverability, note: str) -> None:
    """Mail to the address does not arrive, or its owner complained: no more is sent there.

    A complaint weighs more than a bounce. Whoever has the address now is marked; when nobody has,
    it is remembered for whoever takes it.
    """
    key = email_key(address)
    partner = partner_reads.by_email_key(session, key)
    if partner is not None:
        if _weighs_more(how, partner.deliverability):
            partner.deliverability, partner.deliverability_note = how, note
        return
    mark = fingerprint(key)
    known = sql.of(session, [mark]).get(mark) or Refusal(fingerprint=mark)
    if _weighs_more(how, known.deliverability):
        at = known.unsubscribed_at
        sql.keep(session, Refusal(fingerprint=mark, unsubscribed_at=at, deliverability=how))


def _remembered(session: Session, keys: Sequence[str | None]) -> list[dict[str, Any]]:
    """What rows that take these addresses take over with them, by the names of the columns."""
    marks = [fingerprint(key) if key else "" for key in keys]
    known = sql.of(session, set(marks) - {""})
    return [_taken_over(known[mark]) if mark in known else {} for mark in marks]


def _taken_over(refusal: Refusal) -> dict[str, Any]:
    how = refusal.deliverability
    taken: dict[str, Any] = {
        "deliverability": how,
        "deliverability_note": "" if how == Deliverability.OK else REMEMBERED,
    }
    if refusal.unsubscribed_at is not None:
        taken |= {
            "consent": Consent.UNSUBSCRIBED,
            "consent_at": refusal.unsubscribed_at,
            "consent_by": REMEMBERED,
        }
    return taken


_WEIGHT = {Deliverability.OK: 0, Deliverability.BOUNCED: 1, Deliverability.COMPLAINED: 2}


def _weighs_more(one: Deliverability, other: Deliverability) -> bool:
    return _WEIGHT[one] > _WEIGHT[other]
