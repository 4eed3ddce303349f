"""Partners: finding, filtering, paging, and taking a person's data out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Select, func
from sqlmodel import Session, col, select

from rxapp.db.models import (
    Assignment,
    Consent,
    Deliverability,
    Partner,
    PartnerStatus,
    ProviderEvent,
    Send,
    SendStatus,
    Tag,
    Template,
)
from rxapp.db.search import held

Sort = Literal["id", "-id", "name", "-name", "email", "-email", "company", "-company"]
# The id decides between equals, so that pages neither overlap nor leave anyone out.
_SORTED_BY: dict[str, list[sa.ColumnElement[Any]]] = {
    "id": [],
    "name": [func.lower(col(Partner.last_name)), func.lower(col(Partner.first_name))],
    "email": [func.coalesce(col(Partner.email_key), "")],
    "company": [func.lower(col(Partner.company))],
}


@dataclass(frozen=True, slots=True)
class PartnerFilter:
    """Which partners; everything given must hold.

    `q` is a search: each of its words occurs somewhere in the address, the names, the company or
    the key, case and accents aside. `email_keys` (one of them) and `key` are exact. `ids`, unless
    None, are the only ones that may be found. The tag ids ask for partners who hold any, all or
    none of them.
    """

    q: str = ""
    ids: Sequence[int] | None = None
    email_keys: Sequence[str] = ()
    key: str = ""
    tag_ids_any: Sequence[int] = ()
    tag_ids_all: Sequence[int] = ()
    tag_ids_none: Sequence[int] = ()
    status: PartnerStatus | None = None
    consent: Consent | None = None
    deliverability: Deliverability | None = None


@dataclass(frozen=True, slots=True)
class TagChip:
    """A tag as a partner's row shows it."""

    id: int
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class LastEmail:
    """The latest email decided for a partner, whatever became of it."""

    email: str
    status: SendStatus
    at: datetime


@dataclass(slots=True)
class PartnerRow:
    """A partner as lists and answers show it, with the tags held, in their names' order."""

    id: int
    email: str | None
    first_name: str
    last_name: str
    company: str
    key: str | None
    fields: dict[str, str]
    status: PartnerStatus
    consent: Consent
    consent_at: datetime | None
    deliverability: Deliverability
    deliverability_note: str
    created_at: datetime
    updated_at: datetime
    tags: list[TagChip] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What to call the partner: the name, or else the address, the key or the company."""
        name = f"{self.first_name} {self.last_name}".strip()
        return name or self.email or self.key or self.company or f"Partner {self.id}"


def matching(wanted: PartnerFilter) -> Select[int]:
    """A query for the ids of the partners a filter lets through."""
    return sa.select(col(Partner.id)).where(*_conditions(wanted))


def count(session: Session, wanted: PartnerFilter) -> int:
    """How many partners a filter lets through."""
    query = sa.select(func.count()).select_from(Partner).where(*_conditions(wanted))
    return session.connection().scalar(query) or 0


def page(
    session: Session,
    wanted: PartnerFilter,
    *,
    sort: Sort = "-id",
    limit: int = 50,
    offset: int = 0,
    after: int | None = None,
) -> list[PartnerRow]:
    """One page of partners. `after`, the last id of the page before, goes with the id sorts."""
    query = _rows().where(*_conditions(wanted)).order_by(*_order(sort)).limit(limit).offset(offset)
    if after is not None:
        id_ = col(Partner.id)
        query = query.where(id_ < after if sort == "-id" else id_ > after)
    return _with_tags(session, query)


def row(session: Session, partner_id: int) -> PartnerRow | None:
    """One partner with the tags held."""
    return next(iter(_with_tags(session, _rows().where(col(Partner.id) == partner_id))), None)


def last_emails(session: Session, partner_ids: Sequence[int]) -> dict[int, LastEmail]:
    """The latest email of each of these partners (a page of them) that ever had one."""
    newest = (
        sa.select(func.max(col(Send.id)))
        .where(col(Send.partner_id).in_(partner_ids))
        .group_by(col(Send.partner_id))
    )
    query = (
        sa.select(
            col(Send.partner_id),
            col(Template.name),
            col(Send.status),
            col(Send.created_at),
        )
        .join(Template, col(Template.id) == col(Send.template_id))
        .where(col(Send.id).in_(newest))
    )
    return {row[0]: LastEmail(*row[1:]) for row in session.connection().execute(query)}


def by_email_key(session: Session, email_key: str) -> Partner | None:
    """The partner with this normalized address."""
    return session.exec(select(Partner).where(col(Partner.email_key) == email_key)).first()


def by_key(session: Session, key: str) -> Partner | None:
    """The partner with this key of the program's own."""
    return session.exec(select(Partner).where(col(Partner.key) == key)).first()


