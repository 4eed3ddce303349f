"""The migrations and the models describe the same database."""

from rxapp.db import migrate
from rxapp.db.engine import get_engine


def test_migrations_and_models_agree(database: str) -> None:
    assert migrate.differences(get_engine(database)) == []


def test_a_migrated_database_is_current_and_migrating_again_changes_nothing(database: str) -> None:
    assert migrate.is_current(get_engine(database))
    migrate.upgrade(get_engine(database))
    assert migrate.is_current(get_engine(database))
