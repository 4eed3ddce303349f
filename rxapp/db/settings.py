"""The program's settings as kept: one row per setting that was ever changed."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from rxapp.db.models import Setting


def stored(session: Session) -> dict[str, Any]:
    """The settings that were changed in the app, by name."""
    return {setting.name: setting.value for setting in session.exec(select(Setting))}


def store(session: Session, values: Mapping[str, Any]) -> None:
    """Keep these settings; the others stay as they are."""
    for name, value in values.items():
        session.merge(Setting(name=name, value=value))
    session.flush()
