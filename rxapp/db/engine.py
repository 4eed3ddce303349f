"""Connections and transactions. `reading()` and `writing()` are the only ways in.

SQLite has one writer at a time. A transaction that starts as a read and writes later can be
refused at once, without waiting ("database is locked"), so write transactions begin as writes
(BEGIN IMMEDIATE). Inside one process they queue up in order of arrival; SQLite's own waiting is
by polling and would let a busy bulk job starve a single click.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Engine, Executable, SelectBase, create_engine, event, func, make_url, select
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from rxapp.config import get_settings
from rxapp.db import postgres, racing
from rxapp.db.search import ON_SQLITE, fold
from rxapp.db.turns import Turns
from rxapp.errors import CannotStart

# How long a transaction that writes waits for others to end theirs, before it is given up.
PATIENCE_SECONDS = float(postgres.LOCK_SECONDS)
WRITE, PATIENCE = "rxapp_write", "rxapp_patience"
DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")


_writer_turns: dict[str, Turns] = {}
_after_commit: list[Callable[[], None]] = []


def get_engine(url: str | None = None) -> Engine:
    """The engine for `url`, or for the configured database; made once per process."""
    return _engine(url or get_settings().database)


@cache  # without a limit: an engine pushed out would leave its connections open
def _engine(url: str) -> Engine:
    if _driver(url).startswith("sqlite"):
        return _sqlite_engine(url)
    engine = create_engine(
        url,
        connect_args=postgres.parameters(make_url(url)),
        pool_size=20,
        max_overflow=20,
        pool_pre_ping=True,
        # Values are partners' data: they must not end up in a log with an error.
        hide_parameters=True,
    )
    event.listen(engine, "connect", postgres.prepare)
    return engine


def _driver(url: str) -> str:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        driver, named = "", None
    else:
        driver, named = address.drivername, address.database
    # In memory nothing would be kept.
    in_memory = driver.startswith("sqlite") and named in (None, "", ":memory:")
    if driver not in DRIVERS or in_memory:
        raise CannotStart(
            "DATABASE_URL names no database that rxapp can use. PostgreSQL is "
            "postgresql://user:password@host/name, SQLite sqlite:////path/to/file.db."
        )
    if driver.startswith("postgresql") and find_spec("psycopg") is None:
        raise CannotStart("PostgreSQL's driver is missing. Install rxapp with the extra postgres.")
    return driver


def _sqlite_engine(url: str) -> Engine:
    directory = Path(make_url(url).database or "").parent
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"The directory of the database, {directory}, cannot be made: {error.strerror}."
        ) from error
    engine = create_engine(
        url,
        connect_args={"timeout": PATIENCE_SECONDS, "check_same_thread": False},
        pool_size=20,
        max_overflow=20,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    _writer_turns[url] = Turns()
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # Python's driver would begin transactions by itself, and always as reads.
    connection.isolation_level = None
    connection.create_function(ON_SQLITE, 1, lambda text: text and fold(text), deterministic=True)
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        # A commit is on the disk when it returns: a frozen batch must survive a power cut.
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-65536",
        "mmap_size=268435456",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(WRITE, False):
        connection.exec_driver_sql("BEGIN")
    else:
        patience = options.get(PATIENCE, PATIENCE_SECONDS)
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def sqlite_file(url: str) -> Path | None:
    """The file a SQLite database is kept in; None for PostgreSQL. Raises CannotStart."""
    file = _driver(url).startswith("sqlite") and make_url(url).database
    return Path(file) if file else None


@contextmanager
def reading() -> Iterator[Session]:
    """A session for looking, never for writing: nothing in it is committed."""
    with Session(get_engine()) as session:
        yield session


@contextmanager
def _told_when_overtaken() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        refusal = racing.overtaken(error)
        if refusal is None:
            raise
        raise refusal from error


@contextmanager
def writing(url: str | None = None, *, patience: float = PATIENCE_SECONDS) -> Iterator[Session]:
    """A transaction: committed when the block ends, rolled back whole when it raises.

    In the configured database, or in the one at `url`. Raises Raced when somebody else deleted
    or made at the same moment what this needs. Whoever else writes is waited for at most
    `patience` seconds (in SQLite; PostgreSQL has its own): a process that froze while it holds
    the database makes each attempt fail, and not wait for ever.

    Only doors open one. After a commit whose session was marked with `wakes_dispatcher`, the
    dispatchers of this process are woken, and those of others are told through the database.
    """
    engine = get_engine(url)
    turns = _writer_turns.get(str(engine.url))
    turn = turns.turn(patience) if turns else nullcontext()
    with turn, _told_when_overtaken(), engine.connect() as connection:
        write = connection.execution_options(**{WRITE: True, PATIENCE: patience})
        with Session(write, expire_on_commit=False) as session:
            yield session
            wake = session.info.get("wakes_dispatcher", False)
            if wake and engine.dialect.name == "postgresql":
                session.connection().exec_driver_sql("NOTIFY rxapp_due")
            session.commit()
    if wake:
        for callback in list(_after_commit):
            callback()


def wakes_dispatcher(session: Session) -> None:
    """Mark the transaction as one that leaves something to send."""
    session.info["wakes_dispatcher"] = True


def on_wake(callback: Callable[[], None]) -> Callable[[], None]:
    """Call `callback` from the committing thread after each such commit; returns how to stop."""
    _after_commit.append(callback)
    return lambda: _after_commit.remove(callback)


def count_of(session: Session, query: SelectBase) -> int:
    """How many rows a query finds."""
    found = query.subquery()
    return session.connection().scalar(select(func.count()).select_from(found)) or 0


def change(session: Session, statement: Executable) -> int:
    """Run an INSERT, UPDATE or DELETE; returns how many rows it touched."""
    options = {"preserve_rowcount": True}
    result = session.connection().execute(statement, execution_options=options)
    return int(result.rowcount)
