"""Rendering: one function makes the email of a partner, for preview, test and dispatch alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from jinja2 import Template

from rxapp.domain.email.filters import Empty
from rxapp.domain.email.language import compile_source
from rxapp.errors import InvalidTemplate

# Composed sources kept ready to run; three for each version that is being sent or edited.
KEPT = 600
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_NOT_ONE_LINE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


class Parts(Protocol):
    """The three composed sources of an email: a saved version, or one being edited."""

    @property
    def subject(self) -> str:
        """Jinja2, filled in as text."""

    @property
    def html(self) -> str:
        """Jinja2, filled in with values escaped."""

    @property
    def text(self) -> str:
        """Jinja2, filled in as text."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an email can read. Values that are missing, None or blank count as empty."""

    partner: Mapping[str, Any]
    tag: str
    program: Mapping[str, Any]
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """An email for one partner. The subject has no line breaks or control characters."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class _Ready:
    """A source ready to run: the template, and where each of its variables is looked up."""

    template: Template
    reads: list[tuple[str, str, str, str]]


def render(parts: Parts, context: Context) -> Rendered:
    """The email of `parts` for `context`: the same input gives the same bytes.

    Raises MissingVariable when something printed has neither a value nor a fallback, and
    InvalidTemplate for sources that `compose` did not make.
    """
    subject = _run(parts.subject, context, html=False)
    return Rendered(
        # A line break in a header would let data write headers of its own.
        subject=_NOT_ONE_LINE.sub(" ", subject).strip(),
        html=_run(parts.html, context, html=True),
        # Parts that are not shown for this partner leave their empty lines behind.
        text=_EMPTY_LINES.sub("\n\n", _run(parts.text, context, html=False)),
    )


def _run(source: str, context: Context, *, html: bool) -> str:
    ready = _ready(source, html=html)
    values = {
        running: _value(context, root, name) or Empty(variable)
        for running, variable, root, name in ready.reads
    }
    return ready.template.render(values)


def _value(context: Context, root: str, name: str) -> str:
    if root == "partner":
        found = context.partner.get(name)
    elif root == "program":
        found = context.program.get(name)
    else:
        found = context.tag if root == "tag" else context.unsubscribe_url
    return "" if found is None else str(found).strip()


@lru_cache(maxsize=KEPT)
def _ready(source: str, *, html: bool) -> _Ready:
    try:
        template, names = compile_source(source, html=html)
    except ValueError as error:
        raise InvalidTemplate("This email cannot be read. Save it again.") from error
    reads = []
    for variable, running in names.items():
        root, _, name = variable.partition(".")
        reads.append((running, variable, root, name))
    return _Ready(template, reads)
