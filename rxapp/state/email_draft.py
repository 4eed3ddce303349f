"""What an email says while it is being written, and how it looks to one partner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlmodel import Session

from rxapp.db import partners as partner_reads
from rxapp.db import templates as sql
from rxapp.db.engine import reading
from rxapp.db.models import PartnerStatus, TemplateKind, TemplateVersion
from rxapp.db.partners import PartnerFilter
from rxapp.domain import templates, variables
from rxapp.domain.compose import Source, check
from rxapp.domain.email.problems import Problem
from rxapp.domain.text import as_id
from rxapp.errors import MissingVariable

KINDS = frozenset(TemplateKind)
FIELDS = ("name", "kind", "subject", "preheader", "body", "document")
# What the visual editor begins with.
BLANK = '{"doc":{"type":"doc","content":[{"type":"paragraph"}]},"theme":{}}'


@dataclass(frozen=True)
class Draft:
    """What the form holds."""

    name: str = ""
    kind: str = TemplateKind.MARKETING
    subject: str = ""
    preheader: str = ""
    body: str = ""
    # What the visual editor holds, and the body is made of; empty for an email written as HTML.
    document: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Draft:
        """The form's fields; browsers end lines with two characters."""
        found = {name: form.get(name, "").replace("\r\n", "\n") for name in FIELDS}
        kind = found["kind"] if found["kind"] in KINDS else TemplateKind.MARKETING
        if found["document"]:
            found["body"] = templates.body_of(found["document"])
        return cls(**{**found, "kind": kind})


@dataclass
class ProblemLine:
    """One thing wrong, with the field it is in and its line there (0: all of it)."""

    field: str
    line: int
    message: str
    error: bool


@dataclass
class Shown:
    """The preview: what the partner would get, and what to know about it."""

    subject: str = ""
    preheader: str = ""
    html: str = ""
    text: str = ""
    # Why this partner would not get it.
    refused: str = ""
    problems: list[ProblemLine] = field(default_factory=list)
    # How many of the problems keep it from being saved, in words; empty for none.
    wrong: str = ""
    gaps: list[str] = field(default_factory=list)


def draft_of(name: str, version: TemplateVersion) -> Draft:
    """A saved version as the form holds it."""
    said = (version.subject, version.preheader, version.body, version.document or "")
    return Draft(name, version.kind, *said)


def preview(draft: Draft, partner: str) -> Shown:
    """Render the draft with the one renderer; what is wrong with it comes instead of an error."""
    with reading() as session:
        known = partner_reads.known_fields(session)
        source = Source(draft.subject, draft.preheader, draft.body)
        problems = check(source, kind=TemplateKind(draft.kind), known_fields=known)
        shown = Shown(problems=[_problem(one) for one in problems])
        if errors := sum(problem.error for problem in shown.problems):
            shown.wrong = "1 problem" if errors == 1 else f"{errors} problems"
            return shown
        version = version_of(session, draft)
        shown.gaps = _gaps(session, version)
        try:
            rendered = templates.preview(session, version, as_id(partner))
            shown.preheader = _inbox_line(session, draft, as_id(partner)) or rendered.text[:140]
        except MissingVariable as error:
            shown.refused = f"{error.sentence} It would not be sent to them."
            return shown
    shown.subject, shown.html, shown.text = rendered.subject, rendered.html, rendered.text
    return shown


def _inbox_line(session: Session, draft: Draft, partner_id: int | None) -> str:
    """The preheader as the partner reads it beside the subject."""
    if "{" not in draft.preheader:
        return draft.preheader.strip()
    alone = version_of(
        session, replace(draft, subject=draft.preheader, preheader="", body="", document="")
    )
    return templates.preview(session, alone, partner_id).subject


def version_of(session: Session, draft: Draft) -> TemplateVersion:
    """The draft as a version that is not saved; raises InvalidTemplate."""
    return templates.draft(
        session,
        kind=TemplateKind(draft.kind),
        subject=draft.subject,
        preheader=draft.preheader,
        body=draft.body,
        document=draft.document,
    )


def _problem(problem: Problem) -> ProblemLine:
    return ProblemLine(
        problem.part, problem.line or 0, problem.message, problem.severity == "error"
    )


def _gaps(session: Session, version: TemplateVersion) -> list[str]:
    """Whom the email reads differently for, or does not reach, because something is empty."""
    fallbacks = {one["name"]: one["has_fallback"] for one in version.variables}
    empty = {name: n for name, n in sql.count_empty(session, list(fallbacks)).items() if n}
    if not empty:
        return []
    active = partner_reads.count(session, PartnerFilter(status=PartnerStatus.ACTIVE))
    # Those who get no email at all come first.
    names = sorted(empty, key=lambda name: fallbacks[name])
    return [_gap(name, empty[name], active, fallbacks[name]) for name in names]


def _gap(name: str, number: int, active: int, has_fallback: bool) -> str:
    have = "has" if number == 1 else "have"
    what = "they read the fallback" if has_fallback else "the email is not sent to them"
    label = variables.label(name).replace("_", " ")
    return f"{number:,} of {active:,} partners {have} no {label}: {what}."
