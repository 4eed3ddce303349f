"""Writing the rows of an import: partners first, then their tags through the one door."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from sqlmodel import Session

from rxapp.db import imports as sql
from rxapp.db import jobs as job_items
from rxapp.db import partners as partner_reads
from rxapp.db.models import Consent, Deliverability, Job, Partner, PartnerStatus, Source
from rxapp.db.types import utcnow
from rxapp.domain import partners, refusals, tag_catalog, tags
from rxapp.domain.text import email_key

# Rows per transaction: about a tenth of a second, which is how long a click may have to wait.
CHUNK = 500
Existing = Literal["update", "skip"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, checked by itself; what was empty in the file is empty here."""

    number: int
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    key: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    status: PartnerStatus | None = None
    consent: Consent | None = None

    def stored(self) -> dict[str, Any]:
        """What is not empty, as JSON values; `Row(**stored)` gives the row back."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Match:
    """The partner a row is about, None for a new one; `problem` is why it cannot be said."""

    partner_id: int | None
    problem: str = ""


def match(session: Session, rows: Sequence[Row]) -> list[Match]:
    """Whom each of up to 10,000 rows is about, by address or key."""
    by_email = partner_reads.ids_by_email(session, [email_key(r.email) for r in rows if r.email])
    by_key = partner_reads.ids_by_key(session, [row.key for row in rows if row.key])
    return [_match(by_email.get(email_key(row.email)), by_key.get(row.key)) for row in rows]


def run_chunk(session: Session, job: Job) -> bool:
    """Write the next rows of an import's job; false when those were the last."""
    (item,) = job_items.items(session, job.id, job.done, 1) or (None,)
    if item is None:
        return False
    rows = [Row(**row) for row in (item.data or {"rows": []})["rows"]]
    matches = match(session, rows)
    added = _add(
        session, [row for row, m in zip(rows, matches, strict=True) if _is_new(m)], job.actor
    )
    sql.audit(session, job.actor, {partner_id: ("created", {}) for _, partner_id in added})
    known = [(row, m.partner_id) for row, m in zip(rows, matches, strict=True) if m.partner_id]
    updated = _update(session, job, known) if job.params["existing"] == "update" else []
    tally = _assign(session, job, [*added, *updated])
    tally.update(created=len(added), updated=len(updated))
    tally.update(skipped_rows=len(rows) - len(added) - len(updated))
    job.counts = dict(Counter(job.counts) + tally)
    job.done = item.position
    # The file's personal data is not kept once it is where it belongs.
    job_items.forget_rows(session, job.id, job.done)
    session.flush()
    return job.done < job.total


def _match(by_email: int | None, by_key: int | None) -> Match:
    if by_email and by_key and by_email != by_key:
        return Match(None, "The email address is one partner's, the key another's.")
    return Match(by_email or by_key)


def _is_new(one: Match) -> bool:
    return one.partner_id is None and not one.problem


def _add(session: Session, rows: Collection[Row], actor: str) -> list[tuple[Row, int]]:
    new = [_new_partner(row, actor) for row in rows]
    refusals.recall(session, new)
    sql.add_partners(session, new)
    found = match(session, list(rows))
    return [(row, m.partner_id) for row, m in zip(rows, found, strict=True) if m.partner_id]


def _new_partner(row: Row, actor: str) -> dict[str, Any]:
    now = utcnow()
    return {
        "email": row.email or None,
        "email_key": email_key(row.email) or None,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "company": row.company,
        "key": row.key or None,
        "fields": row.fields,
        "status": row.status or PartnerStatus.ACTIVE,
        "consent": row.consent or Consent.SUBSCRIBED,
        "consent_at": now if row.consent else None,
        "consent_by": actor if row.consent else "",
        "deliverability": Deliverability.OK,
        "deliverability_note": "",
        "created_at": now,
        "updated_at": now,
    }


def _update(session: Session, job: Job, known: Iterable[tuple[Row, int]]) -> list[tuple[Row, int]]:
    rows = {partner_id: row for row, partner_id in known}
    changes: dict[int, tuple[str, dict[str, Any]]] = {}
    for partner_id, partner in sql.by_ids(session, list(rows)).items():
        before = {name: getattr(partner, name) for name in partners.PartnerInput.model_fields}
        _overwrite(session, partner, rows[partner_id], job.actor)
        changed = sorted(name for name, old in before.items() if getattr(partner, name) != old)
        if changed:
            changes[partner_id] = ("updated", partners.told(partner, changed))
    session.flush()
    sql.audit(session, job.actor, changes)
    return [(row, partner_id) for partner_id, row in rows.items()]


def _overwrite(session: Session, partner: Partner, row: Row, actor: str) -> None:
    """Put what the row says on the partner. An empty cell changes nothing."""
    for name in ("first_name", "last_name", "company", "key"):
        if getattr(row, name):
            setattr(partner, name, getattr(row, name))
    if row.email:
        partners.set_address(session, partner, row.email)
    if row.fields:
        partner.fields = {**partner.fields, **row.fields}
    if row.status:
        partner.status = row.status
    # A list somebody kept elsewhere never takes back that a partner unsubscribed here.
    if row.consent == Consent.UNSUBSCRIBED:
        partners.set_consent(partner, row.consent, actor)
    partners.index(partner)
    partner.updated_at = utcnow()


def _assign(session: Session, job: Job, written: Sequence[tuple[Row, int]]) -> Counter[str]:
    carriers: dict[str, list[int]] = defaultdict(list)
    names: dict[str, str] = {}
    for row, partner_id in written:
        for name in row.tags:
            key = tag_catalog.normalize(name)
            names.setdefault(key, name)
            carriers[key].append(partner_id)
    tally: Counter[str] = Counter()
    for key, partner_ids in carriers.items():
        tag = tag_catalog.ensure(session, names[key], actor=job.actor)
        tally.update(_assign_one(session, job, tag.id, partner_ids))
    return tally


def _assign_one(
    session: Session, job: Job, tag_id: int, partner_ids: Sequence[int]
) -> dict[str, int]:
    done = tags.assign_tags(
        session,
        tag_id,
        partner_ids,
        source=Source.IMPORT,
        actor=job.actor,
        run_automations=job.params["run_automations"],
        bulk=True,
        hold_until=job.hold_until,
        job_id=job.id,
    )
    skipped = sum(done.skipped.values())
    return {
        "added": done.added,
        "already": done.already,
        "queued": done.queued,
        "skipped": skipped,
    }
