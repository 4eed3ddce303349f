"""Which elements are open at each place of an HTML document, by the rules an HTML parser follows.

Two things hang on it. The library that inlines CSS works recursively and ends the whole process on
documents nested some thousand elements deep, so depth must be known before it sees them. And a
condition must not open an element that it does not close, which needs the open elements compared.

The rules are those of https://html.spec.whatwg.org/multipage/parsing.html for what emails may hold
(`htmlcheck.REFUSED` is left out) in standards mode; a test compares them with the parser itself.
"""

from rxapp.domain.email.markup import VOID, Piece


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_DOCUMENT = _names("html head body")
_FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
_SECTIONS = _names("tbody thead tfoot")
# A parser moves what stands here to before the table, but for these.
_BETWEEN_CELLS = _SECTIONS | {"table", "tr"}
_ANYWHERE = _names("style script title meta link")
_HEADINGS = _names("h1 h2 h3 h4 h5 h6")
_CELLS = _names("td th caption")
_TABLE_PARTS = _SECTIONS | _CELLS | {"table", "tr", "colgroup", "col"}
_BLOCKS = _names(
    "address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption"
    " figure footer h1 header hgroup hr li listing main menu nav ol p pre section summary"
    " table ul"
)
_SPECIAL = _BLOCKS | _TABLE_PARTS | {"button"}
# How far up a tag looks for the open element it ends.
_SCOPE = _CELLS | {"table"}
_BARRIERS = {
    **dict.fromkeys(_SPECIAL | _FORMATTING, _SCOPE),
    **dict.fromkeys(_TABLE_PARTS, frozenset(("table",))),
    "p": _SCOPE | {"button"},
    "li": _SCOPE | {"ul", "ol"},
}
# What a tag ends before it opens: any one of these names, looked for up to these others.
_ENDS_BEFORE = {
    "li": (_names("li"), _SPECIAL - {"address", "div", "p"}),
    "dd": (_names("dd dt"), _SPECIAL - {"address", "div", "p"}),
    "dt": (_names("dd dt"), _SPECIAL - {"address", "div", "p"}),
    "a": (_names("a"), _SCOPE),
    "nobr": (_names("nobr"), _SCOPE),
    "button": (_names("button"), _SCOPE),
    # A table stands in a cell of another, or ends it.
    "table": (_names("table"), _CELLS),
}
# These may stay open without harm: the next of their kind, or their parent's end, ends them.
_ENDED_BY_THE_NEXT = _SECTIONS | _names("p li dd dt tr td th")
# A parser gives up on sorting out a formatting element ended around as many blocks, or around
# more other formatting elements.
_MANY_BLOCKS = 8
_MANY_BETWEEN = 3


class Nesting:
    """The open elements while pieces go by."""

    def __init__(self) -> None:
        self._open: list[str] = []
        # Elements so far.
        self.elements = 0
        # What is wrong with the tag seen last, where only guessing would resolve it.
        self.problem = ""
        self._repair: list[str] = []

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._open)

    @property
    def innermost(self) -> str:
        """The name of the innermost open element; empty at the top."""
        return self._open[-1] if self._open else ""

    def must_close(self) -> list[str]:
        """The open elements that only their own end tag ends."""
        return [name for name in self._open if name not in _ENDED_BY_THE_NEXT]

    def see(self, piece: Piece) -> str:
        """Take note of a tag. Returns end tags that should stand before it, mostly none.

        They are for formatting elements left open at the end of their parent (`<p><b>...</p>`): a
        parser would open them again in every following block, without limit.
        """
        self._repair = []
        self.problem = ""
        # The end tag of one heading ends any other.
        name = "h1" if piece.name in _HEADINGS else piece.name
        # A parser ends the document's own elements with the document, whatever the tags say, and
        # ignores the parts of a table outside of one.
        if name in _DOCUMENT or (name in _TABLE_PARTS - {"table"} and "table" not in self._open):
            return ""
        if piece.kind == "close":
            # An end tag for a paragraph that is not open makes an empty one.
            self.elements += name == "p"
            self._end_nearest(frozenset((name,)), _BARRIERS.get(name, _SPECIAL))
        elif piece.kind == "open":
            self._make_room(name)
            self.elements += 1
            if name not in VOID | {"colgroup"}:
                self._open.append(name)
        return "".join(f"</{name}>" for name in self._repair)

    def _make_room(self, name: str) -> None:
        if name in _TABLE_PARTS - {"table"}:
            self._enter_table_part(name)
            return
        if self.innermost in _BETWEEN_CELLS and name not in _ANYWHERE:
            self.problem = f"<{name}> stands in a table outside its cells. Put it into a <td>."
        if name in _ENDS_BEFORE:
            self._end_nearest(*_ENDS_BEFORE[name])
        if name in _BLOCKS:
            self._end_nearest(frozenset(("p",)), _BARRIERS["p"])
        if name == "h1" == self.innermost:
            self._open.pop()

    def _enter_table_part(self, name: str) -> None:
        """End the cell before it, drop what stands between the cells, add what is implied."""
        self._end_nearest(_CELLS, frozenset(("table",)))
        parents = {"td": {"tr"} | _SECTIONS, "th": {"tr"} | _SECTIONS, "tr": _SECTIONS}
        within = {"table"} | parents.get(name, set())
        while self.innermost not in within:
            self._cut(self.depth - 1)
        if name in ("tr", "td", "th") and self.innermost == "table":
            self._open.append("tbody")
        if name in ("td", "th") and self.innermost != "tr":
            self._open.append("tr")

    def _end_nearest(self, names: frozenset[str], barrier: frozenset[str]) -> None:
        for index in range(self.depth - 1, -1, -1):
            name = self._open[index]
            if name in names:
                if name in _FORMATTING and _SPECIAL.intersection(self._open[index + 1 :]):
                    self._end_around_blocks(index)
                else:
                    self._cut(index)
                return
            if name in barrier:
                return

    def _end_around_blocks(self, index: int) -> None:
        """End a formatting element alone: the blocks in it stay open."""
        inside = self._open[index + 1 :]
        blocks = sum(name in _SPECIAL for name in inside)
        between = sum(name in _FORMATTING for name in inside)
        if blocks >= _MANY_BLOCKS or between > _MANY_BETWEEN:
            self.problem = (
                f"<{self._open[index]}> is closed too late. Close it before what it holds ends."
            )
        del self._open[index]

    def _cut(self, index: int) -> None:
        """End the element at `index` and all in it."""
        left_open = [name for name in self._open[index + 1 :] if name in _FORMATTING]
        self._repair += reversed(left_open)
        del self._open[index:]
