"""The people of the program. Their tags are put on and taken off by `domain.tags`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator
from sqlmodel import Session

from rxapp.characters import tidy
from rxapp.db import idempotency, imports, unique
from rxapp.db import partners as sql
from rxapp.db.models import Consent, Deliverability, Partner, PartnerStatus
from rxapp.db.search import SEARCHED, search_text
from rxapp.db.types import utcnow
from rxapp.domain import audit, refusals, sends, trials
from rxapp.domain.partner_fields import merged
from rxapp.domain.text import as_id, email_address, email_key, findable, one_line
from rxapp.errors import AlreadyExists, InvalidInput, NotAllowed, NotFound

LINE_LIMIT = 200


class PartnerInput(BaseModel):
    """What can be said of a partner; when changing one, only what is given is changed.

    An empty text or null empties the value. `fields` are custom fields by name: those given are
    set, those given as null or empty are taken out, others stay.
    """

    model_config = ConfigDict(extra="forbid")

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    key: str | None = None
    fields: dict[str, str | None] | None = None
    status: PartnerStatus | None = None
    consent: Consent | None = None

    @field_validator("fields", mode="before")
    @classmethod
    def _numbers_are_text(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {k: str(v) if isinstance(v, int | float) else v for k, v in value.items()}


@dataclass(frozen=True, slots=True)
class Resolved:
    """Partners found by what a client called them, and what nobody is called."""

    ids: list[int]
    unknown: list[int | str]


def find(session: Session, ref: int | str) -> Partner:
    """The partner of an id, `email:...`, `key:...` or a bare address; raises NotFound."""
    ids = resolve(session, [ref]).ids
    partner = session.get(Partner, ids[0]) if ids else None
    if partner is None:
        raise NotFound(f"There is no partner “{ref}”.")
    return partner


def resolve(session: Session, refs: Sequence[int | str]) -> Resolved:
    """The ids behind up to 30,000 references (as in `find`), each once, in their order."""
    parsed = [_reference(ref) for ref in refs]
    values = {kind: [value for k, value in parsed if k == kind] for kind in ("id", "email", "key")}
    found: dict[tuple[str, Any], int] = {
        **{("id", i): i for i in sql.existing_ids(session, values["id"])},
        **{("email", e): i for e, i in sql.ids_by_email(session, values["email"]).items()},
        **{("key", k): i for k, i in sql.ids_by_key(session, values["key"]).items()},
    }
    return Resolved(
        ids=list(dict.fromkeys(found[one] for one in parsed if one in found)),
        unknown=[ref for ref, one in zip(refs, parsed, strict=True) if one not in found],
    )


def create(session: Session, data: PartnerInput, actor: str) -> Partner:
    """Add a partner; raises AlreadyExists for a taken address or key, InvalidInput.

    An address that refused mail before refuses it still, whatever `data` says of consent.
    """
    partner = Partner()
    _apply(session, partner, data, actor)
    session.add(partner)
    unique.flush(session, "Another partner has this email address or key.")
    refused = partner.consent_by == refusals.REMEMBERED
    told_too = told(partner, ["consent"]) if refused else {}
    audit.record(session, actor, "partner", partner.id, "created", **told_too)
    return partner


def update(
    session: Session, partner_id: int, data: PartnerInput, actor: str, *, may_lift: bool = False
) -> Partner:
    """Change what is given; raises like `create`, NotFound, and NotAllowed.

    A new address starts afresh: bounces and complaints of the old one no longer count, but what
    the new one refused before does. `may_lift`: whether the actor may subscribe somebody again
    who unsubscribed, which only the person and an admin may.
    """
    partner = find(session, partner_id)
    if data.consent == Consent.SUBSCRIBED != partner.consent and not may_lift:
        raise NotAllowed("Only an admin, or the partner, can subscribe them again.")
    before = {name: getattr(partner, name) for name in PartnerInput.model_fields}
    _apply(session, partner, data, actor)
    changed = sorted(name for name, old in before.items() if getattr(partner, name) != old)
    if changed:
        partner.updated_at = utcnow()
        unique.flush(session, "Another partner has this email address or key.")
        audit.record(session, actor, "partner", partner.id, "updated", **told(partner, changed))
    return partner


def told(partner: Partner, changed: Sequence[str]) -> dict[str, Any]:
    """What the audit log keeps of a change: names only, because it outlives the partner's data.

    Status and consent are told with what they became: words that say nothing about who it is.
    """
    became = {name: str(getattr(partner, name)) for name in ("status", "consent")}
    return {"changed": list(changed)} | {name: became[name] for name in became if name in changed}


def delete(session: Session, partner_id: int, actor: str) -> None:
    """Erase a partner: row, assignments, emails with their archive, and every other trace.

    That the address refused mail is kept, by a fingerprint (`domain.refusals`). Raises
    WrongStatus while an email to the partner is on its way to the provider.
    """
    partner = find(session, partner_id)
    sends.erase_frozen(session, partner_id)
    trials.erase_of(session, partner_id, partner.email_key)
    idempotency.forget_partner(session, partner_id, partner.email)
    if partner.email_key:
        imports.forget_rejected_of(session, partner.email_key)
    sql.erase_traces(session, partner_id)
    refusals.leave(session, partner)
    session.delete(partner)
    session.flush()
    audit.record(session, actor, "partner", partner_id, "deleted")


def unsubscribe(session: Session, partner_id: int, actor: str) -> Partner:
    """The partner wants no more marketing mail; what waits is skipped when its turn comes."""
    return update(session, partner_id, PartnerInput(consent=Consent.UNSUBSCRIBED), actor)


def resubscribe(session: Session, partner_id: int, actor: str) -> Partner:
    """The partner wants marketing mail again: said by an admin, or by the partner."""
    wish = PartnerInput(consent=Consent.SUBSCRIBED)
    return update(session, partner_id, wish, actor, may_lift=True)


def mark_deliverable(session: Session, partner_id: int, actor: str) -> Partner:
    """An admin vouches that mail arrives again, after a bounce or complaint stopped it."""
    partner = find(session, partner_id)
    if partner.deliverability != Deliverability.OK:
        old = partner.deliverability
        partner.deliverability, partner.deliverability_note = Deliverability.OK, ""
        partner.updated_at = utcnow()
        audit.record(session, actor, "partner", partner.id, "marked deliverable", was=old)
    return partner


def index(partner: Partner) -> None:
    """Make a changed partner findable; raises InvalidInput when nothing is left to know it by."""
    partner.search = search_text({name: getattr(partner, name) for name in SEARCHED})
    if not partner.search:
        raise InvalidInput("A partner needs an email address, a key, a name or a company.", "email")


def set_address(session: Session, partner: Partner, email: str | None) -> None:
    """Give a partner a checked, free address. What the old one refused stays with it."""
    key = email_key(email) if email else None
    moved = key != partner.email_key
    if moved:
        refusals.leave(session, partner)
        partner.deliverability, partner.deliverability_note = Deliverability.OK, ""
    partner.email, partner.email_key = email, key
    if moved:
        refusals.arrive(session, partner)


def set_consent(partner: Partner, consent: Consent, actor: str) -> None:
    """Note whether the partner wants marketing mail, since now and by whose word."""
    if consent != partner.consent:
        partner.consent, partner.consent_at, partner.consent_by = consent, utcnow(), actor


def _reference(ref: int | str) -> tuple[str, Any]:
    number = as_id(ref)
    if number is not None:
        return "id", number
    named = tidy(str(ref))
    kind, colon, value = named.partition(":")
    if not colon or kind not in ("email", "key"):
        kind, value = "email", named
    return kind, email_key(value) if kind == "email" else value.strip()


def _apply(session: Session, partner: Partner, data: PartnerInput, actor: str) -> None:
    """Check what is given and put it on the partner."""
    given = data.model_fields_set
    for name in ("first_name", "last_name", "company"):
        if name in given:
            setattr(partner, name, one_line(getattr(data, name), name, LINE_LIMIT))
    if "key" in given:
        _set_key(session, partner, one_line(data.key, "key", LINE_LIMIT))
    if data.fields is not None:
        partner.fields = merged(partner.fields, data.fields)
    if data.status is not None:
        partner.status = data.status
    if data.consent is not None:
        set_consent(partner, data.consent, actor)
    # Behind the consent: what the address refused before weighs more than what is said now.
    if "email" in given:
        _set_email(session, partner, tidy(data.email or ""))
    index(partner)


def _set_key(session: Session, partner: Partner, key: str) -> None:
    if key == (partner.key or ""):
        return
    other = sql.by_key(session, findable(key, "key")) if key else None
    if other is not None and other.id != partner.id:
        raise AlreadyExists(f"Another partner has the key “{key}”.", field="key", id=other.id)
    partner.key = key or None


def _set_email(session: Session, partner: Partner, typed: str) -> None:
    email = email_address(typed) if typed else None
    other = sql.by_email_key(session, email_key(email)) if email else None
    if other is not None and other.id != partner.id:
        raise AlreadyExists(f"Another partner has the address {email}.", field="email", id=other.id)
    set_address(session, partner, email)
