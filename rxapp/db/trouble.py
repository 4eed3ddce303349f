"""When the database is at fault, and not what was asked of it; and why, in a sentence."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,  # noqa: A004 (all connections are taken)
)

from rxapp.config import get_settings
from rxapp.errors import Busy, CannotStart, DatabaseAway, DiskFull, ReadOnly, Unavailable

# What a database that is away, full, locked, restarted or read-only is told by. psycopg tells of
# the last as an internal error, and of a transaction that it ended for idling too.
AWAY = (OperationalError, InternalError, InterfaceError, TimeoutError)

# By what SQLite says; its codes are not in every error of the driver (sqlite.org/rescode.html).
_SQLITE = {
    "file is not a database": "The file is no SQLite database.",
    "malformed": "The file is damaged. Restore a backup: rxapp restore FILE.",
    "locked": "Another program holds it and does not let go.",
    "unable to open": "The file cannot be opened: its directory is missing, or belongs to another "
    "user than the one rxapp runs as.",
    "readonly": "The file cannot be written: it belongs to another user than the one rxapp runs "
    "as, or its disk is read-only.",
    "disk is full": "The disk is full.",
    "disk I/O error": "The disk does not answer as it should.",
}

# What an error means for whoever asked, by what SQLite says, PostgreSQL's codes
# (postgresql.org/docs/current/errcodes-appendix.html) and the system's. SQLite's own writing ahead
# meets a full disk as an "I/O error" too.
_SAID = {
    "disk is full": DiskFull,
    "readonly": ReadOnly,
    "locked": Busy,
}
_STATES = {
    "53100": DiskFull,
    "25006": ReadOnly,
    "55P03": Busy,
    "57014": Busy,
    "40P01": Busy,
}
_ERRNOS = {
    errno.ENOSPC: DiskFull,
    errno.EDQUOT: DiskFull,
    errno.EROFS: ReadOnly,
    errno.EACCES: ReadOnly,
    errno.EPERM: ReadOnly,
}
# With less than this left, an I/O error is the disk being full.
ROOM_BYTES = 1024 * 1024


def refusal(error: BaseException | None) -> Unavailable | None:
    """What to tell whoever asked when the machine or the database did not do its part.

    None when this error, and what it came from, is something else.
    """
    while error is not None:
        if found := _unavailable(error):
            return found()
        error = error.__cause__
    return None


def _unavailable(error: BaseException) -> type[Unavailable] | None:
    if isinstance(error, OSError):
        return _ERRNOS.get(error.errno or 0)
    return _of_database(error) if isinstance(error, SQLAlchemyError) else None


def _of_database(error: SQLAlchemyError) -> type[Unavailable] | None:
    original = getattr(error, "orig", None)
    by_state = _STATES.get(getattr(original, "sqlstate", None) or "")
    if by_state or not is_away(error):
        return by_state
    said = str(original or error)
    if "disk I/O error" in said:
        return DiskFull if _no_room() else Unavailable
    by_words = next((kind for sign, kind in _SAID.items() if sign in said), None)
    return by_words or (Busy if isinstance(error, TimeoutError) else DatabaseAway)


def _no_room() -> bool:
    return shutil.disk_usage(get_settings().rxapp_data_dir).free < ROOM_BYTES


def why(error: SQLAlchemyError) -> str:
    """What is wrong with the database, as far as its own words tell."""
    # The first line says why; the rest repeats the query.
    said = (str(getattr(error, "orig", None) or error).strip().splitlines() or [""])[0]
    known = next((words for sign, words in _SQLITE.items() if sign in said), None)
    return known or f"It says: {said.rstrip('.')}."


def is_away(error: BaseException) -> bool:
    """Whether the same work may well succeed later: nothing is wrong with it."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, AWAY)


@contextmanager
def told(database: Engine) -> Iterator[None]:
    """Raise CannotStart with a sentence when a database refuses what is done."""
    try:
        yield
    except SQLAlchemyError as error:
        where = database.url.render_as_string(hide_password=True)
        raise CannotStart(f"The database ({where}) cannot be used. {why(error)}") from error
