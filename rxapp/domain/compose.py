"""Composing: what is done once, when an email is saved, so that sending is only filling in.

The email as written is checked, put into the layout (unless it is a whole document), given its
footer and preheader, its CSS inlined, and its plain text made. The results are Jinja2 again, of
the same small kind, and are what `render` fills in for each partner.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from rxapp.config import ROOT
from rxapp.db.models import TemplateKind
from rxapp.domain import variables
from rxapp.domain.email import advice, htmlcheck, language
from rxapp.domain.email.finish import finish, lift, separate_braces
from rxapp.domain.email.markup import scan
from rxapp.domain.email.problems import Part, Problem
from rxapp.domain.email.tokens import Tokens
from rxapp.errors import InvalidTemplate

MAX_CHARACTERS: dict[Part, int] = {"subject": 500, "preheader": 500, "body": 256_000}
SUBJECT_SHOWN = 70
# Gmail cuts longer emails off (https://support.google.com/mail/thread/6187016).
CLIPPED_BYTES = 102_000
_UNSUBSCRIBE = re.compile(r"<!-- unsubscribe -->.*?<!-- /unsubscribe -->\s*", re.DOTALL)
_PREHEADER = re.compile(r"<div[^>]*>\{\{ preheader \}\}</div>")
_FOOTER = re.compile(r"<!-- footer -->(.*?)<!-- /footer -->", re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")
_MARK = re.compile(r"\s*<!-- /?(?:footer|unsubscribe) -->")


@dataclass(frozen=True, slots=True)
class Source:
    """An email as a person writes it: Jinja2 in all three."""

    subject: str
    preheader: str
    body: str


@dataclass(frozen=True, slots=True)
class Used:
    """A variable the email reads; without a fallback, an empty one keeps it from being sent."""

    name: str
    has_fallback: bool
    # The fallback's words, where it has some.
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """An email ready to be filled in for a partner, and what is worth knowing of it."""

    subject: str
    html: str
    text: str
    variables: list[Used]
    warnings: list[Problem]


def compose(source: Source, *, kind: TemplateKind, known_fields: Collection[str]) -> Composed:
    """Check an email and make it ready. Raises InvalidTemplate with every error found."""
    composed, problems = draft(source, kind=kind, known_fields=known_fields)
    if composed is None:
        errors = [problem for problem in problems if problem.severity == "error"]
        raise InvalidTemplate(
            errors[0].message, errors[0].part, problems=[error.as_dict() for error in errors]
        )
    return composed


def check(source: Source, *, kind: TemplateKind, known_fields: Collection[str]) -> list[Problem]:
    """Everything wrong or worth knowing, errors first; for the editor, while it is written."""
    return draft(source, kind=kind, known_fields=known_fields)[1]


def draft(
    source: Source, *, kind: TemplateKind, known_fields: Collection[str], with_text: bool = True
) -> tuple[Composed | None, list[Problem]]:
    """The email made ready, None if it has errors; and everything wrong or worth knowing.

    The plain text takes a third of the time; a preview that does not show it is made without.
    """
    errors, uses, fallbacks = _read(source, variables.catalogue(known_fields))
    if errors:
        return None, errors
    lifted, tokens = lift(source.body)
    found = htmlcheck.inspect(lifted, tokens)
    warnings = [Problem(text, "body", line, "warning") for line, text in found.warnings]
    if found.errors:
        return None, [Problem(text, "body", line) for line, text in found.errors] + warnings
    try:
        html, text = finish(_document(source, kind, found), with_text=with_text)
    except ValueError:
        return None, [Problem(htmlcheck.TOO_MUCH_STYLE, "body"), *warnings]
    warnings = _warnings(source, html) + warnings + _notes(source, kind, found)
    used = [Used(name, safe, fallbacks.get(name, "")) for name, safe in sorted(uses.items())]
    return Composed(" ".join(source.subject.split()), html, text, used, warnings), warnings


def _read(
    source: Source, known: Collection[str]
) -> tuple[list[Problem], dict[str, bool], dict[str, str]]:
    """What is wrong with the Jinja2 of each part, the variables it reads, and their fallbacks."""
    uses: dict[str, bool] = {}
    fallbacks: dict[str, str] = {}
    errors: list[Problem] = []
    parts: list[tuple[Part, str]] = [
        ("subject", source.subject),
        ("preheader", source.preheader),
        ("body", source.body),
    ]
    for part, text in parts:
        if problem := _unfit(part, text):
            errors.append(Problem(problem, part))
            continue
        found = language.analyse(separate_braces(text), known)
        errors += [Problem(sentence, part, line) for line, sentence in found.errors]
        for name, has_fallback in found.uses.items():
            uses[name] = uses.get(name, True) and has_fallback
        fallbacks |= found.fallbacks
    return errors, uses, fallbacks


def _unfit(part: Part, text: str) -> str | None:
    if len(text) > MAX_CHARACTERS[part]:
        return f"The {part} has {len(text):,} characters; {MAX_CHARACTERS[part]:,} are possible."
    if part == "subject" and not text.strip():
        return "An email needs a subject."
    # Half of a character that takes two in UTF-16: no mail program could be sent it.
    if _HALF.search(text):
        return f"The {part} holds a broken character. Type it again instead of pasting it."
    return None


def _warnings(source: Source, html: str) -> list[Problem]:
    found: list[Problem] = []
    if len(source.subject) > SUBJECT_SHOWN:
        sentence = f"Inboxes show about {SUBJECT_SHOWN} characters of a subject."
        found.append(Problem(sentence, "subject", severity="warning"))
    if not source.body.strip():
        found.append(Problem("The email is empty.", "body", severity="warning"))
    if len(html.encode()) > CLIPPED_BYTES:
        size = f"{len(html.encode()) // 1000} kB"
        sentence = f"With {size} the email is longer than Gmail shows; its end is cut off there."
        found.append(Problem(sentence, "body", severity="warning"))
    return found


def _notes(source: Source, kind: TemplateKind, found: htmlcheck.Findings) -> list[Problem]:
    """What is only worth knowing."""
    notes = [
        Problem(text, "subject", severity="note") for text in advice.on_subject(source.subject)
    ]
    if kind == TemplateKind.MARKETING and found.is_document and not found.offers_unsubscribe:
        sentence = "There is no unsubscribe link in it: one is added at the end, with your address."
        notes.append(Problem(sentence, "body", severity="note"))
    return notes


def _document(source: Source, kind: TemplateKind, found: htmlcheck.Findings) -> str:
    """The whole document, still with its tags: the layout's or its own, footer, preheader."""
    layout = _layout()
    if kind == TemplateKind.TRANSACTIONAL:
        layout = _UNSUBSCRIBE.sub("", layout)
    preheader = _escaped(" ".join(source.preheader.split()))
    if not preheader:
        layout = _PREHEADER.sub("", layout)
    if not found.is_document:
        head, tail = layout.split("{{ content }}")
        return _MARK.sub("", head.replace("{{ preheader }}", preheader)) + (
            source.body + _MARK.sub("", tail)
        )
    hidden = _PREHEADER.search(layout)
    footer = _FOOTER.search(layout)
    document = source.body
    if footer and kind == TemplateKind.MARKETING and not found.offers_unsubscribe:
        row = _MARK.sub("", footer[1])
        own = f'<table role="presentation" width="100%"><tbody>{row}</tbody></table>'
        document = _inserted(document, own, before_end=True)
    if hidden:
        shown = hidden[0].replace("{{ preheader }}", preheader)
        document = _inserted(document, shown, before_end=False)
    return document


def _inserted(document: str, added: str, *, before_end: bool) -> str:
    """The document with something at the beginning or end of its body."""
    tokens = Tokens(document)
    lifted = tokens.lift(separate_braces(document))
    position = len(lifted) if before_end else 0
    for piece in scan(lifted):
        if before_end and piece.kind == "close" and piece.name == "body":
            position = piece.start
        elif not before_end and (piece.kind, piece.name) in (
            ("open", "html"),
            ("close", "head"),
            ("open", "body"),
        ):
            position = piece.end
    # Put back as they were: these are still the author's words.
    return tokens.restore(lifted[:position]) + added + tokens.restore(lifted[position:])


def _escaped(source: str) -> str:
    """Text as HTML, its Jinja2 tags left as they are."""
    tokens = Tokens(source)
    return tokens.restore(tokens.lift(source).replace("&", "&amp;").replace("<", "&lt;"))


@lru_cache
def _layout() -> str:
    return (ROOT / "email_templates" / "layout.html").read_text(encoding="utf-8")
