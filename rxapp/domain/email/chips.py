"""Variables inside a line of text, as the editors' chips hold them: `Dear {{ tag.name }}`.

What is a complete tag of the template language is a variable; any other brace is a character.
"""

import html
import re
from collections.abc import Iterator
from typing import Literal

from jinja2 import TemplateSyntaxError

from rxapp.domain.email import language

_OUTPUT = re.compile(r"\{\{[^{}\n]*\}\}")
_BRACE = "&#123;"


def pieces(line: str) -> Iterator[tuple[Literal["text", "tag"], str]]:
    """A line in order as text and the tags that print a value."""
    position = 0
    for found in _OUTPUT.finditer(line):
        if is_whole(found[0]):
            if found.start() > position:
                yield "text", line[position : found.start()]
            yield "tag", found[0]
            position = found.end()
    if position < len(line):
        yield "text", line[position:]


def is_whole(tag: str) -> bool:
    """Whether a source can be read by itself: a value, or a condition with its end."""
    try:
        kinds = [kind for kind, _ in language.regions(tag)]
        language.parsed(tag)
    except (TemplateSyntaxError, RecursionError):
        return False
    return bool(kinds) and kinds[0] != "text" and kinds[-1] != "text"


def source(tag: str) -> str:
    """A chip's source as it stands in HTML; what cannot be read comes out as the text it is."""
    if not is_whole(tag):
        return html.escape(tag, quote=False).replace("{", _BRACE)
    return "".join(
        html.escape(part, quote=False) if kind == "text" else part
        for kind, part in language.regions(tag)
    )


def markup(line: str) -> str:
    """A line as the value of an HTML attribute, its tags kept."""
    return "".join(
        part if kind == "tag" else html.escape(part).replace("{", _BRACE)
        for kind, part in pieces(line)
    )
