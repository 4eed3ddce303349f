"""What must be right before anything works: the settings, the data directory, the database.

Each command that works on an installation begins here. What is wrong is said in a sentence
(CannotStart), before anything is half begun.
"""

import logging
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rxapp.config import ROOT, SECRET_FILE, Settings, get_settings
from rxapp.db.engine import sqlite_file
from rxapp.db.migrate import upgrade
from rxapp.domain import images
from rxapp.domain.settings import sender
from rxapp.errors import CannotStart, InvalidInput
from rxapp.files import keep_private

logger = logging.getLogger(__name__)

# SQLite's own companions of a database (sqlite.org/tempfiles.html).
COMPANIONS = ("", "-wal", "-shm", "-journal")


def prepare() -> Settings:
    """The settings, with a data directory and a database that this version can use."""
    settings = get_settings()
    _check_sender(settings.rxapp_from)
    _check_directory(settings)
    # Made or read now: found out later, it would be in the middle of something.
    _ = settings.secret_key
    upgrade()
    keep_to_owner(settings)
    return settings


def keep_to_owner(settings: Settings) -> None:
    """Let nobody else on this machine read database, images and keys, whoever made them."""
    for path in _private(settings):
        try:
            keep_private(path)
        except OSError as error:
            logger.warning(
                "%s can be read by others on this machine, and rxapp may not change that: %s.",
                path, error.strerror,
            )  # fmt: skip


def _private(settings: Settings) -> Iterator[Path]:
    data = settings.rxapp_data_dir
    if _is_ours_alone(data):
        yield data
    yield data / SECRET_FILE
    database = sqlite_file(settings.database)
    if database is not None:
        files = (database.with_name(database.name + end) for end in COMPANIONS)
        yield from (file for file in files if not file.is_dir())
    if images.folder().is_dir():
        yield images.folder()
        yield from images.folder().iterdir()


def _is_ours_alone(data: Path) -> bool:
    """Whether the directory is only the app's; not, say, /srv, or one for everybody's files.

    Locking others out of what is theirs would be worse than letting them see names: what is in our
    files they cannot read in any case.
    """
    if not data.is_dir() or data.stat().st_mode & stat.S_ISVTX:
        return False
    others = [one for one in data.iterdir() if one.is_dir() and one != images.folder()]
    return not others and not any(place.is_relative_to(data) for place in (Path.home(), ROOT))


def _check_sender(given: str) -> None:
    try:
        sender(given)
    except InvalidInput as error:
        raise CannotStart(
            f"The setting RXAPP_FROM is no sender, such as Acme <hello@acme.com>: {error.sentence}"
        ) from error


def _check_directory(settings: Settings) -> None:
    data = settings.rxapp_data_dir
    # With PostgreSQL and a key from the environment, a worker needs no directory.
    if sqlite_file(settings.database) is None and settings.rxapp_secret_key:
        return
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as error:
        raise CannotStart(
            f"The data directory {data} cannot be used: {error.strerror}. Give it to the user that "
            "rxapp runs as, or name another with RXAPP_DATA_DIR."
        ) from error
