"""What the email editor reads when an email is opened, and writes when it is saved."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rxapp.db import partners as partner_reads
from rxapp.db import templates as sql
from rxapp.db.engine import reading, writing
from rxapp.db.models import TemplateKind
from rxapp.domain import starters, templates, variables
from rxapp.domain.templates import TemplateChanges
from rxapp.state import once, partner_options
from rxapp.state.email_draft import BLANK, Draft, draft_of
from rxapp.state.options import Option


@dataclass(frozen=True)
class Opened:
    """What opening an email reads."""

    facts: tuple[int, int, bool, list[Option]]
    saved: Draft
    draft: Draft
    insertable: list[dict[str, Any]]
    partners: list[Option]


def opened(number: int, starter: str) -> Opened:
    """An email by its id, or with 0 a new one from a starter; raises NotFound."""
    with reading() as session:
        insertable = _insertable(partner_reads.known_fields(session))
        partners = partner_options.offered(session, "")
        if not number:
            draft = _from_starter(starter)
            return Opened((0, 0, False, []), Draft(), draft, insertable, partners)
        template = templates.find(session, number)
        said = templates.current(session, number)
        users = [Option(str(one.id), one.name) for one in sql.automations(session, number)]
        saved = draft_of(template.name, said)
        facts = (number, template.version, template.archived_at is not None, users)
        return Opened(facts, saved, saved, insertable, partners)


def _from_starter(slug: str) -> Draft:
    """The draft of a new email: a starter's, or an empty one."""
    for one in starters.starters():
        if one.slug == slug:
            return Draft(one.name, one.kind, one.subject, one.preheader, one.body)
    return Draft(document=BLANK)


def _insertable(known_fields: list[str]) -> list[dict[str, Any]]:
    """The variables by what they belong to, as the menu shows them."""
    groups: dict[str, list[dict[str, str]]] = {}
    titles = {"partner": "Partner", "program": "Program", "tag": "Tag"}
    for name, meaning in variables.catalogue(known_fields).items():
        title = titles.get(name.partition(".")[0], "Links")
        groups.setdefault(title, []).append({"text": f"{{{{ {name} }}}}", "label": meaning})
    return [{"label": title, "items": items} for title, items in groups.items()]


def standing(page: str, number: int, version: int) -> tuple[int, int, Draft]:
    """Where an open page stands: its email, the version it goes on from, and what that says."""
    with reading() as session:
        number, version = once.latest(session, page, number, version)
        said = sql.version(session, number, version) if number else None
        if said is None:
            return number, version, Draft()
        return number, version, draft_of(templates.find(session, number).name, said)


def save(page: str, number: int, version: int, draft: Draft, author: str) -> tuple[int, int]:
    """Save it as an email of its own or a new version; returns its id and its version."""
    said: dict[str, Any] = asdict(draft) | {"kind": TemplateKind(draft.kind)}
    with writing() as session:
        before = once.latest(session, page, number, version)
        if before[0]:
            changes = TemplateChanges(**said, based_on=before[1])
            template = templates.save(session, before[0], changes, author)
        else:
            template = templates.create(session, **said, author=author)
        after = (template.id, template.version)
        once.note(session, page, before, after)
        return after
