"""Lists in pages. The cursor names the last row that was seen, so rows that are added or removed
between two pages neither repeat nor hide others.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from rxapp.domain.text import MAX_ID
from rxapp.errors import InvalidInput

LIMIT = 50
MAX_LIMIT = 500

Row = TypeVar("Row")
Shown = TypeVar("Shown")

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(description="`next_cursor` of the page before; leave out for the first.")
]


class Page(BaseModel, Generic[Shown]):
    """One page of a list; `next_cursor` is null on the last."""

    data: list[Shown]
    next_cursor: str | None = Field(examples=["MTAw", None])


def after(cursor: str | None) -> int | None:
    """The id a page starts after, None for the first; raises InvalidInput for a made-up cursor."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        last = int(base64.urlsafe_b64decode(padded).decode("ascii"))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(_BAD_CURSOR, "cursor") from error
    if not 0 <= last <= MAX_ID:
        raise InvalidInput(_BAD_CURSOR, "cursor")
    return last


_BAD_CURSOR = "This cursor was not given out by this list. Start again without one."


def page(
    rows: Sequence[Row], limit: int, row_id: Callable[[Row], int], show: Callable[[Row], Shown]
) -> Page[Shown]:
    """The page of up to `limit` rows; `rows` has one more when there are more to come."""
    kept = rows[:limit]
    more = len(rows) > limit
    return Page(
        data=[show(row) for row in kept],
        next_cursor=_cursor(row_id(kept[-1])) if more else None,
    )


def _cursor(last: int) -> str:
    return base64.urlsafe_b64encode(str(last).encode()).decode().rstrip("=")
