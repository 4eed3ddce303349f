"""Emails of the visual editor: its document, as JSON, made into the HTML that is composed.

The document is what the editor keeps; the HTML is always made of it here, never taken from a
browser. What a person typed comes out as text and what they chose as a variable comes out as its
tag, so that the HTML parses whatever was done to the document. It uses the classes of
`email_templates/layout.html`, which know phones and dark mode.
"""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rxapp.domain.email import visual_theme
from rxapp.domain.email.chips import markup, source
from rxapp.errors import InvalidTemplate

MAX_DEPTH = 40
MAX_NODES = 10_000
UNREADABLE = "This email cannot be read. Reload the page."

Node = Mapping[str, Any]
_TABLE = 'role="presentation" cellpadding="0" cellspacing="0" border="0"'
_ALIGNMENTS = ("left", "center", "right", "justify")
_THROUGH = frozenset(("doc", "container", "body", "div"))
_COLUMNS = {"twoColumns": 2, "threeColumns": 3, "fourColumns": 4}
_MARKS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strike": "s",
    "code": "code",
    "sup": "sup",
}
_DIGITS = re.compile(r"[0-9]{1,4}")


def to_html(document: Node) -> str:
    """The body of an email, Jinja2, of an editor's document; raises InvalidTemplate.

    `document` is `{"doc": <what TipTap's getJSON gives>, "theme": {...}}`.
    """
    doc, theme = document.get("doc"), document.get("theme")
    if not isinstance(doc, Mapping):
        raise InvalidTemplate(UNREADABLE, "body")
    written = _Writer().blocks([doc], 0)
    return visual_theme.style(theme if isinstance(theme, Mapping) else {}) + written


def is_empty(document: Node) -> bool:
    """Whether nothing was written yet."""
    return not _Writer().blocks([document.get("doc") or {}], 0).strip()


@dataclass(slots=True)
class _Writer:
    """Writes one document, counting its nodes."""

    nodes: int = 0

    def blocks(self, nodes: object, depth: int) -> str:
        """Blocks one below the other; empty paragraphs at the end were never meant."""
        listed = _nodes(nodes)
        while listed and listed[-1].get("type") == "paragraph" and not listed[-1].get("content"):
            listed.pop()
        return "".join(self._block(node, depth + 1) for node in listed)

    def _block(self, node: Node, depth: int) -> str:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise InvalidTemplate("This email has too many parts to be sent.", "body")
        name = str(node.get("type"))
        if name in _THROUGH:
            return self.blocks(node.get("content"), depth)
        if name in _COLUMNS:
            return self._columns(node, depth)
        write = _BLOCKS.get(name)
        return write(self, node, depth) if write else self.blocks(node.get("content"), depth)

    def _paragraph(self, node: Node, _depth: int) -> str:
        return f"<p{_aligned(node)}>{self._inline(node) or '&nbsp;'}</p>\n"

    def _heading(self, node: Node, _depth: int) -> str:
        level = _attributes(node).get("level")
        level = level if level in (1, 2, 3) else 3
        return f"<h{level}{_aligned(node)}>{self._inline(node)}</h{level}>\n"

    def _list(self, node: Node, depth: int) -> str:
        tag = "ul" if node.get("type") == "bulletList" else "ol"
        start = _attributes(node).get("start")
        begins = f' start="{start}"' if isinstance(start, int) and start > 1 else ""
        items = "".join(self._item(item, depth + 1) for item in _nodes(node.get("content")))
        return f"<{tag}{begins}>\n{items}</{tag}>\n"

    def _item(self, node: Node, depth: int) -> str:
        first, *rest = _nodes(node.get("content")) or [{}]
        if first.get("type") != "paragraph":
            return f"<li>{self.blocks(node.get('content'), depth)}</li>\n"
        return f"<li{_aligned(first)}>{self._inline(first)}{self.blocks(rest, depth)}</li>\n"

    def _quote(self, node: Node, depth: int) -> str:
        return f'<blockquote class="quote">{self.blocks(node.get("content"), depth)}</blockquote>\n'

    def _code(self, node: Node, _depth: int) -> str:
        return f'<pre class="code">{self._inline(node)}</pre>\n'

    def _button(self, node: Node, _depth: int) -> str:
        words = self._inline(node)
        if not words:
            return ""
        align = _attributes(node).get("alignment")
        placed = f' align="{align}"' if align in ("center", "right") else ""
        return (
            f'<table class="button-table" {_TABLE}{placed}><tr><td class="button-cell"'
            f' align="center"><a class="button" href="{_address(node)}">{words}</a></td></tr>'
            f"</table>\n{'<div style=clear:both></div>' if placed else ''}"
        )

    def _image(self, node: Node, _depth: int) -> str:
        given = _attributes(node)
        if not given.get("src"):
            return ""
        width = _DIGITS.fullmatch(str(given.get("width", "")).removesuffix("px"))
        size = f' width="{width[0]}" style="width:100%;max-width:{width[0]}px"' if width else ""
        alt = markup(str(given.get("alt") or ""))
        image = f'<img class="image" src="{markup(str(given["src"]))}" alt="{alt}"{size}>'
        if given.get("href"):
            image = f'<a href="{_address(node)}">{image}</a>'
        align = given.get("alignment")
        align = align if align in _ALIGNMENTS else "center"
        return f'<p style="text-align:{align}">{image}</p>\n'

    def _rule(self, _node: Node, _depth: int) -> str:
        return "<hr>\n"

    def _section(self, node: Node, depth: int) -> str:
        shown = "hero" if "highlight" in str(_attributes(node).get("class")) else "panel"
        within = self.blocks(node.get("content"), depth)
        return (
            f'<table class="{shown}" width="100%" {_TABLE}><tr><td class="{shown}-cell">\n{within}'
            f"</td></tr></table>\n"
        )

    def _columns(self, node: Node, depth: int) -> str:
        listed = _nodes(node.get("content"))
        width = round(100 / max(1, len(listed)))
        cells = "".join(
            f'<td class="column{_edge(place, len(listed))}" width="{width}%" valign="top">\n'
            f"{self.blocks(one.get('content'), depth + 1)}</td>\n"
            for place, one in enumerate(listed)
        )
        return f'<table class="columns" width="100%" {_TABLE}><tr>\n{cells}</tr></table>\n'

    def _table(self, node: Node, depth: int) -> str:
        rows = "".join(self._row(row, depth + 1) for row in _nodes(node.get("content")))
        return f'<table class="data" width="100%" {_TABLE}>\n{rows}</table>\n'

    def _row(self, node: Node, depth: int) -> str:
        cells = (self._cell(cell, depth + 1) for cell in _nodes(node.get("content")))
        return f"<tr>{''.join(cells)}</tr>\n"

    def _cell(self, node: Node, depth: int) -> str:
        tag = "th" if node.get("type") == "tableHeader" else "td"
        return f'<{tag} class="data-cell">{self.blocks(node.get("content"), depth)}</{tag}>'

    def _inline(self, node: Node) -> str:
        """Text and variables, with a link around all that it holds."""
        parts: list[str] = []
        link = ""
        for piece in _nodes(node.get("content")):
            self.nodes += 1
            to = _link(piece)
            if to != link:
                parts.append("</a>" if link else "")
                parts.append(f'<a href="{to}">' if to else "")
                link = to
            parts.append(_marked(piece))
        return "".join(parts) + ("</a>" if link else "")


