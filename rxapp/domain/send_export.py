"""Sends as a CSV file, in the words of the history; no cell of it is run as a formula."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime

from sqlmodel import Session

from rxapp.db import send_log as sql
from rxapp.db.send_log import SendFilter, SendRow
from rxapp.domain import csv_files, reasons

PIECE = 2_000
COLUMNS = (
    "send", "status", "reason", "email_address", "first_name", "last_name", "email", "version",
    "subject", "tag", "automation", "source", "assigned_by", "sent_again_by", "repeats_send",
    "provider_id", "decided_at", "status_at", "sent_at", "delivered_at", "opened_at", "clicked_at",
)  # fmt: skip


def lines(
    reading: Callable[[], AbstractContextManager[Session]], wanted: SendFilter
) -> Iterator[str]:
    """The file, some thousand sends at a time, newest first.

    Each piece is read in a transaction of its own: a slow download holds nobody up.
    """
    # The mark by which spreadsheets recognize UTF-8.
    yield "\ufeff" + csv_files.written([COLUMNS])
    before = None
    while True:
        with reading() as session:
            rows = sql.page(session, wanted, limit=PIECE, before=before)
        if not rows:
            return
        yield csv_files.written([_cells(row) for row in rows])
        before = rows[-1].id


def _cells(row: SendRow) -> list[str]:
    return [
        str(row.id),
        row.status,
        reasons.sentence(row.reason, row.detail),
        row.recipient or row.email or "",
        row.first_name,
        row.last_name,
        row.template,
        str(row.version),
        row.subject,
        row.tag,
        row.automation,
        row.source,
        row.actor,
        row.resent_by,
        str(row.resend_of or ""),
        row.provider_id or "",
        _written(row.created_at),
        _written(row.status_at),
        _written(row.sent_at),
        _written(row.delivered_at),
        _written(row.opened_at),
        _written(row.clicked_at),
    ]


def _written(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""
