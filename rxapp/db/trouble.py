"""When the database is at fault, and not what was asked of it; and why, in a sentence."""

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

from rxapp.errors import CannotStart

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
