"""Real databases for the tests: a fresh, migrated one for each, SQLite and PostgreSQL alike."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from rxapp import config
from rxapp.db import engine, migrate, settings, workers
from rxapp.db import postgres as limits
from rxapp.db.types import utcnow
from rxapp.domain import delivery
from rxapp.domain.sealed import seal
from tests import postgres
from tests.patience import PATIENCE


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies: cheaper than migrating again."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database = engine.get_engine(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated PostgreSQL database, its server started for this test process.

    On a busy machine a test may compute for long within a transaction. What the app itself may,
    `tests/dispatch/test_nothing_stalls.py` holds.
    """
    with (
        pytest.MonkeyPatch.context() as patched,
        postgres.server(tmp_path_factory.mktemp("postgres")) as url,
    ):
        patched.setattr(limits, "IDLE_SECONDS", int(PATIENCE))
        migrate.upgrade(engine.get_engine(url))
        yield url
        engine.get_engine(url).dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def database(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[str]:
    """The address of an empty, migrated database that the app's own code now uses."""
    if request.param == "sqlite":
        path = tmp_path / "rxapp.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("migrated_postgres")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("RXAPP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RXAPP_SECRET_KEY", "a key for tests only")
    config.get_settings.cache_clear()
    yield url
    if request.param == "postgres":
        _empty(url)
    else:
        engine.get_engine(config.get_settings().database).dispose()
    config.get_settings.cache_clear()


@pytest.fixture
def live(database: str) -> None:
    """A program whose emails really leave: a key is set, and a worker runs."""
    with engine.writing() as session:
        settings.store(session, {delivery.API_KEY: seal("re_live")})
        workers.beat(session, "a worker", "resend", utcnow())


def _empty(url: str) -> None:
    tables = ", ".join(table.name for table in SQLModel.metadata.sorted_tables)
    with engine.get_engine(url).begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
