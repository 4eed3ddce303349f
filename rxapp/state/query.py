"""What a page's address says: the row it is about, and the filters it was given.

Filters live in the address so that they are shared as a link, kept by reload, undone by "back".
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from rxapp.domain import send_filters
from rxapp.domain.text import as_id


def address(path: str, query: Mapping[str, str]) -> str:
    """`path` with this query; what is empty is left out."""
    wanted = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(wanted)}" if wanted else path


def named(path: str) -> str:
    """What a page's path ends with, an "edit" after it aside: the row it is about."""
    return path.rstrip("/").removesuffix("/edit").rpartition("/")[2]


def number(query: Mapping[str, str], name: str) -> int | None:
    """An id from the address; None where there is none, or nothing an id could be."""
    return as_id(query.get(name, ""))


def moment(query: Mapping[str, str], name: str) -> datetime | None:
    """A moment from the address (ISO 8601 with its offset); None for anything else."""
    return send_filters.moment(query.get(name, ""))
