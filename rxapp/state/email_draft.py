"""What an email says while it is being written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from rxapp.db.engine import reading
from rxapp.db.models import TemplateKind, TemplateVersion
from rxapp.domain import preview as looks
from rxapp.domain import templates
from rxapp.domain.compose import Source

# The form that it is written in, as the page calls it.
FORM = "email-form"
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
class Shown:
    """A draft as a partner gets it."""

    subject: str = ""
    html: str = ""


def preview(draft: Draft, who: str = "") -> Shown:
    """The draft as `who` gets it, for where it is looked at and not written."""
    source = Source(draft.subject, draft.preheader, draft.body)
    with reading() as session:
        look = looks.look(session, source, TemplateKind(draft.kind), who)
    return Shown(look.subject, look.html)


def draft_of(name: str, version: TemplateVersion) -> Draft:
    """A saved version as the form holds it."""
    said = (version.subject, version.preheader, version.body, version.document or "")
    return Draft(name, version.kind, *said)


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
