"""A SQLite database as one whole file, taken while others write; and whether such a file is whole.

`VACUUM INTO` reads one moment of the database without holding up a writer. Copying the file would
miss what is still in the write-ahead log, and SQLite's online backup in steps begins anew with
every write of another process: under a busy worker it never ends.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from rxapp.db.engine import get_engine


def copy(url: str, target: Path) -> None:
    """Write the database at `url` as it is at this moment into `target`, a file that is empty."""
    command = "VACUUM INTO ?"
    # Not in a transaction, which SQLAlchemy would begin.
    with closing(get_engine(url).raw_connection()) as connection:
        try:
            connection.cursor().execute(command, (str(target),))
        except sqlite3.Error as error:
            raise DatabaseError(command, None, error) from error


def is_whole(url: str) -> bool:
    """Whether every page, row and index of a SQLite database is as it should be."""
    try:
        with get_engine(url).connect() as connection:
            found = connection.execute(text("PRAGMA integrity_check(1)")).scalar()
            dangling = connection.execute(text("PRAGMA foreign_key_check")).first()
    except DatabaseError:
        return False
    return found == "ok" and dangling is None
