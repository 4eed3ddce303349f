"""What an automation would do as it is entered: whom it reaches today, and what to think over."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from rxapp.db import tags as tag_reads
from rxapp.db.engine import reading
from rxapp.domain import automations, templates, variables
from rxapp.domain.automations import AutomationInput
from rxapp.state.foreseen import WITHHELD, people


def consequences(data: AutomationInput, number: int) -> tuple[int, str, list[str]]:
    """How many partners have the tag, which of them could be emailed, what to think over."""
    if data.tag_id is None:
        return 0, "", []
    emails = [one.template_id for one in data.actions or [] if one.template_id]
    with reading() as session:
        notes = automations.warnings(session, data, number or None)
        notes += [note for email in dict.fromkeys(emails) for note in _missing(session, email)]
        if not emails:
            return tag_reads.holders(session, data.tag_id), "", notes
        kind = templates.current(session, emails[0]).kind
        found = tag_reads.reach(session, data.tag_id, kind)
    return sum(found.values()), _reach(found), notes


def _reach(found: Mapping[str, int]) -> str:
    """Who could be emailed, and why the others could not."""
    withheld = {reason: number for reason, number in found.items() if reason}
    if not withheld:
        return ""
    why = ", ".join(
        f"{number:,} {WITHHELD[reason][0 if number == 1 else 1]}"
        for reason, number in withheld.items()
    )
    return f"{found.get('', 0):,} can be emailed; {why}."


def _missing(session: Session, template_id: int) -> list[str]:
    """Partners whom an email would not reach, because it needs what is not known of them."""
    template = templates.find(session, template_id)
    missing = templates.count_missing(session, templates.current(session, template_id))
    return [
        f"“{template.name}” needs {variables.label(name).replace('_', ' ')}, which "
        f"{people(number)} {'has' if number == 1 else 'have'} not: it is not sent to them."
        for name, number in missing.items()
    ]
