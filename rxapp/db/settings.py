"""The program's settings as kept: one row per setting that was ever changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from rxapp.db.models import Setting


def stored(session: Session, names: Iterable[str] | None = None) -> dict[str, Any]:
    """The settings that were changed in the app, by name; all of them, or some."""
    query = select(col(Setting.name), col(Setting.value))
    if names is not None:
        query = query.where(col(Setting.name).in_(list(names)))
    return dict(session.exec(query).all())


def store(session: Session, values: Mapping[str, Any]) -> None:
    """Keep these settings; the others stay as they are."""
    for name, value in values.items():
        session.merge(Setting(name=name, value=value))
    session.flush()


def remove(session: Session, names: Iterable[str]) -> None:
    """Forget these settings: what holds without them holds again."""
    session.connection().execute(delete(Setting).where(col(Setting.name).in_(list(names))))