def ids_by_email(session: Session, email_keys: Sequence[str]) -> dict[str, int]:
    """The partners' ids by normalized address, of those that exist; up to 30,000 at once."""
    query = sa.select(col(Partner.email_key), col(Partner.id))
    found = session.connection().execute(query.where(col(Partner.email_key).in_(email_keys)))
    return {email_key: id_ for email_key, id_ in found if email_key is not None}


def ids_by_key(session: Session, keys: Sequence[str]) -> dict[str, int]:
    """The partners' ids by the program's own key, of those that exist; up to 30,000 at once."""
    query = sa.select(col(Partner.key), col(Partner.id))
    found = session.connection().execute(query.where(col(Partner.key).in_(keys)))
    return {key: id_ for key, id_ in found if key is not None}


def existing_ids(session: Session, ids: Sequence[int]) -> set[int]:
    """Those of the ids that are a partner's; up to 30,000 at once."""
    query = sa.select(col(Partner.id)).where(col(Partner.id).in_(ids))
    return set(session.connection().scalars(query))


def known_fields(session: Session) -> list[str]:
    """The names of the custom fields that partners have, in order."""
    if session.get_bind().dialect.name == "sqlite":
        names = func.json_each(col(Partner.fields)).table_valued("key")
    else:
        names = func.jsonb_object_keys(col(Partner.fields)).table_valued("key").render_derived()
    query = sa.select(names.c.key).select_from(sa.join(Partner, names, sa.true())).distinct()
    return sorted(session.connection().scalars(query))


def erase_traces(session: Session, partner_id: int) -> None:
    """Blank the provider's words on a partner's emails, which may quote the address."""
    sent = sa.select(col(Send.provider_id)).where(
        col(Send.partner_id) == partner_id, col(Send.provider_id).is_not(None)
    )
    session.connection().execute(
        sa.update(ProviderEvent).where(col(ProviderEvent.provider_id).in_(sent)).values(detail="")
    )


def _conditions(wanted: PartnerFilter) -> list[sa.ColumnElement[bool]]:
    found = held(col(Partner.search), wanted.q)
    exact: dict[Any, str | None] = {
        col(Partner.key): wanted.key,
        col(Partner.status): wanted.status,
        col(Partner.consent): wanted.consent,
        col(Partner.deliverability): wanted.deliverability,
    }
    found += [column == value for column, value in exact.items() if value]
    if wanted.email_keys:
        found.append(col(Partner.email_key).in_(wanted.email_keys))
    if wanted.ids is not None:
        found.append(col(Partner.id).in_(wanted.ids))
    found += [col(Partner.id).in_(_holding([tag_id])) for tag_id in wanted.tag_ids_all]
    if wanted.tag_ids_any:
        found.append(col(Partner.id).in_(_holding(wanted.tag_ids_any)))
    if wanted.tag_ids_none:
        found.append(col(Partner.id).not_in(_holding(wanted.tag_ids_none)))
    return found


def _holding(tag_ids: Sequence[int]) -> Select[int]:
    return sa.select(col(Assignment.partner_id)).where(
        col(Assignment.tag_id).in_(tag_ids), col(Assignment.ended_at).is_(None)
    )


def _order(sort: Sort) -> list[sa.ColumnElement[Any]]:
    columns = [*_SORTED_BY[sort.removeprefix("-")], sa.type_coerce(col(Partner.id), sa.Integer)]
    return [column.desc() for column in columns] if sort.startswith("-") else columns


def _rows() -> Select[Any]:
    names = (one.name for one in fields(PartnerRow) if one.name != "tags")
    return sa.select(*(col(getattr(Partner, name)) for name in names))


def _with_tags(session: Session, query: Select[Any]) -> list[PartnerRow]:
    rows = {row.id: PartnerRow(*row) for row in session.connection().execute(query)}
    held = (
        sa.select(col(Assignment.partner_id), col(Tag.id), col(Tag.name), col(Tag.color))
        .join(Tag, col(Tag.id) == col(Assignment.tag_id))
        .where(col(Assignment.partner_id).in_(rows), col(Assignment.ended_at).is_(None))
        .order_by(col(Tag.name_key))
    )
    for partner_id, tag_id, name, color in session.connection().execute(held):
        rows[partner_id].tags.append(TagChip(tag_id, name, color))
    return list(rows.values())
