"""Rendering: one function makes the email of a partner, for preview, test and dispatch alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol

from jinja2 import Template

from rxapp.domain.email.allowlist import NOT_TEXT
from rxapp.domain.email.filters import Empty
from rxapp.domain.email.language import compile_source
from rxapp.errors import InvalidTemplate

# Composed emails kept ready to run: those being sent, and some that are being edited.
KEPT = 200
_NOT_ONE_LINE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")


class Parts(Protocol):
    """The three composed sources of an email: a saved version, or one being edited."""

    @property
    def subject(self) -> str:
        """Jinja2, as plain text."""
        ...

    @property
    def html(self) -> str:
        """Jinja2, as HTML."""
        ...

    @property
    def text(self) -> str:
        """Jinja2, as plain text."""
        ...


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
class _Read:
    """A variable an email reads: where it is looked up, and the name it runs by."""

    root: str
    name: str
    running: str
    empty: Empty


@dataclass(frozen=True, slots=True)
class _Ready:
    """An email ready to run."""

    subject: list[Template]
    html: list[Template]
    text: list[Template]
    reads: list[_Read]


def render(parts: Parts, context: Context) -> Rendered:
    """The email of `parts` for `context`: the same input gives the same bytes.

    Raises MissingVariable when something printed has neither a value nor a fallback, and
    InvalidTemplate for sources that `compose` did not make.
    """
    ready = _ready(parts.subject, parts.html, parts.text)
    roots: dict[str, Mapping[str, Any]] = {
        "partner": context.partner,
        "program": context.program,
        "tag": {"name": context.tag},
        "unsubscribe_url": {"": context.unsubscribe_url},
    }
    values = {
        read.running: _value(roots[read.root].get(read.name), read.empty) for read in ready.reads
    }
    return Rendered(
        subject=one_line(_run(ready.subject, values)),
        html=_run(ready.html, values),
        text=_run(ready.text, values).replace(" \n", "\n").strip() + "\n",
    )


def one_line(text: str) -> str:
    """Fit for a header: a line break would let data write headers of its own."""
    return _NOT_ONE_LINE.sub(" ", text).strip()


def _run(pieces: list[Template], values: dict[str, Any]) -> str:
    # `Template.render` copies the values and the environment's globals each time; there are none
    # to copy, and sharing them makes an email three times as fast.
    context = pieces[0].new_context(values, shared=True)
    return "".join(chain.from_iterable(piece.root_render_func(context) for piece in pieces))


def _value(found: Any, empty: Empty) -> Any:
    if found is None:
        return empty
    if not isinstance(found, str):
        return found
    # `str.strip` also takes off what a subclass may promise, such as being safe HTML.
    text = str.strip(found)
    if not text.isprintable():
        text = NOT_TEXT.sub("", text).strip()
    return text or empty


@lru_cache(maxsize=KEPT)
def _ready(subject: str, html: str, text: str) -> _Ready:
    try:
        parts = [compile_source(subject, html=False), compile_source(html, html=True)]
        parts.append(compile_source(text, html=False))
    except ValueError as error:
        raise InvalidTemplate("This email cannot be read. Save it again.") from error
    names = {variable: running for _, read in parts for variable, running in read.items()}
    reads = []
    for variable, running in names.items():
        root, _, name = variable.partition(".")
        reads.append(_Read(root, name, running, Empty(variable)))
    return _Ready(parts[0][0], parts[1][0], parts[2][0], reads)
