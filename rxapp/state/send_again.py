"""Sending one email again, and saying truly what becomes of it."""

from sqlmodel import Session

from rxapp.db import history
from rxapp.db.engine import writing
from rxapp.db.models import Send, Template
from rxapp.domain import reasons, sends
from rxapp.domain.leaving import leaving


def repeat(send_id: int, actor: str) -> tuple[int, str]:
    """Send it again; returns the new send's id, and what becomes of it."""
    with writing() as session:
        new = sends.send_again(session, send_id, actor)
        return new.id, fate(session, new)


def fate(session: Session, new: Send) -> str:
    """What becomes of an email that was just queued again, in a sentence."""
    template, way = session.get_one(Template, new.template_id), leaving(session)
    said = f"“{template.name}” is"
    reason = history.why_no_mail(session, new.partner_id, template.kind)
    if reason:
        return f"{said} queued again, but will be withheld. {reasons.sentence(reason)}"
    if way.held:
        return f"{said} queued again. It waits: {way.because}."
    if way.captured:
        return f"{said} captured again by the sandbox, and not sent."
    return f"{said} on its way again."
