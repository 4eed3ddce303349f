"""Jinja2 tags lifted out of an email, so that HTML and CSS can be worked on without harming them.

Each tag becomes a word (`rxj12x`) that every parser carries through, wherever it stands: in text,
in an attribute, in a style. Afterwards each word becomes its tag again.
"""

import re
from collections.abc import Callable

from rxapp.domain.email import language

_KEYWORD = re.compile(r"\{%[-+]?\s*(\w+)")
# What the words of a tag lie between: {{- ... -}}, with or without whitespace control.
_OUTPUT = re.compile(r"(\{\{[-+]?)(.*?)(-?\}\}\s*)", re.DOTALL)


class Tokens:
    """The tags lifted out of one email. The same email always gives the same words."""

    def __init__(self, *sources: str) -> None:
        """`sources` are all the texts the words must be told apart from."""
        prefix = "rxj"
        while any(prefix in source.lower() for source in sources):
            prefix += "j"
        self._prefix = prefix
        self._tags: list[str] = []
        self.pattern = re.compile(rf"{prefix}(\d+)x")
        # A brace that Jinja2 would take for the start of a tag, alone or with what comes after it.
        self.special = re.compile(rf"{prefix}(\d+)x|\{{(?=[{{%#]|{prefix}\d+x)")

    def add(self, tag: str) -> str:
        """A word that stands for `tag`."""
        self._tags.append(tag)
        return f"{self._prefix}{len(self._tags) - 1}x"

    def lift(self, source: str) -> str:
        """The source with a word for each tag. Raises jinja2.TemplateSyntaxError."""
        parts = language.regions(source)
        return "".join(text if kind == "text" else self.add(text) for kind, text in parts)

    def tag(self, number: str | int) -> str:
        """The tag that a word of this number stands for."""
        return self._tags[int(number)]

    def keyword(self, number: str | int) -> str:
        """`if`, `elif`, `else` or `endif`; empty for a tag that prints a value."""
        found = _KEYWORD.match(self.tag(number))
        return found[1] if found else ""

    def in_order(self, text: str) -> list[int]:
        """The numbers of the words in `text`, as they come."""
        return [int(number) for number in self.pattern.findall(text)]

    def restore(self, text: str, through: str | Callable[[int], str] = "") -> str:
        """The text with its tags again, each value passed `through` an internal filter if named.

        `through` may also choose the filter by the position of the word in `text`. What only looks
        like a tag (it was written as `&#123;&#123;`) stays text.
        """

        def put_back(found: re.Match[str]) -> str:
            if found[1] is None:
                return "{{ '{' }}"
            name = through if isinstance(through, str) else through(found.start())
            tag = self.tag(found[1])
            value = _OUTPUT.fullmatch(tag)
            return f"{value[1]} ({value[2]}) | {name} {value[3]}" if name and value else tag

        return self.special.sub(put_back, text)

    def restore_link(self, address: str) -> str:
        """The address in a link, its data made safe for the place they stand at.

        An address that begins with data is as a whole held to harmless kinds of links.
        """
        if not self.pattern.search(address):
            return self.restore(address)
        part = re.compile(r"[?#]")
        asked = part.search(address)

        def place(position: int) -> str:
            if not beginning and position == 0:
                return ""
            return "_query" if asked and asked.start() < position else "_path"

        beginning = self.pattern.split(address, maxsplit=1)[0].strip()
        # With a scheme or a slash before any data, the kind of link is the author's own choice.
        if re.match(r"(?:https?|mailto|tel|sms):|[/?#]", beginning, re.IGNORECASE):
            return self.restore(address, place)
        return "{% filter _link %}" + self.restore(address, place) + "{% endfilter %}"
