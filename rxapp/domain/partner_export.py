"""Partners as a CSV file: an import reads it again, and no cell of it is run as a formula."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from sqlmodel import Session

from rxapp.db import partners as sql
from rxapp.db.partners import PartnerFilter, PartnerRow
from rxapp.domain import csv_files

PIECE = 2_000
COLUMNS = ("email", "first_name", "last_name", "company", "key", "tags", "status", "consent")
# What an import has no use for.
FACTS = ("deliverability", "added")


def lines(
    reading: Callable[[], AbstractContextManager[Session]], wanted: PartnerFilter
) -> Iterator[str]:
    """The file, some thousand partners at a time, oldest first.

    Each piece is read in a transaction of its own: a slow download holds nobody up.
    """
    with reading() as session:
        own = [name for name in sql.known_fields(session) if name not in FACTS]
    # The mark by which spreadsheets recognize UTF-8.
    yield "\ufeff" + csv_files.written([[*COLUMNS, *FACTS, *own]])
    after = 0
    while True:
        with reading() as session:
            rows = sql.page(session, wanted, sort="id", limit=PIECE, after=after)
        if not rows:
            return
        yield csv_files.written([_cells(row, own) for row in rows])
        after = rows[-1].id


def _cells(row: PartnerRow, own: Sequence[str]) -> list[str]:
    return [
        row.email or "",
        row.first_name,
        row.last_name,
        row.company,
        row.key or "",
        ";".join(tag.name for tag in row.tags),
        row.status,
        row.consent,
        row.deliverability,
        row.created_at.isoformat(timespec="seconds"),
        *(row.fields.get(name, "") for name in own),
    ]
