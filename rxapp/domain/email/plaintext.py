"""The plain-text part of an email, made of its HTML: readable, with its links written out.

Conditions go along. Space between two pieces of text belongs to the later one, so that what a
condition leaves out takes its line breaks with it.
"""

import html
import re
import textwrap
from dataclasses import dataclass, field

from rxapp.domain.email.markup import VOID, Piece, scan
from rxapp.domain.email.tokens import Tokens

WIDTH = 76


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_LINES = _names(
    "address article aside center dd div dl dt figcaption footer header li main nav section tbody"
    " tfoot thead tr"
)
_APART = _names("blockquote h1 h2 h3 h4 h5 h6 hr ol p pre table ul")
_UNSEEN = _names("head script style template title")
_SPACES = re.compile(r"[ \t\n\f\r\xa0]+")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_ITEM = re.compile(r" *(?:- |\d+\. )")


@dataclass(slots=True)
class _Space:
    """What stands between the text so far and the next: line breaks or a blank, a list's mark."""

    breaks: int = 0
    blank: bool = False
    mark: str = ""


@dataclass(slots=True)
class _Condition:
    """An open condition: the space before it, and the most that any of its branches ended with."""

    before: _Space
    after: _Space = field(default_factory=_Space)


class _Writer:
    """Puts the text together while the pieces of the HTML go by."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._parts: list[str] = []
        self._space = _Space()
        self._conditions: list[_Condition] = []
        self._lists: list[int | None] = []
        # The address of the open link, and where its text begins.
        self._link: tuple[str, int] | None = None

    def text(self) -> str:
        return "".join(self._parts)

    def write(self, words: str) -> None:
        """Add text; runs of white space count as one blank."""
        words = _SPACES.sub(" ", words)
        if not (said := words.strip(" ")):
            self._space.blank |= bool(words)
            return
        if self._space.breaks:
            self._parts.append("\n" * self._space.breaks + "  " * (len(self._lists) - 1))
        elif self._space.blank or words.startswith(" "):
            self._parts.append(" ")
        self._parts += [self._space.mark, said]
        self._space = _Space(blank=words.endswith(" "))

    def end_line(self, breaks: int) -> None:
        """The next text comes after this many line breaks at least."""
        self._space.breaks = max(self._space.breaks, breaks)

    def open(self, piece: Piece) -> None:
        """An element begins."""
        name = piece.name
        self.end_line(_breaks(name, inside_list=bool(self._lists)))
        if name in ("ul", "ol"):
            self._lists.append(1 if name == "ol" else None)
        elif name == "li":
            self._space.mark = self._next_mark()
        elif name == "br":
            self._space.breaks += 1
        elif name == "hr":
            self.write("-" * 20)
            self.end_line(2)
        elif name in ("td", "th"):
            self._space.blank = True
        elif name == "img":
            self.write(piece.get("alt") or "")
        elif name == "a":
            self._link = (piece.get("href") or "", len(self._parts))

    def close(self, name: str) -> None:
        """An element ends."""
        if name == "a":
            self._end_link()
        elif name in ("ul", "ol") and self._lists:
            self._lists.pop()
        if name == "li":
            self._space.mark = ""
        self.end_line(_breaks(name, inside_list=bool(self._lists)))

    def condition(self, token: str, keyword: str) -> None:
        """A condition begins, changes or ends."""
        if keyword == "if":
            self._conditions.append(_Condition(self._space))
        elif self._conditions:
            _widen(self._conditions[-1].after, self._space)
        # A blank before it must show whatever branch is taken; line breaks wait for the text.
        if self._space.blank and not self._space.breaks and self._parts and not self._space.mark:
            self._parts.append(" ")
            self._space.blank = False
        self._parts.append(token)
        if keyword == "if":
            self._space = self._copy(self._conditions[-1].before)
        elif self._conditions:
            open_condition = self._conditions[-1]
            if keyword == "endif":
                self._conditions.pop()
                _widen(self._space, open_condition.after)
            else:
                self._space = self._copy(open_condition.before)

    def _copy(self, space: _Space) -> _Space:
        return _Space(space.breaks, space.blank, space.mark)

    def _next_mark(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _end_link(self) -> None:
        """`text (address)`, or the address alone where it is the text."""
        address, start = self._link or ("", 0)
        self._link = None
        said = "".join(self._parts[start:]).strip()
        if not address.strip("# ") or address.removeprefix("mailto:") == said:
            return
        # One word from here on: wrapping must not take it apart, nor the tags it holds.
        whole = address.strip().replace(" ", "%20")
        if self._tokens.pattern.search(whole):
            whole = self._tokens.add(self._tokens.restore_link(whole))
        self._space.blank = False
        self.write(f" ({whole})" if said else whole)


def _widen(space: _Space, other: _Space) -> None:
    space.breaks = max(space.breaks, other.breaks)
    space.blank |= other.blank


def _breaks(name: str, *, inside_list: bool) -> int:
    if name in _APART:
        return 1 if inside_list and name in ("ul", "ol", "p") else 2
    return int(name in _LINES)


def plain_text(source: str, tokens: Tokens) -> str:
    """The text of an HTML document whose Jinja2 tags are lifted out into `tokens`.

    Conditions that stand between elements are expected in comments of their own.
    """
    writer = _Writer(tokens)
    hidden: list[str] = []
    for piece in scan(source):
        words = source[piece.start : piece.end]
        if hidden:
            if piece.name == hidden[-1]:
                hidden.append(piece.name) if piece.kind == "open" else hidden.pop()
        elif piece.kind == "text":
            writer.write(html.unescape(words))
        elif piece.kind == "comment" and (found := tokens.pattern.fullmatch(words[4:-3])):
            if keyword := tokens.keyword(found[1]):
                writer.condition(found[0], keyword)
        elif piece.kind == "close":
            writer.close(piece.name)
        elif piece.kind == "open":
            if piece.name in _UNSEEN or _HIDDEN.search(piece.get("style") or ""):
                hidden += [] if piece.name in VOID else [piece.name]
            else:
                writer.open(piece)
    return "\n".join(_wrapped(line, tokens) for line in writer.text().split("\n"))


def _wrapped(line: str, tokens: Tokens) -> str:
    """At most `WIDTH` characters a line; addresses are never broken.

    A paragraph with conditions stays one line, which mail programs wrap themselves: breaks that
    suit one branch would stand in the middle of the line in another.
    """
    if any(tokens.keyword(number) for number in tokens.in_order(line)):
        return line
    mark = _ITEM.match(line)
    indent = " " * len(mark[0]) if mark else ""
    return textwrap.fill(
        line,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
