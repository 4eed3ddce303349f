"""Reading the audit log."""

from sqlmodel import Session, col, select

from rxapp.db.models import AuditEntry


def entries(
    session: Session,
    *,
    subject: str | None = None,
    subject_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[AuditEntry]:
    """The newest first, of one kind of subject or one subject; `before` is an entry's id."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
    if subject is not None:
        query = query.where(col(AuditEntry.subject) == subject)
    if subject_id is not None:
        query = query.where(col(AuditEntry.subject_id) == subject_id)
    if before is not None:
        query = query.where(col(AuditEntry.id) < before)
    return list(session.exec(query))
