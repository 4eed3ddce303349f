"""Alembic's entry point: it always gets a connection from rxapp.db.migrate."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from rxapp.db.types import UtcDateTime


def render_type(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write the app's own column types by their names, and SQLModel's as plain strings."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "types.UtcDateTime()"
    if kind == "type" and isinstance(item, JSON):
        return "types.JsonDocument"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    # SQLite cannot change a column in place; Alembic then copies the table.
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_type,
)
with context.begin_transaction():
    context.run_migrations()
