"""What every connection to PostgreSQL is told, so that one process cannot hold up all others.

A worker that freezes (a machine asleep, a stopped process) keeps its transaction, and with it the
rows everybody waits for. PostgreSQL ends such a transaction by itself when it is told to; what the
frozen worker had under way is posted again under the same key, and it finds a new connection once
it goes on.
"""

from typing import Any

from sqlalchemy import URL, Connection, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

# The longest a transaction may rest between two statements, while the app computes.
IDLE_SECONDS = 5
# The longest a statement waits for somebody else's transaction.
LOCK_SECONDS = 30
# A peer that has gone without a word is noticed after about 20 seconds (libpq's parameters:
# postgresql.org/docs/current/libpq-connect.html).
_NOTICED = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 20_000,
}


def parameters(url: URL) -> dict[str, Any]:
    """How to connect; what the address itself says goes first."""
    return {name: value for name, value in _NOTICED.items() if name not in url.query}


def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Bound how long a new connection holds others up."""
    # A SET of a transaction would be gone with its end.
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
    cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    cursor.close()
    connection.autocommit = False


def take_time(connection: Connection) -> None:
    """Let this one transaction take as long as it needs: a migration carries all there is."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