_BLOCKS: dict[str, Callable[[_Writer, Node, int], str]] = {
    "paragraph": _Writer._paragraph,
    "heading": _Writer._heading,
    "bulletList": _Writer._list,
    "orderedList": _Writer._list,
    "blockquote": _Writer._quote,
    "codeBlock": _Writer._code,
    "button": _Writer._button,
    "image": _Writer._image,
    "horizontalRule": _Writer._rule,
    "section": _Writer._section,
    "table": _Writer._table,
}


def _marked(piece: Node) -> str:
    words = _words(piece)
    if not words:
        return ""
    for mark in reversed(_nodes(piece.get("marks"))):
        name = str(mark.get("type"))
        if tag := _MARKS.get(name):
            words = f"<{tag}>{words}</{tag}>"
        elif name == "uppercase":
            words = f'<span style="text-transform:uppercase">{words}</span>'
        elif name == "color" and (color := visual_theme.color(_attributes(mark).get("color"))):
            words = f'<span style="color:{color}">{words}</span>'
    return words


def _words(piece: Node) -> str:
    match piece.get("type"):
        case "text":
            return _text(str(piece.get("text") or ""))
        case "variable":
            return source(str(_attributes(piece).get("source") or ""))
        case "hardBreak":
            return "<br>"
    return ""


def _text(text: str) -> str:
    """Typed text as HTML: braces are written so that Jinja2 does not see them."""
    return html.escape(text, quote=False).replace("{", "&#123;").replace("\n", "<br>")


def _link(piece: Node) -> str:
    for mark in _nodes(piece.get("marks")):
        if mark.get("type") == "link":
            return _address(mark)
    return ""


def _address(node: Node) -> str:
    """Where a link leads; `#` leads nowhere, which the problems of the email tell."""
    address = markup(str(_attributes(node).get("href") or "").strip()) or "#"
    if re.match(r"(?:[\w-]+\.)+[a-z]{2,}(?:[/?#:]|$)", address, re.IGNORECASE):
        return f"https://{address}"
    return f"mailto:{address}" if re.fullmatch(r"[^\s@:/{}]+@[^\s@:/{}]+", address) else address


def _aligned(node: Node) -> str:
    align = _attributes(node).get("alignment")
    return f' style="text-align:{align}"' if align in _ALIGNMENTS[1:] else ""


def _edge(place: int, count: int) -> str:
    return (" first" if place == 0 else "") + (" last" if place == count - 1 else "")


def _attributes(node: Node) -> Node:
    found = node.get("attrs")
    return found if isinstance(found, Mapping) else {}


def _nodes(found: object) -> list[Node]:
    if not isinstance(found, Iterable) or isinstance(found, str | Mapping):
        return []
    return [one for one in found if isinstance(one, Mapping)]
