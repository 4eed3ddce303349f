"""A backup: one file with the database, the images and, only if wished, the secret key.

It is a zip whose `manifest.json` says what is in it, with checksums. With PostgreSQL, the database
is left to PostgreSQL's own tools, and the rest is in the file.
"""

import hashlib
import importlib.metadata
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO

from rxapp.config import SECRET_FILE, Settings
from rxapp.db import migrate, snapshot
from rxapp.db.engine import sqlite_file
from rxapp.db.types import utcnow
from rxapp.domain import images
from rxapp.files import fresh

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "rxapp.db"
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a backup: its size in bytes, and the SHA-256 of its content."""

    size: int
    sha256: str


@dataclass(slots=True)
class Manifest:
    """What a backup holds, of which version of the app, and when it was made (ISO 8601).

    `database` is `sqlite`, or `postgresql` when the database itself is not in it; `schema` is the
    revision of its tables.
    """

    format: int
    version: str
    schema: str
    made_at: str
    database: str
    files: dict[str, Entry] = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.made_at)


def version() -> str:
    """The version of the app."""
    return importlib.metadata.version("rxapp")


def make(path: Path, settings: Settings, *, with_secret: bool) -> Manifest:
    """Write a backup of the running or stopped app, as it is at this moment, to a new file.

    The file is there when it is whole, and only its owner can read it. Needs little memory, and
    once more the database's size on the disk until it is done. Raises FileExistsError and OSError.
    """
    database = sqlite_file(settings.database)
    manifest = Manifest(
        format=FORMAT,
        version=version(),
        schema=migrate.current(),
        made_at=utcnow().isoformat(),
        database="sqlite" if database else "postgresql",
    )
    # The fastest compression: a database shrinks by about as much as with more work.
    how = partial(zipfile.ZipFile, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
    with fresh(path) as file, how(file, "w") as archive:
        if database:
            _add_database(archive, manifest, settings.database, path.parent)
        # After the database: what it names of images is there by now, and is never taken away.
        for image in _images():
            with image.open("rb") as content:
                _add(archive, manifest, f"images/{image.name}", content)
        if with_secret:
            _add(archive, manifest, SECRET_FILE, io.BytesIO(settings.secret_key.encode()))
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _add_database(archive: zipfile.ZipFile, manifest: Manifest, url: str, beside: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=beside, prefix=".rxapp-", suffix=".draft") as copy:
        snapshot.copy(url, Path(copy.name))
        with Path(copy.name).open("rb") as content:
            _add(archive, manifest, DATABASE, content)


def _images() -> Iterator[Path]:
    folder = images.folder()
    found = folder.iterdir() if folder.is_dir() else ()
    yield from sorted(path for path in found if images.is_name(path.name))


def _add(archive: zipfile.ZipFile, manifest: Manifest, name: str, content: IO[bytes]) -> None:
    hashed, size = hashlib.sha256(), 0
    with archive.open(name, "w", force_zip64=True) as member:
        while chunk := content.read(CHUNK):
            hashed.update(chunk)
            size += len(chunk)
            member.write(chunk)
    manifest.files[name] = Entry(size, hashed.hexdigest())
