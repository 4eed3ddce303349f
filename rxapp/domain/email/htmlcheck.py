"""What is wrong with an email's HTML, before anything is made of it.

Errors are what inboxes would refuse or show as something else than was meant; warnings are worth
knowing. All of it is found in one pass over the pieces, with the Jinja2 tags already lifted out.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass, field

from rxapp.domain.email.advice import on_address as advice_on
from rxapp.domain.email.markup import Attribute, Piece, scan
from rxapp.domain.email.nesting import Nesting
from rxapp.domain.email.tokens import Tokens
from rxapp.domain.variables import UNSUBSCRIBE_URL

MAX_DEPTH = 150
MAX_ELEMENTS = 5000
# Inlining takes the product of these two, times the kinds of properties one element can get.
MAX_STYLE_WORK = 50_000_000
MAX_PROPERTIES = 300
TOO_MUCH_STYLE = "The styles are too long for an email of this size."
# What inboxes remove or block, and what would make a parser read the rest in another way.
REFUSED = frozenset(
    (
        "applet", "base", "embed", "form", "frame", "frameset", "iframe", "marquee", "math",
        "noembed", "noframes", "noscript", "object", "optgroup", "option", "plaintext", "select",
        "svg", "template", "xmp",
    )
)  # fmt: skip
# Structured data for inboxes (https://schema.org/EmailMessage) is the one script they read.
_DATA_SCRIPT = "application/ld+json"
_SCRIPT_LINK = re.compile(r"(?:java|vb|live)script:|data:(?!image/)", re.IGNORECASE)
# Words are taken whole whether a colon follows or not: looking ahead would read them many times.
_PROPERTY = re.compile(r"([\w-]++)\s*+(:?)")
_UNSEEN_IN_LINKS = re.compile(r"[\x00-\x20]+")
LINKS = frozenset(("href", "src", "action", "formaction", "background", "poster", "xlink:href"))
_ABSOLUTE = re.compile(r"(?:https?:|mailto:|tel:|sms:|cid:|data:|#|//)", re.IGNORECASE)
_OTHER_TOOLS_TAG = re.compile(r"\*\|[A-Z][A-Z0-9_:]*\|\*|%%[\w ]+%%|\[\[[\w ]+\]\]")


@dataclass(slots=True)
class Findings:
    """What one pass found: `errors` and `warnings` as (line, sentence)."""

    errors: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[tuple[int, str]] = field(default_factory=list)
    # The body brings the whole document, not only what goes into the layout.
    is_document: bool = False
    # Every recipient sees a way to unsubscribe, under no condition.
    offers_unsubscribe: bool = False


def inspect(source: str, tokens: Tokens) -> Findings:
    """Check a body whose Jinja2 tags are lifted out into `tokens`."""
    inspector = _Inspector(source, tokens)
    for piece in scan(source):
        inspector.see(piece)
        if inspector.is_too_much():
            break
    inspector.finish()
    return inspector.found


class _Inspector:
    def __init__(self, source: str, tokens: Tokens) -> None:
        self.found = Findings()
        self._source = source
        self._tokens = tokens
        self._nesting = Nesting()
        self._breaks = _line_breaks(source, tokens)
        # For each condition that is open: where it began, and the elements open there.
        self._conditions: list[tuple[int, list[str]]] = []
        self._style_characters = 0
        self._properties: set[str] = set()

    def see(self, piece: Piece) -> None:
        if piece.kind == "text":
            self._text(piece)
        elif piece.kind == "raw":
            self._raw(piece)
        elif piece.kind == "broken":
            self._error(piece.start, f"The tag <{piece.name[:20]}> that begins here never ends.")
        elif piece.kind == "comment":
            self._inside(piece.start, self._source[piece.start : piece.end])
        else:
            self._tag(piece)

    def finish(self) -> None:
        """Judge what only the whole document shows."""
        work = self._style_characters * self._nesting.elements
        if work > MAX_STYLE_WORK or len(self._properties) > MAX_PROPERTIES:
            self._error(0, TOO_MUCH_STYLE)

    def is_too_much(self) -> bool:
        """Whether the document is larger than any email; looking on would only take time."""
        if self._nesting.depth > MAX_DEPTH:
            self._error(len(self._source), f"The HTML is nested more than {MAX_DEPTH} deep.")
        elif self._nesting.elements > MAX_ELEMENTS:
            self._error(len(self._source), f"The HTML has more than {MAX_ELEMENTS} elements.")
        else:
            return False
        return True

    def _tag(self, piece: Piece) -> None:
        self._nesting.see(piece)
        if self._nesting.problem:
            self._error(piece.start, self._nesting.problem)
        if self._tokens.pattern.search(piece.name):
            self._error(piece.start, "A variable cannot stand for the name of a tag.")
        if piece.name in REFUSED:
            self._error(piece.start, f"Inboxes do not show <{piece.name}>. Leave it out.")
        if piece.name == "script" and piece.kind == "open" and piece.get("type") != _DATA_SCRIPT:
            self._error(piece.start, "Emails cannot run scripts. Leave out <script>.")
        if piece.kind == "open":
            self.found.is_document |= piece.name in ("html", "body")
            for attribute in piece.attributes:
                self._attribute(piece, attribute)
            self._warn_of_images_and_links(piece)

    def _attribute(self, piece: Piece, attribute: Attribute) -> None:
        value = attribute.value or ""
        if self._tokens.pattern.search(attribute.name):
            self._error(
                piece.start,
                "Inside a tag, variables and conditions can only stand in the quotes of an"
                ' attribute, as in href="{{ program.website }}".',
            )
        elif attribute.name.startswith("on"):
            self._error(piece.start, f"Emails cannot run scripts. Leave out {attribute.name}=.")
        elif attribute.name in LINKS and _SCRIPT_LINK.match(
            _UNSEEN_IN_LINKS.sub("", piece.get(attribute.name) or "")
        ):
            self._error(piece.start, "This link would run a script. Inboxes block such links.")
        elif attribute.name == "style" and self._has_url_of_data(value):
            self._error(piece.start, "A variable cannot stand in url(...). Use an <img> instead.")
        self._inside(piece.start, value, link=piece.name == "a" and attribute.name == "href")

    def _has_url_of_data(self, style: str) -> bool:
        before = [style[: found.start()] for found in self._tokens.pattern.finditer(style)]
        return any(text.rfind("url(") > text.rfind(")") for text in before)

    def _raw(self, piece: Piece) -> None:
        text = self._source[piece.start : piece.end]
        if piece.name == "style":
            self._style_characters += len(text)
            self._properties.update(word for word, colon in _PROPERTY.findall(text) if colon)
            if any(self._tokens.keyword(number) for number in self._tokens.in_order(text)):
                self._error(
                    piece.start, "Conditions cannot stand in <style>. Put them around elements."
                )
        self._inside(piece.start, text)

    def _inside(self, start: int, text: str, *, link: bool = False) -> None:
        """Tags inside an attribute, a comment or the like: a condition must begin and end there."""
        depth = 0
        for number in self._tokens.in_order(text):
            keyword = self._tokens.keyword(number)
            depth += {"if": 1, "endif": -1}.get(keyword, 0)
            if depth < 0 or (depth == 0 and keyword in ("else", "elif")):
                break
            if link and depth == 0 and UNSUBSCRIBE_URL in self._tokens.tag(number):
                self.found.offers_unsubscribe |= not self._conditions
        else:
            if depth == 0:
                return
        self._error(
            start, "A condition that begins in an attribute or a comment must end in the same one."
        )

    def _text(self, piece: Piece) -> None:
        text = self._source[piece.start : piece.end]
        if found := _OTHER_TOOLS_TAG.search(text):
            self._warn(
                piece.start + found.start(),
                f"“{found[0]}” looks like a variable of another tool. It is sent as it stands.",
            )
        self._text_in_table(piece, text)
        for found in self._tokens.pattern.finditer(text):
            keyword = self._tokens.keyword(found[1])
            if keyword:
                self._condition(keyword, piece.start + found.start())
            elif UNSUBSCRIBE_URL in self._tokens.tag(found[1]):
                self.found.offers_unsubscribe |= not self._conditions

    def _text_in_table(self, piece: Piece, text: str) -> None:
        if self._nesting.innermost not in ("table", "tbody", "thead", "tfoot", "tr"):
            return
        visible = self._tokens.pattern.sub(
            lambda found: "" if self._tokens.keyword(found[1]) else "x", text
        )
        if visible.strip():
            sentence = "Text stands in a table outside its cells. Inboxes show it above the table."
            has_tags = self._conditions or self._tokens.pattern.search(text)
            (self._error if has_tags else self._warn)(piece.start, sentence)

    def _condition(self, keyword: str, position: int) -> None:
        here = self._nesting.must_close()
        if keyword == "if":
            self._conditions.append((position, here))
        elif self._conditions:
            began, there = self._conditions[-1]
            if here != there:
                self._error(
                    began,
                    "A condition must close the tags that it opens, in each of its branches:"
                    f" see <{(here + there)[-1] if len(here) <= len(there) else here[-1]}>.",
                )
                self._conditions[-1] = (began, here)
            if keyword == "endif":
                self._conditions.pop()

    def _warn_of_images_and_links(self, piece: Piece) -> None:
        if piece.name == "img":
            if piece.get("alt") is None:
                self._warn(
                    piece.start, "An image has no description (alt), for when images are off."
                )
            self._warn_of_address(piece, "src", "An image")
        elif piece.name == "a" and piece.get("href") is not None:
            self._warn_of_address(piece, "href", "A link")

    def _warn_of_address(self, piece: Piece, attribute: str, what: str) -> None:
        address = (piece.get(attribute) or "").strip()
        if address in ("", "#"):
            self._warn(piece.start, f"{what} leads nowhere: its {attribute} is empty.")
        elif address.lower().startswith("data:"):
            self._warn(piece.start, f"{what} is inside the email itself; Gmail will not show it.")
        elif not (_ABSOLUTE.match(address) or self._tokens.pattern.match(address)):
            self._warn(piece.start, f"{what} needs a full address that begins with https://.")
        elif not self._tokens.pattern.search(address) and (advice := advice_on(address)):
            self._warn(piece.start, f"{what} {advice}")

    def _error(self, position: int, sentence: str) -> None:
        self.found.errors.append((self._line(position), sentence))

    def _warn(self, position: int, sentence: str) -> None:
        self.found.warnings.append((self._line(position), sentence))

    def _line(self, position: int) -> int:
        """The line as written: those inside the lifted tags count too."""
        return 1 + bisect_left(self._breaks, position)


def _line_breaks(source: str, tokens: Tokens) -> list[int]:
    """Where lines end, a lifted tag as often as it holds a line break."""
    breaks = [found.start() for found in re.finditer("\n", source)]
    for found in tokens.pattern.finditer(source):
        breaks += [found.start()] * tokens.tag(found[1]).count("\n")
    return sorted(breaks)
