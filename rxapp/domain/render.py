"""Rendering: one function for preview, test and dispatch."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from jinja2 import Undefined

from rxapp.domain.email.language import compile_source
from rxapp.errors import MissingVariable


class Parts(Protocol):
    """The three composed sources of an email."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """What an email can read."""

    partner: Mapping[str, Any]
    tag: str
    program: Mapping[str, Any]
    unsubscribe_url: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """An email for one partner."""

    subject: str
    html: str
    text: str


@lru_cache(500)
def _compiled(source: str, html: bool) -> Any:
    return compile_source(source, html=html)


def render(parts: Parts, context: Context) -> Rendered:
    """Render."""
    return Rendered(
        " ".join(_one(parts.subject, False, context).split()),
        _one(parts.html, True, context),
        _one(parts.text, False, context),
    )


def _one(source: str, html: bool, context: Context) -> str:
    template, names = _compiled(source, html)
    values = {}
    for variable, running in names.items():
        root, _, rest = variable.partition(".")
        found = {
            "partner": context.partner,
            "program": context.program,
            "tag": {"name": context.tag},
        }
        value = context.unsubscribe_url if root == "unsubscribe_url" else found[root].get(rest)
        if not value and "default" not in source:
            raise MissingVariable(variable.removeprefix("partner."))
        values[running] = value or ""
    return str(template.render(values))
