"""What the automation builder offers to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field

from rxapp.db import tags as tag_reads
from rxapp.db import templates as template_reads
from rxapp.db.automations import AutomationView
from rxapp.db.engine import reading
from rxapp.domain import starters
from rxapp.state.foreseen import people
from rxapp.state.options import Option


@dataclass
class Choices:
    """What there is to choose from."""

    tags: list[Option] = field(default_factory=list)
    emails: list[Option] = field(default_factory=list)
    starters: list[Option] = field(default_factory=list)


def choices(view: AutomationView | None) -> Choices:
    """What is in use, and what the automation names already even if it was archived since."""
    steps = view.actions if view else []
    named_tags = [step.tag_id for step in steps] + [view.tag_id if view else None]
    named_emails = {step.template_id for step in steps}
    with reading() as session:
        emails = [
            Option(str(row.id), row.name, row.subject)
            for row in template_reads.page(session, archived=None)
            if row.archived_at is None or row.id in named_emails
        ]
    offered = [Option(one.slug, one.name) for one in starters.starters()]
    return Choices(tags([one for one in named_tags if one]), emails, offered)


def tags(named: list[int]) -> list[Option]:
    """The tags in use, and those named already."""
    with reading() as session:
        rows = tag_reads.page(session, archived=None)
    return [
        Option(str(row.id), row.name, people(row.partners), row.color)
        for row in rows
        if row.archived_at is None or row.id in named
    ]
