"""Sample data: a small program to look around in, made up from beginning to end.

Nobody is emailed by loading it, and loading it again adds nothing.
"""

import random
from dataclasses import dataclass

from sqlmodel import Session

from rxapp.db import imports as sql
from rxapp.db import partners as partner_reads
from rxapp.db import settings as stored_settings
from rxapp.db import tags as tag_reads
from rxapp.db import templates as template_reads
from rxapp.db.models import ActionKind, Source, Tag, Template
from rxapp.db.partners import PartnerFilter
from rxapp.domain import (
    automations,
    demo_people,
    settings,
    tag_catalog,
    tags,
    templates,
)
from rxapp.domain.automation_steps import ActionInput
from rxapp.domain.automations import AutomationInput
from rxapp.domain.starters import Starter, starters
from rxapp.domain.text import name_key

ACTOR = "sample data"
PROGRAM = {
    "name": "Larkspur Partners",
    "address": "Larkspur Ltd\n12 Harbour Street\nSampletown",
    "website": "https://partners.larkspur.example",
}
# Tags beside those of the starter emails: color, and how many of a hundred partners have it.
TAGS = {"affiliate": ("blue", 55), "reseller": ("green", 25), "newsletter": ("gray", 40)}
# The colors of the starter emails' tags, and how many of a hundred partners have each.
STARTER_COLORS = ("amber", "violet", "orange", "teal", "crimson")
STARTER_SHARE = 4


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was new. `switched_on` is false when partners of the program's own forbid it."""

    partners: int
    emails: int
    automations: int
    switched_on: bool


def load(session: Session) -> Loaded:
    """Load the sample data into the program.

    In a program that has partners of its own, the automations are made switched off: those must
    not be emailed because somebody looked around.
    """
    before = partner_reads.count(session, PartnerFilter())
    alone = before == len(_ids(session))
    if not stored_settings.stored(session):
        settings.update(session, PROGRAM, ACTOR)
    sql.add_partners(session, demo_people.people())
    emails, made = 0, 0
    for number, starter in enumerate(starters()):
        found = template_reads.by_key(session, name_key(starter.name))
        template = found or _write(session, starter)
        emails += found is None
        tag = _tag(session, starter.tag, STARTER_COLORS[number % len(STARTER_COLORS)])
        made += _automate(session, template, tag, enabled=alone)
        _give(session, tag, STARTER_SHARE)
    for name, (color, share) in TAGS.items():
        _give(session, _tag(session, name, color), share)
    after = partner_reads.count(session, PartnerFilter())
    return Loaded(after - before, emails, made, switched_on=alone)


def _write(session: Session, starter: Starter) -> Template:
    return templates.create(
        session,
        name=starter.name,
        kind=starter.kind,
        subject=starter.subject,
        preheader=starter.preheader,
        body=starter.body,
        author=ACTOR,
    )


def _tag(session: Session, name: str, color: str) -> Tag:
    found = tag_reads.by_key(session, name_key(name))
    return found or tag_catalog.create(session, name, color=color, actor=ACTOR)


def _automate(session: Session, template: Template, tag: Tag, *, enabled: bool) -> bool:
    """Send the email when the tag is assigned, unless something sends it; true when that is new."""
    if tag.archived_at or template.archived_at or template_reads.automations(session, template.id):
        return False
    step = ActionInput(kind=ActionKind.SEND_EMAIL, template_id=template.id)
    data = AutomationInput(name=template.name, tag_id=tag.id, actions=[step], enabled=enabled)
    automations.create(session, data, ACTOR)
    return True


def _give(session: Session, tag: Tag, share: int) -> None:
    """Some partners have the tag from the beginning, and are not emailed for it."""
    if tag.archived_at or tag_reads.holders(session, tag.id):
        return
    dice = random.Random(tag.name_key)  # noqa: S311 (the same sample every time)
    chosen = [one for one in _ids(session) if dice.randrange(100) < share]
    tags.assign_tags(
        session, tag.id, chosen, source=Source.IMPORT, actor=ACTOR, run_automations=False
    )


def _ids(session: Session) -> list[int]:
    return sorted(partner_reads.ids_by_key(session, demo_people.keys()).values())
