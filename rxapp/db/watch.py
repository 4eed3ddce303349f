"""Hearing of commits other processes made, so that a new assignment never waits for a clock."""

import threading
from collections.abc import Callable

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from rxapp.db.engine import get_engine

# How often SQLite is asked whether anybody committed; the question costs some microseconds.
SQLITE_SECONDS = 0.05
# How long one wait for PostgreSQL's notifications lasts before looking whether to stop.
POSTGRES_SECONDS = 0.5
RECONNECT_SECONDS = 1.0


def watch(wake: Callable[[], None], stopping: threading.Event) -> None:
    """Call `wake` after commits of other processes, until `stopping` is set. Blocks."""
    engine = get_engine()
    listen = _watch_sqlite if engine.dialect.name == "sqlite" else _watch_postgres
    while not stopping.is_set():
        try:
            listen(engine, wake, stopping)
        except (DBAPIError, OSError):
            stopping.wait(RECONNECT_SECONDS)


def _watch_sqlite(engine: Engine, wake: Callable[[], None], stopping: threading.Event) -> None:
    """`PRAGMA data_version` changes on a connection when another one commits (sqlite.org)."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        seen = None
        while not stopping.wait(SQLITE_SECONDS):
            version = connection.execute(text("PRAGMA data_version")).scalar()
            if version != seen:
                seen = version
                wake()


def _watch_postgres(engine: Engine, wake: Callable[[], None], stopping: threading.Event) -> None:
    """`NOTIFY rxapp_due` is part of each transaction that leaves something to send."""
    from psycopg import Error, connect  # noqa: PLC0415 (an extra, for PostgreSQL only)

    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with connect(address, autocommit=True) as connection:
            connection.execute("LISTEN rxapp_due")
            # What was committed before listening would otherwise be heard of by nobody.
            wake()
            while not stopping.is_set():
                for _ in connection.notifies(timeout=POSTGRES_SECONDS, stop_after=1):
                    wake()
    except Error as error:
        raise OSError("PostgreSQL cannot be listened to") from error
