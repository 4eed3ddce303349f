"""The audit log: who changed what. Every function that changes something writes one entry."""

from typing import Any

from sqlmodel import Session

from rxapp.db.models import AuditEntry


def record(
    session: Session, actor: str, subject: str, subject_id: int | None, action: str, **data: Any
) -> None:
    """Write an entry: `actor` did `action` to the `subject` (a word: partner, tag, ...).

    `data` names what changed, as JSON values. It outlives what it is about, so it never holds a
    partner's data or what an email said.
    """
    session.add(
        AuditEntry(actor=actor, subject=subject, subject_id=subject_id, action=action, data=data)
    )
