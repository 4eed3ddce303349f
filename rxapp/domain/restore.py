"""Restoring a backup: into an empty data directory, whole or not at all, and paused.

Everything is unpacked beside its place, under a name of its own, checked, and only then given its
name; the database last. What is in the file is believed only as far as the manifest's checksums
and a fixed list of names allow: nothing in it says where a file goes.
"""

import hashlib
import json
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from rxapp.config import SECRET_FILE, Settings
from rxapp.db import migrate
from rxapp.db.engine import sqlite_file
from rxapp.domain import images
from rxapp.domain.backup import CHUNK, DATABASE, FORMAT, MANIFEST, Entry, Manifest, version
from rxapp.errors import BadBackup
from rxapp.files import PRIVATE, PRIVATE_DIRECTORY, sync_directory

# More than any list of images needs.
LARGEST_MANIFEST = 64 * 1024 * 1024
NO_BACKUP = "This is no backup that rxapp made, or not all of one"
# What zipfile and json raise for a file that is not what it should be.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, TypeError, NotImplementedError,
    RuntimeError, AttributeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Backup:
    """An opened backup, whose manifest says that this version can restore it."""

    path: Path
    archive: zipfile.ZipFile
    manifest: Manifest


@dataclass(slots=True)
class Place:
    """Where what is restored goes; `drafts` are the names until all of it is there."""

    data: Path
    database: Path | None
    drafts: list[tuple[Path, Path]] = field(default_factory=list)

    @property
    def database_draft(self) -> Path:
        """The database, until it has its name; raises BadBackup when it is PostgreSQL's."""
        if self.database is None:
            raise BadBackup(
                "The backup holds a SQLite database, and DATABASE_URL names PostgreSQL. Leave "
                "DATABASE_URL out to restore it."
            )
        return _draft(self.database)


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """A backup to restore; raises BadBackup for a file that is none, or not for this version."""
    with _understood(path):
        archive = zipfile.ZipFile(path)
    with archive:
        with _understood(path):
            backup = Backup(path, archive, _manifest(archive))
        yield backup


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise BadBackup(f"{NO_BACKUP}: {path}.") from error


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise BadBackup(f"{NO_BACKUP}: what it says of itself is too long.")
    said = json.loads(archive.read(MANIFEST))
    if said["format"] > FORMAT:
        raise _newer(said)
    manifest = Manifest(**said | {"files": {n: Entry(**e) for n, e in said["files"].items()}})
    if manifest.schema not in migrate.known():
        raise _newer(said)
    _ = manifest.moment
    _check_members(archive, manifest)
    return manifest


def _newer(said: dict[str, Any]) -> BadBackup:
    return BadBackup(
        f"The backup was made by another version of rxapp ({said['version']}) than this one "
        f"({version()}), which knows nothing of its tables. Install that version, or a newer one."
    )


def _check_members(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Raise BadBackup unless the file holds what the manifest lists, and nothing else."""
    members = {member.filename: member for member in archive.infolist()}
    listed = {MANIFEST, *manifest.files}
    whole = listed == set(members) and len(members) == len(archive.infolist())
    if not whole or (DATABASE in manifest.files) != (manifest.database == "sqlite"):
        raise BadBackup(f"{NO_BACKUP}: its list does not say what is in it.")
    for name, entry in manifest.files.items():
        member = members[name]
        kind = stat.S_IFMT(member.external_attr >> 16)
        if not _is_expected(name) or kind not in (0, stat.S_IFREG):
            raise BadBackup(f"{NO_BACKUP}: there is something in it that does not belong there.")
        if member.file_size != entry.size or entry.size < 0:
            raise BadBackup(f"{NO_BACKUP}: its list says something else of {name}.")


def _is_expected(name: str) -> bool:
    folder, _, image = name.rpartition("/")
    return name in (DATABASE, SECRET_FILE) or (folder == "images" and images.is_name(image))


@contextmanager
def empty_place(settings: Settings, backup: Backup) -> Iterator[Place]:
    """An empty place to restore to; what is not named when the block ends is gone again.

    Raises BadBackup when something is there already, or the disk has too little room.
    """
    place = Place(settings.rxapp_data_dir, sqlite_file(settings.database))
    place.data.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    _clear(place)
    # A disk of its own has a directory of the file system's in it.
    if any(one.name != "lost+found" for one in place.data.iterdir()):
        raise BadBackup(
            f"{place.data} is not empty. A backup is restored into an empty data directory only: "
            "move what is there away, or name another with RXAPP_DATA_DIR."
        )
    if place.database and place.database.exists():
        raise BadBackup(f"There is a database already: {place.database}. Move it away first.")
    needed = sum(entry.size for entry in backup.manifest.files.values())
    free = shutil.disk_usage(place.data).free
    if needed > free:
        raise BadBackup(
            f"The backup needs {needed / 1e6:,.0f} MB, and the disk has {free / 1e6:,.0f} left."
        )
    try:
        yield place
    finally:
        _clear(place)


def unpack(backup: Backup, place: Place) -> None:
    """Write everything beside its place; raises BadBackup where a checksum does not hold."""
    for name, entry in backup.manifest.files.items():
        target = place.database_draft if name == DATABASE else _draft_of(place, name)
        target.parent.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
        with _understood(backup.path), backup.archive.open(name) as content:
            _write(target, content, entry, name)


def _write(target: Path, content: IO[bytes], entry: Entry, name: str) -> None:
    hashed, left = hashlib.sha256(), entry.size
    target.touch(PRIVATE)
    with target.open("wb") as file:
        # No more than was said is ever written, whatever it unpacks to.
        while left and (chunk := content.read(min(CHUNK, left))):
            hashed.update(chunk)
            left -= len(chunk)
            file.write(chunk)
    if left or content.read(1) or hashed.hexdigest() != entry.sha256:
        raise BadBackup(f"The backup is damaged: {name} is not as it was when it was made.")


def name_all(place: Place) -> None:
    """All is there and right: give everything its name, the database last."""
    for draft in (_draft(place.data / "images"), _draft(place.data / SECRET_FILE)):
        if draft.exists():
            draft.rename(_named(draft))
    if place.database is not None and (draft := _draft(place.database)).exists():
        draft.rename(place.database)
        sync_directory(place.database.parent)
    sync_directory(place.data)


def _draft_of(place: Place, name: str) -> Path:
    folder, _, file = name.rpartition("/")
    return _draft(place.data / folder) / file if folder else _draft(place.data / file)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.restoring")


def _named(draft: Path) -> Path:
    return draft.with_name(draft.name.removeprefix(".").removesuffix(".restoring"))


def _clear(place: Place) -> None:
    """Take away what a restore left that did not end, this one or one that was killed."""
    for path in (place.data / "images", place.data / SECRET_FILE, place.database):
        if path is not None:
            shutil.rmtree(_draft(path), ignore_errors=True)
            for end in ("", "-wal", "-shm", "-journal"):
                with suppress(OSError):
                    _draft(path).with_name(_draft(path).name + end).unlink()
