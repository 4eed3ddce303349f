"""The plain-text part of an email, made of its HTML: readable, with its links written out."""

import html
import re
import textwrap

from rxapp.domain.email.markup import scan

WIDTH = 76


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_BLOCKS = _names(
    "address article blockquote center dd div dl dt footer form h1 h2 h3 h4 h5 h6 header hr li"
    " main ol p pre section table tbody td tfoot th thead tr ul"
)
_APART = _names("blockquote h1 h2 h3 h4 h5 h6 hr ol p pre table ul")
_SPACES = re.compile(r"[ \t\n\f\r\xa0]+")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


class _Writer:
    """Puts lines together while the pieces of the HTML go by."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.line = ""
        self.link: tuple[str, int] | None = None

    def write(self, words: str) -> None:
        words = _SPACES.sub(" ", words)
        if not self.line or self.line.endswith(" "):
            words = words.lstrip()
        self.line += words

    def end_line(self, *, apart: bool = False) -> None:
        if self.line.strip():
            self.done.append(self.line.strip())
        self.line = ""
        if apart and self.done and self.done[-1]:
            self.done.append("")

    def end_link(self) -> None:
        """`text (address)`, or the address alone where it is the text."""
        if self.link is None:
            return
        address, start = self.link
        self.link = None
        said = self.line[start:].strip()
        if address and address != said and not address.startswith("#"):
            self.line = self.line.rstrip()
            self.write(f" ({address.removeprefix('mailto:')})" if said else address)


def plain_text(source: str) -> str:
    """The text of an HTML document: headings, paragraphs, lists, `link text (address)`."""
    writer = _Writer()
    hidden: list[str] = []
    for piece in scan(source):
        words = source[piece.start : piece.end]
        if hidden:
            if piece.name == hidden[-1]:
                hidden.append(piece.name) if piece.kind == "open" else hidden.pop()
        elif piece.kind == "text":
            writer.write(html.unescape(words))
        elif piece.kind == "open" and _HIDDEN.search(piece.get("style") or ""):
            hidden.append(piece.name)
        elif piece.kind == "open":
            _open(writer, piece.name, piece.get("href") or "", piece.get("alt") or "")
        elif piece.kind == "close":
            _close(writer, piece.name)
    writer.end_line()
    return _wrapped(writer.done)


def _open(writer: _Writer, name: str, href: str, alt: str) -> None:
    if name in _BLOCKS:
        writer.end_line(apart=name in _APART)
    if name == "li":
        writer.write("- ")
    elif name == "br":
        writer.end_line()
    elif name == "hr":
        writer.write("-" * 20)
        writer.end_line(apart=True)
    elif name == "img" and alt:
        writer.write(alt)
    elif name == "a" and href:
        writer.link = (href, len(writer.line))


def _close(writer: _Writer, name: str) -> None:
    if name == "a":
        writer.end_link()
    if name in _BLOCKS:
        writer.end_link()
        writer.end_line(apart=name in _APART)


def _wrapped(lines: list[str]) -> str:
    """Lines no longer than mail programs like; addresses are never broken."""
    wrapped = [
        textwrap.fill(line, WIDTH, break_long_words=False, break_on_hyphens=False) for line in lines
    ]
    return "\n".join(wrapped).strip() + "\n"
