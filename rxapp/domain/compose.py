"""Composing: what is done once, when an email is saved, so that sending is only filling in.

The email as written is checked, put into the layout (unless it is a whole document), given its
footer and preheader, its CSS inlined, and its plain text made. The results are Jinja2 again, of
the same small kind, and are what `render` fills in for each partner.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import css_inline

from rxapp.config import ROOT
from rxapp.db.models import TemplateKind
from rxapp.domain import variables
from rxapp.domain.email import language
from rxapp.domain.email.markup import VOID, Piece, scan
from rxapp.domain.email.nesting import Nesting
from rxapp.domain.email.plaintext import plain_text
from rxapp.domain.email.problems import Part, Problem
from rxapp.domain.email.tokens import Tokens
from rxapp.errors import InvalidTemplate

MAX_CHARACTERS = {"subject": 500, "preheader": 500, "body": 500_000}
# The library that inlines CSS works recursively; far deeper documents would end the process.
MAX_DEPTH = 150
# Mail programs drop these, or warn of the mail that has them.
REFUSED = frozenset("script iframe object embed base form input textarea".split())  # noqa: SIM905
SUBJECT_SHOWN = 70
_LINKS = frozenset(("href", "src", "action", "background"))
_UNSUBSCRIBE = re.compile(r"<!-- unsubscribe -->.*?<!-- /unsubscribe -->\s*", re.DOTALL)
_FOOTER = re.compile(r"<!-- footer -->(.*?)<!-- /footer -->", re.DOTALL)
_MARK = re.compile(r"\s*<!-- /?(?:footer|unsubscribe) -->")
_INLINER = css_inline.CSSInliner(
    keep_style_tags=True, keep_link_tags=True, load_remote_stylesheets=False
)


@dataclass(frozen=True, slots=True)
class Source:
    """An email as a person writes it: Jinja2 in all three."""

    subject: str
    preheader: str
    body: str


@dataclass(frozen=True, slots=True)
class Used:
    """A variable the email prints; without a fallback, an empty one keeps it from being sent."""

    name: str
    has_fallback: bool


@dataclass(frozen=True, slots=True)
class Composed:
    """An email ready to be filled in for a partner."""

    subject: str
    html: str
    text: str
    variables: list[Used]


def compose(source: Source, *, kind: TemplateKind, known_fields: Collection[str]) -> Composed:
    """Check an email and make it ready. Raises InvalidTemplate with every error found."""
    uses, problems = _analyse(source, known_fields)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise InvalidTemplate(
            errors[0].message, errors[0].part, problems=[error.as_dict() for error in errors]
        )
    document = _document(source, kind)
    tokens = Tokens(document)
    lifted = tokens.lift(document)
    return Composed(
        subject=" ".join(source.subject.split()),
        html=_finish(_INLINER.inline(_shelter(lifted, tokens)), tokens),
        text=tokens.restore(plain_text(lifted)),
        variables=[Used(name, fallback) for name, fallback in sorted(uses.items())],
    )


def check(source: Source, *, kind: TemplateKind, known_fields: Collection[str]) -> list[Problem]:
    """Everything wrong or worth knowing, errors first; for the editor, while it is written."""
    _, problems = _analyse(source, known_fields)
    if not any(problem.severity == "error" for problem in problems):
        problems += _warnings(source, kind)
    return problems


def _analyse(
    source: Source, known_fields: Collection[str]
) -> tuple[dict[str, bool], list[Problem]]:
    known = variables.catalogue(known_fields)
    uses: dict[str, bool] = {}
    problems: list[Problem] = []
    parts: list[tuple[Part, str]] = [
        ("subject", source.subject),
        ("preheader", source.preheader),
        ("body", source.body),
    ]
    for part, text in parts:
        if len(text) > MAX_CHARACTERS[part]:
            problems.append(Problem(f"The {part} is too long to be sent.", part))
            continue
        found = language.analyse(text, known)
        problems += [Problem(sentence, part, line) for line, sentence in found.errors]
        for name, fallback in found.uses.items():
            uses[name] = uses.get(name, True) and fallback
    if not source.subject.strip():
        problems.append(Problem("An email needs a subject.", "subject"))
    if not problems:
        problems += _html_problems(source.body)
    return uses, problems


def _html_problems(body: str) -> list[Problem]:
    nesting = Nesting()
    for piece in scan(body):
        line = body.count("\n", 0, piece.start) + 1
        if piece.kind == "broken":
            return [Problem(f"The tag <{piece.name} is not closed by a “>”.", "body", line)]
        if piece.kind == "open" and piece.name in REFUSED:
            sentence = f"<{piece.name}> does not work in emails. Remove it."
            return [Problem(sentence, "body", line)]
        if handler := next((a.name for a in piece.attributes if a.name.startswith("on")), ""):
            return [Problem(f"“{handler}” does not work in emails. Remove it.", "body", line)]
        if piece.kind in ("open", "close") and piece.name not in VOID:
            nesting.see(piece)
        if nesting.depth > MAX_DEPTH:
            return [Problem("The HTML is nested too deeply.", "body", line)]
    return []


def _warnings(source: Source, kind: TemplateKind) -> list[Problem]:
    found: list[Problem] = []
    if len(source.subject) > SUBJECT_SHOWN:
        sentence = f"Inboxes show about {SUBJECT_SHOWN} characters of a subject."
        found.append(Problem(sentence, "subject", severity="warning"))
    if not source.body.strip():
        found.append(Problem("The email is empty.", "body", severity="warning"))
    if _is_document(source.body) and kind == TemplateKind.MARKETING and not _unsubscribes(source):
        sentence = "There is no unsubscribe link; one is added at the end."
        found.append(Problem(sentence, "body", severity="warning"))
    for piece in scan(source.body):
        line = source.body.count("\n", 0, piece.start) + 1
        if piece.kind == "open" and piece.name == "img" and piece.get("alt") is None:
            sentence = "An image has no description (alt) for those who do not see it."
            found.append(Problem(sentence, "body", line, "warning"))
        if piece.kind == "open" and piece.name == "a" and not (piece.get("href") or "").strip("# "):
            found.append(Problem("A link leads nowhere.", "body", line, "warning"))
    return found


def _document(source: Source, kind: TemplateKind) -> str:
    """The whole document, still with its tags: layout or own, footer, preheader."""
    layout = _layout()
    if kind == TemplateKind.TRANSACTIONAL:
        layout = _UNSUBSCRIBE.sub("", layout)
    if not _is_document(source.body):
        preheader = _escape_text(source.preheader)
        made = layout.replace("{{ preheader }}", preheader).replace("{{ content }}", source.body)
        return _MARK.sub("", made)
    document = source.body
    if source.preheader.strip():
        hidden = f'<div style="display:none;max-height:0">{_escape_text(source.preheader)}</div>'
        document = re.sub(r"(<body\b[^>]*>)", lambda m: m[1] + hidden, document, count=1)
    if kind == TemplateKind.MARKETING and not _unsubscribes(source):
        document = _with_footer(document, layout)
    return document


def _with_footer(document: str, layout: str) -> str:
    footer = _FOOTER.search(layout)
    rows = _MARK.sub("", footer[1]) if footer else ""
    added = f'<table width="100%" role="presentation"><tbody>{rows}</tbody></table>'
    end = document.lower().rfind("</body>")
    return document + added if end < 0 else document[:end] + added + document[end:]


def _shelter(lifted: str, tokens: Tokens) -> str:
    """Conditions put into comments: those may stand anywhere, also between the rows of a table.

    Text there would be moved in front of the table by every HTML parser.
    """

    def wrap(found: re.Match[str]) -> str:
        return f"<!--{found[0]}-->" if tokens.keyword(found[1]) else found[0]

    return "".join(
        tokens.pattern.sub(wrap, lifted[piece.start : piece.end])
        if piece.kind == "text"
        else lifted[piece.start : piece.end]
        for piece in scan(lifted)
    )


def _finish(inlined: str, tokens: Tokens) -> str:
    """Put the tags back, each made safe for the place it stands in."""
    finished: list[str] = []
    for piece in scan(inlined):
        text = inlined[piece.start : piece.end]
        if piece.kind == "raw" and piece.name == "style":
            finished.append(tokens.restore(text, "_css"))
        elif piece.kind == "comment" and tokens.pattern.fullmatch(text[4:-3]):
            finished.append(tokens.restore(text[4:-3]))
        elif piece.kind == "open":
            finished.append(_finish_tag(inlined, piece, tokens))
        else:
            finished.append(tokens.restore(text))
    return "".join(finished)


def _finish_tag(source: str, piece: Piece, tokens: Tokens) -> str:
    finished, position = "", piece.start
    for attribute in piece.attributes:
        if attribute.value is None:
            continue
        finished += tokens.restore(source[position : attribute.start])
        if attribute.name in _LINKS:
            finished += tokens.restore_link(attribute.value)
        else:
            finished += tokens.restore(attribute.value, "_css" if attribute.name == "style" else "")
        position = attribute.end
    return finished + tokens.restore(source[position : piece.end])


def _is_document(body: str) -> bool:
    return re.search(r"<html[\s>]", body, re.IGNORECASE) is not None


def _unsubscribes(source: Source) -> bool:
    return variables.UNSUBSCRIBE_URL in source.body


def _escape_text(source: str) -> str:
    """Text as HTML, its Jinja2 tags left as they are."""
    tokens = Tokens(source)
    lifted = tokens.lift(source)
    return tokens.restore(lifted.replace("&", "&amp;").replace("<", "&lt;"))


@lru_cache
def _layout() -> str:
    return (ROOT / "email_templates" / "layout.html").read_text(encoding="utf-8")
