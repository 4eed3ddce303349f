"""Installations of the app side by side, each a data directory, and its commands run in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rxapp import config
from rxapp.cli import app
from rxapp.db.engine import get_engine


@contextmanager
def at(data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The app's own code works on this data directory now."""
    with monkeypatch.context() as patched:
        patched.setenv("RXAPP_DATA_DIR", str(data))
        config.get_settings.cache_clear()
        yield data
        get_engine(config.get_settings().database).dispose()
    config.get_settings.cache_clear()


def rxapp(*words: object) -> str:
    """Run a command; returns what it prints, raises what it raises."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None:
        raise result.exception
    return result.output
