"""The audit log: reading it, and writing about many subjects at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, false, func, insert, literal, or_
from sqlalchemy import select as plain_select
from sqlmodel import Session, col, select

from rxapp.characters import bare
from rxapp.db.engine import change
from rxapp.db.models import (
    ApiKey,
    AuditEntry,
    Automation,
    Partner,
    Tag,
    Template,
    User,
)
from rxapp.db.search import LONGEST
from rxapp.db.types import JsonDocument, UtcDateTime

# What a subject is called by: of people their address, for a name is not unique.
_NAMED: dict[str, tuple[Any, Any]] = {
    "tag": (Tag, Tag.name),
    "template": (Template, Template.name),
    "automation": (Automation, Automation.name),
    "user": (User, User.email),
    "signin": (User, User.email),
    "api_key": (ApiKey, ApiKey.name),
    "partner": (Partner, Partner.email),
}


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are wanted; empty fields do not narrow. `q` is looked for in names as well."""

    actor: str = ""
    subject: str = ""
    q: str = ""
    since: datetime | None = None
    until: datetime | None = None


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


def latest(
    session: Session, subject: str, subject_id: int | None, limit: int
) -> Sequence[AuditEntry]:
    """The newest entries about one subject, or about none in particular of its kind."""
    query = (
        plain_select(AuditEntry)
        .where(col(AuditEntry.subject) == subject, col(AuditEntry.subject_id) == subject_id)
        .order_by(col(AuditEntry.id).desc())
    )
    return session.scalars(query.limit(limit)).all()


def page(
    session: Session, wanted: AuditFilter, *, before: int | None = None, limit: int
) -> list[AuditEntry]:
    """The newest of these entries first, those older than the entry `before`."""
    query = _matching(wanted).order_by(col(AuditEntry.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(AuditEntry.id) < before)
    return list(session.scalars(query))


def page_before(
    session: Session, wanted: AuditFilter, *, after: int, limit: int
) -> list[AuditEntry]:
    """Those that came right after the entry `after`, newest first."""
    query = _matching(wanted).where(col(AuditEntry.id) > after).order_by(col(AuditEntry.id))
    return list(session.scalars(query.limit(limit)))[::-1]


def actors(session: Session, limit: int = 200) -> list[str]:
    """Everybody who ever did something, by name."""
    query = plain_select(col(AuditEntry.actor)).group_by(col(AuditEntry.actor))
    return list(session.connection().scalars(query.order_by(col(AuditEntry.actor)).limit(limit)))


def names(session: Session, subject: str, ids: Iterable[int]) -> dict[int, str]:
    """What these subjects are called now; those that are gone are missing."""
    if subject not in _NAMED:
        return {}
    model, name = _NAMED[subject]
    query = plain_select(model.id, name).where(model.id.in_(list(ids)))
    return {id_: name or "" for id_, name in session.connection().execute(query)}


def write_each(
    session: Session,
    ids: Select[int],
    *,
    subject: str,
    action: str,
    actor: str,
    now: datetime,
    data: dict[str, Any] | None = None,
) -> None:
    """Write the same entry for each subject of one kind; `ids` finds them."""
    subjects = ids.subquery()
    entries = plain_select(
        literal(now, UtcDateTime),
        literal(actor),
        literal(subject),
        subjects.c[0],
        literal(action),
        literal(data or {}, JsonDocument),
    )
    columns = ["at", "actor", "subject", "subject_id", "action", "data"]
    change(session, insert(AuditEntry).from_select(columns, entries))


def _matching(wanted: AuditFilter) -> Select[Any]:
    query: Select[Any] = plain_select(AuditEntry)
    if wanted.actor:
        query = query.where(col(AuditEntry.actor) == wanted.actor)
    if wanted.subject:
        query = query.where(col(AuditEntry.subject) == wanted.subject)
    if wanted.since is not None:
        query = query.where(col(AuditEntry.at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(AuditEntry.at) < wanted.until)
    if wanted.q:
        query = query.where(_found(wanted.q))
    return query


def _found(q: str) -> Any:
    """Who did it, what it was done to, or what the entry says holds the words."""
    if len(q) > LONGEST:
        return false()
    escaped = bare(q).lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    like = f"%{escaped}%"

    def holds(column: Any) -> Any:
        return func.lower(column).like(like, escape="\\")

    named = [
        (col(AuditEntry.subject) == subject)
        & col(AuditEntry.subject_id).in_(plain_select(model.id).where(holds(name)))
        for subject, (model, name) in _NAMED.items()
    ]
    said = holds(cast(col(AuditEntry.data), String))
    return or_(holds(col(AuditEntry.actor)), said, *named)
