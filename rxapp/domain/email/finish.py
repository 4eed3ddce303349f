"""From the whole document as written to the HTML and text that are filled in for each partner.

The Jinja2 tags are lifted out meanwhile, and put back with what the place they stand at asks for.
"""

import re

import css_inline

from rxapp.domain.email.htmlcheck import LINKS
from rxapp.domain.email.markup import Piece, scan
from rxapp.domain.email.nesting import Nesting
from rxapp.domain.email.plaintext import plain_text
from rxapp.domain.email.tokens import Tokens

MAX_INLINED = 2_000_000
_DOCTYPE = re.compile(r"\s*(<!doctype[^>]*>)", re.IGNORECASE)
_STANDARDS_MODE = "<!DOCTYPE html>"
# In a style sheet without spaces, `@media x{#id{...}}`, Jinja2 would see the start of a comment.
_STYLE_TAG = re.compile(r"<(/?)style(?=[\s/>])", re.IGNORECASE)
_INLINER = css_inline.CSSInliner(
    keep_style_tags=True, keep_link_tags=True, load_remote_stylesheets=False
)


def lift(document: str) -> tuple[str, Tokens]:
    """The document with its tags lifted out. Raises jinja2.TemplateSyntaxError."""
    tokens = Tokens(document)
    return tokens.lift(separate_braces(document)), tokens


def separate_braces(source: str) -> str:
    """The source with `{#` in style sheets written as `{ #`, which means the same there."""
    parts: list[str] = []
    position, in_style = 0, False
    for tag in _STYLE_TAG.finditer(source):
        before = source[position : tag.start()]
        parts.append(before.replace("{#", "{ #") if in_style else before)
        position, in_style = tag.start(), not tag[1]
    rest = source[position:]
    return "".join(parts) + (rest.replace("{#", "{ #") if in_style else rest)


def finish(document: str, *, with_text: bool = True) -> tuple[str, str]:
    """The HTML with its CSS inlined and the plain text, both Jinja2, of a checked document.

    Raises ValueError when the styles, written onto every element, make it too long.
    """
    lifted, tokens = lift(document)
    # Parsed by the rules the checks go by, and sent as what it says it is.
    doctype = _DOCTYPE.match(lifted)
    content = lifted[doctype.end() :] if doctype else lifted
    inlined = _INLINER.inline(_STANDARDS_MODE + _sheltered(content, tokens))
    if len(inlined) > MAX_INLINED:
        raise ValueError("too long once its styles are inlined")
    declared = tokens.restore(doctype[1]) if doctype else _STANDARDS_MODE
    html = declared + _restored(inlined.removeprefix(_STANDARDS_MODE), tokens)
    return html, tokens.restore(plain_text(inlined, tokens)) if with_text else ""


def _sheltered(source: str, tokens: Tokens) -> str:
    """Tags of conditions put into comments: those may stand anywhere, also between table rows.

    Text there would be moved in front of the table by every parser. Declarations that only
    Outlook reads (`<![if !mso]>`) go the same way, and left-open formatting elements are closed.
    """

    def shelter(found: re.Match[str]) -> str:
        return f"<!--{found[0]}-->" if tokens.keyword(found[1]) else found[0]

    nesting = Nesting()
    sheltered: list[str] = []
    for piece in scan(source):
        text = source[piece.start : piece.end]
        if piece.kind == "text":
            text = tokens.pattern.sub(shelter, text)
        elif piece.kind == "comment" and text.startswith("<!["):
            text = f"<!--{tokens.add(tokens.restore(text))}-->"
        elif piece.kind in ("open", "close"):
            text = nesting.see(piece) + text
        sheltered.append(text)
    return "".join(sheltered)


def _restored(source: str, tokens: Tokens) -> str:
    restored: list[str] = []
    for piece in scan(source):
        text = source[piece.start : piece.end]
        if piece.kind == "raw" and piece.name == "style":
            restored.append(tokens.restore(text, "_css"))
        elif piece.kind == "comment" and tokens.pattern.fullmatch(text[4:-3]):
            restored.append(tokens.restore(text[4:-3]))
        elif text.startswith("<!--[if") and "<!--" not in text[4:]:
            # What only Outlook reads is HTML like the rest.
            restored.append(f"<!--{_restored(text[4:-3], tokens)}-->")
        elif piece.kind == "open" and piece.attributes:
            restored.append(_restored_tag(piece, tokens))
        else:
            restored.append(tokens.restore(text))
    return "".join(restored)


def _restored_tag(piece: Piece, tokens: Tokens) -> str:
    tag = piece.tag
    if not tokens.special.search(tag):
        return tag
    restored, position = "", 0
    for attribute in piece.attributes:
        restored += tokens.restore(tag[position : attribute.start])
        value = tag[attribute.start : attribute.end]
        if attribute.name in LINKS:
            restored += tokens.restore_link(value)
        else:
            restored += tokens.restore(value, "_css" if attribute.name == "style" else "")
        position = attribute.end
    return restored + tokens.restore(tag[position:])
