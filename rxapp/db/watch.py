"""Hearing of commits other processes made, so that a new assignment never waits for a clock."""

from collections.abc import Callable, Iterator

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from rxapp.db import postgres
from rxapp.db.engine import get_engine

# How often SQLite is asked whether anybody committed; the question costs some microseconds.
SQLITE_SECONDS = 0.05
# How long one wait for PostgreSQL's notifications lasts before looking whether to stop.
POSTGRES_SECONDS = 0.5


class Watch:
    """Calls `wake` after commits of other processes. Each turn listens for a moment."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._heard: Iterator[bool] | None = None

    def turn(self) -> float:
        """Listen; returns how long to rest until the next time (seconds).

        After an error, the next turn listens over a new connection.
        """
        engine = get_engine()
        sqlite = engine.dialect.name == "sqlite"
        if self._heard is None:
            self._heard = _hear_sqlite(engine) if sqlite else _hear_postgres(engine)
        try:
            heard = next(self._heard)
        except Exception:
            self._heard = None
            raise
        if heard:
            self._wake()
        return SQLITE_SECONDS if sqlite else 0.0

    def close(self) -> None:
        """Give the connection back."""
        self._heard = None


def _hear_sqlite(engine: Engine) -> Iterator[bool]:
    """`PRAGMA data_version` changes on a connection when another one commits (sqlite.org)."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        seen = None
        while True:
            version = connection.execute(text("PRAGMA data_version")).scalar()
            yield version != seen
            seen = version


def _hear_postgres(engine: Engine) -> Iterator[bool]:
    """`NOTIFY rxapp_due` is part of each transaction that leaves something to send."""
    from psycopg import Error, connect  # noqa: PLC0415 (an extra, for PostgreSQL only)

    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    noticed = postgres.parameters(engine.url)
    try:
        with connect(address, autocommit=True, **noticed) as connection:
            connection.execute("LISTEN rxapp_due")
            # What was committed before listening would otherwise be heard of by nobody.
            yield True
            while True:
                yield any(connection.notifies(timeout=POSTGRES_SECONDS, stop_after=1))
    except Error as error:
        # As every other connection tells of it: a database that restarts is no mistake of ours.
        raise OperationalError("LISTEN", None, error) from error
