"""Partners over the REST API."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session

from rxapp.api.deps import Filter, PartnerRef, needs
from rxapp.api.idempotency import Writing, once
from rxapp.api.paging import LIMIT, Cursor, Limit, Page, after, page
from rxapp.api.queries import readings
from rxapp.api.schemas.partners import PartnerBody, PartnerOut
from rxapp.api.tags import find_tag
from rxapp.auth import roles
from rxapp.db import partners as sql
from rxapp.db.engine import reading
from rxapp.db.models import PartnerStatus, Role
from rxapp.db.partners import PartnerFilter
from rxapp.domain import partners
from rxapp.domain.text import email_key
from rxapp.errors import NotFound

router = APIRouter(prefix="/api/v1/partners", tags=["Partners"])


@router.get("", dependencies=[needs(Role.VIEWER)])
def list_partners(
    *,
    request: Request,
    email: Annotated[Filter, Query(description="Exactly this address.")] = None,
    tag: Annotated[Filter, Query(description="Who has this tag, by name or id.")] = None,
    status: PartnerStatus | None = None,
    q: Annotated[Filter, Query(description="Words in name, address, company or key.")] = None,
    limit: Limit = LIMIT,
    cursor: Cursor = None,
) -> Page[PartnerOut]:
    """Partners, oldest first."""
    with reading() as session:
        try:
            held = [find_tag(session, tag).id] if tag else []
        except NotFound:
            # Nobody has a tag that does not exist.
            return Page(data=[], next_cursor=None)
        wanted = PartnerFilter(
            q=q or "",
            email_keys=[email_key(one) for one in readings(request, "email")] if email else [],
            tag_ids_all=held,
            status=status,
        )
        rows = sql.page(session, wanted, sort="id", limit=limit + 1, after=after(cursor))
    return page(rows, limit, lambda row: row.id, PartnerOut.model_validate)


@router.post("", status_code=201, dependencies=[needs(Role.EDITOR)])
@once
def create_partner(write: Writing, body: PartnerBody) -> PartnerOut:
    """Add a partner. An address or key that is taken is refused with the `id` of its partner.

    An address that unsubscribed, bounced or complained before does so still: see the answer.
    """
    created = partners.create(write.session, body, write.actor)
    return _shown(write.session, created.id)


@router.get("/{partner:name}", dependencies=[needs(Role.VIEWER)])
def get_partner(partner: PartnerRef) -> PartnerOut:
    """One partner, with the tags held."""
    with reading() as session:
        return _shown(session, partners.find(session, partner).id)


@router.patch("/{partner:name}", dependencies=[needs(Role.EDITOR)])
@once
def update_partner(write: Writing, partner: PartnerRef, body: PartnerBody) -> PartnerOut:
    """Change what is given of a partner. To subscribe one again who unsubscribed takes an admin."""
    found = partners.find(write.session, partner)
    may_lift = roles.allows(write.identity.role, Role.ADMIN)
    partners.update(write.session, found.id, body, write.actor, may_lift=may_lift)
    return _shown(write.session, found.id)


@router.delete("/{partner:name}", status_code=204, dependencies=[needs(Role.ADMIN)])
@once
def delete_partner(write: Writing, partner: PartnerRef) -> None:
    """Erase a partner with everything that is known of the person. To keep the history, set
    `status` to `archived` instead.
    """
    found = partners.find(write.session, partner)
    partners.delete(write.session, found.id, write.actor)


def _shown(session: Session, partner_id: int) -> PartnerOut:
    return PartnerOut.model_validate(sql.row(session, partner_id))
