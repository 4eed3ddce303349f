"""HTML cut into its pieces, with their places, so that an email can be changed in place.

This is the tokenizer of the HTML standard (https://html.spec.whatwg.org/multipage/parsing.html)
without its repairs: every character belongs to exactly one piece. It reads each character a fixed
number of times at most, so that no document can hang it; Python's own `html.parser` promises
neither places nor that.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase
from typing import Literal, NamedTuple

RAW = frozenset(("style", "script", "title", "textarea"))
VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)

# HTML knows only these letters as the same; Python's `lower` knows more.
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
# What HTML takes for a space; Python's `\s` takes more.
_S = r"[ \t\n\f\r]"
_OPENING = re.compile(r"<(/?)([a-zA-Z][^ \t\n\f\r/>]*)")
_ATTRIBUTE = (
    rf"""(?:{_S}|/)*+(?P<name>[^ \t\n\f\r/>=]++)"""
    rf"""(?:{_S}*+={_S}*+"""
    r"""(?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|"""
    r"""(?P<bare>[^ \t\n\f\r>"'][^ \t\n\f\r>]*+|(?=>))))?+"""
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TAG = re.compile(
    rf"<(/?)([a-zA-Z][^ \t\n\f\r/>]*+)(?:{re.sub('P<[a-z]+>', ':', _ATTRIBUTE)})*+(?:{_S}|/)*+>"
)
_COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)", re.DOTALL)


# Tags whose attributes are remembered: emails say the same again and again, and in a preview
# nearly all of what was said a moment ago.
KEPT = 10_000


class Attribute(NamedTuple):
    """One attribute; `start` and `end` are where in the tag its value stands, without quotes.

    `value` is None for one without a value (`<td nowrap>`).
    """

    name: str
    value: str | None
    start: int
    end: int


class Piece(NamedTuple):
    """One piece of HTML, `source[start:end]`.

    `open` and `close` are tags; `raw` is what stands in a `<style>`, `<script>`, `<title>` or
    `<textarea>`, named `name`; `comment` is any comment or declaration; `broken` is a tag that
    never ends, and with it all the rest.
    """

    kind: Literal["text", "open", "close", "comment", "raw", "broken"]
    start: int
    end: int
    name: str = ""
    # The tag as it stands there; empty for what is none.
    tag: str = ""

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes of a tag, in order."""
        return _attributes(self.tag)

    def get(self, name: str) -> str | None:
        """The first value of an attribute, its entities decoded; None when it is not there."""
        for attribute in self.attributes:
            if attribute.name == name:
                return html.unescape(attribute.value or "")
        return None


def scan(source: str) -> Iterator[Piece]:
    """The pieces of an HTML source in order, without gap or overlap."""
    position = 0
    while position < len(source):
        start = _next_markup(source, position)
        if start > position:
            yield Piece("text", position, start)
        if start == len(source):
            return
        piece = _markup(source, start)
        yield piece
        position = piece.end
        if piece.kind == "open" and piece.name in RAW:
            end = _raw_end(source, position, piece.name)
            if end > position:
                yield Piece("raw", position, end, piece.name)
            position = end


def _next_markup(source: str, position: int) -> int:
    """Where the next tag or comment begins; a `<` before anything else is text."""
    while (start := source.find("<", position)) != -1:
        following = source[start + 1 : start + 3]
        if following[:1] in ("!", "?", "/") and len(following) > 1:
            return start
        if following[:1].isascii() and following[:1].isalpha():
            return start
        position = start + 1
    return len(source)


def _markup(source: str, start: int) -> Piece:
    if source.startswith("<!--", start):
        found = _COMMENT.match(source, start)
        return Piece("comment", start, found.end() if found else len(source))
    if tag := _TAG.match(source, start):
        name = tag[2].translate(_LOWER)
        return Piece("close" if tag[1] else "open", start, tag.end(), name, tag[0])
    if opening := _OPENING.match(source, start):
        return Piece("broken", start, len(source), opening[2].translate(_LOWER))
    end = source.find(">", start)
    return Piece("comment", start, end + 1 if end != -1 else len(source))


@lru_cache(maxsize=KEPT)
def _attributes(tag: str) -> tuple[Attribute, ...]:
    found: list[Attribute] = []
    opening = _OPENING.match(tag)
    position = opening.end() if opening else len(tag)
    while one := _ATTRIBUTES.match(tag, position):
        found.append(_attribute(one))
        position = one.end()
    return tuple(found)


def _attribute(found: re.Match[str]) -> Attribute:
    for group in ("double", "single", "bare"):
        if found[group] is not None:
            return Attribute(found["name"].translate(_LOWER), found[group], *found.span(group))
    return Attribute(found["name"].translate(_LOWER), None, found.end(), found.end())


def _raw_end(source: str, position: int, name: str) -> int:
    found = re.compile(rf"</{name}(?:{_S}|[/>])", re.IGNORECASE | re.ASCII).search(source, position)
    return found.start() if found else len(source)
