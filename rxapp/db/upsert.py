"""INSERT that leaves rows alone whose unique key is taken; the same on both databases."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_new(session: Session, model: type[SQLModel]) -> Any:
    """An INSERT into the table of `model` that skips rows that conflict with a unique key.

    Returns the dialect's own statement (its `values` and `from_select` are those of SQLAlchemy);
    the row count of its result is the number of rows that were really inserted.
    """
    insert: Any = (
        sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    )
    return insert(model).on_conflict_do_nothing()
