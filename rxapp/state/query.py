"""What a page's address says: the row it is about, and the filters it was given.

Filters live in the address so that they are shared as a link, kept by reload, undone by "back".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from rxapp.characters import whole
from rxapp.domain import send_filters
from rxapp.domain.text import as_id


def address(path: str, query: Mapping[str, str]) -> str:
    """`path` with this query; what is empty is left out."""
    wanted = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(wanted)}" if wanted else path


def asked(parameters: Mapping[str, str]) -> dict[str, str]:
    """What stands behind the question mark, as it can be looked for (`whole`)."""
    return {name: whole(value) for name, value in parameters.items()}


def named(path: str) -> str:
    """What a page's path ends with, an "edit" after it aside: the row it is about."""
    return path.rstrip("/").removesuffix("/edit").rpartition("/")[2]


def number(query: Mapping[str, str], name: str) -> int | None:
    """An id from the address; None where there is none, or nothing an id could be."""
    return as_id(query.get(name, ""))


def page(query: Mapping[str, str]) -> int:
    """The number of the page that is asked for, from 1."""
    return max(1, number(query, "page") or 1)


def turned(query: Mapping[str, str], step: int) -> str:
    """What the address says of the page so many steps on; of the first one, nothing."""
    to = page(query) + step
    return str(to) if to > 1 else ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list of `total` rows the page asked for is, with `here` of at most `size`."""

    query: Mapping[str, str]
    size: int
    here: int
    total: int

    @property
    def has_previous(self) -> bool:
        """Whether there are rows before it."""
        return page(self.query) > 1

    @property
    def has_next(self) -> bool:
        """Whether there are rows after it."""
        return self._first + self.here < self.total

    def shown(self, whole: str) -> str:
        """Which rows these are ("51–100 of 1,204"); where a page holds them all, `whole`."""
        if self.total <= self.size or not self.here:
            return whole
        return f"{self._first + 1:,}–{self._first + self.here:,} of {self.total:,}"

    @property
    def _first(self) -> int:
        return (page(self.query) - 1) * self.size


def moment(query: Mapping[str, str], name: str) -> datetime | None:
    """A moment from the address (ISO 8601 with its offset); None for anything else."""
    return send_filters.moment(query.get(name, ""))
