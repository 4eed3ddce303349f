"""Column types and the clock: all times are UTC and aware, on every database."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, DateTime, String, Table, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


def utcnow() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC. SQLite keeps no time zone, so it is taken off and put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, which would silently mean something else elsewhere."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Give the time zone back."""
        if value is None:
            return None
        aware: datetime = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return aware.astimezone(UTC)


JsonDocument = JSON().with_variant(JSONB(), "postgresql")


def written(word: str) -> ColumnElement[str]:
    """A word of ours written into the SQL itself instead of bound to it.

    A partial index ("... WHERE status = 'queued'") is only used by a query that names its
    condition literally. Never for anything that came from outside.
    """
    if not word.isidentifier():
        raise ValueError("only plain words of the schema may be written into SQL")
    return literal_column(f"'{word}'", String)


def table(model: Any) -> Table:
    """The table behind a model, for statements that never need objects."""
    found: Table = model.__table__
    return found
