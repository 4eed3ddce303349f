"""Two people at once: one deletes what the other begins to use, or makes what the other makes.

SQLite has one writer at a time. PostgreSQL lets both go on and refuses the later one only when it
writes or commits.
"""

import sqlite3
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from rxapp.errors import Raced

# PostgreSQL's SQLSTATEs (postgresql.org/docs, appendix A) and SQLite's result codes (rescode.html)
# for a foreign key and a unique key. What else can be violated is a mistake of ours.
_REFUSED = {
    "23503",
    "23505",
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
}
OVERTAKEN = (
    "Somebody else changed or deleted something this needs at the same moment, so nothing was "
    "changed here. Look at it again, and try once more."
)


def hold(session: Session, model: Any, row_id: int) -> bool:
    """Let nobody begin to use a row until the transaction ends; false when it is gone.

    Whoever had begun has ended by then: what uses the row is seen by the next query.
    """
    row = select(col(model.id)).where(col(model.id) == row_id).with_for_update()
    return session.connection().scalar(row) is not None


def overtaken(error: IntegrityError) -> Raced | None:
    """What to tell of a violation that somebody else's change caused; None for any other."""
    cause = error.orig
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorcode", None)
    return Raced(OVERTAKEN) if code in _REFUSED else None
