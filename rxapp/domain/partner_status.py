"""Changing the status of many partners, as a job that can be taken back."""

from sqlmodel import Session

from rxapp.db import bulk as sql
from rxapp.db.assignments import job_partners
from rxapp.db.models import Job, PartnerStatus
from rxapp.db.types import utcnow


def run_chunk(session: Session, job: Job, upto: int) -> int:
    """Give the job's next partners their new status; returns how many had another.

    What they had is kept with the job, and audited for each.
    """
    new = PartnerStatus(job.params["status"])
    partners = job_partners(job.id, job.done, upto)
    changed = 0
    for old in PartnerStatus:
        if old != new:
            sql.keep_status(session, job.id, job.done, upto, old)
            sql.audit_status(session, partners, old, new, actor=job.actor, now=utcnow())
            changed += sql.set_status(session, partners, old, new, utcnow())
    return changed


def undo(session: Session, job: Job, actor: str) -> int:
    """Give back what the job changed and nobody changed since; returns to how many.

    Emails that were skipped meanwhile, only because of the status it gave, wait again.
    """
    new = PartnerStatus(job.params["status"])
    restored = 0
    for old in PartnerStatus:
        if old != new:
            had = sql.had_status(job.id, old)
            sql.audit_status(session, had, new, old, actor=actor, now=utcnow())
            restored += sql.set_status(session, had, new, old, utcnow())
    sql.wait_again(session, job, new, utcnow())
    return restored
