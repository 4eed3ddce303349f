"""Files that are there whole or not at all, and that only their owner can read."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700


@contextmanager
def fresh(path: Path) -> Iterator[BinaryIO]:
    """A new file to write: it gets its name when the block ends, and is on the disk by then.

    When the block raises, or the process is killed, nothing has that name. Raises FileExistsError
    for a name that is taken, whenever it was: no file is ever written over.
    """
    if path.exists():
        raise FileExistsError(path)
    draft = path.with_name(f".{path.name}.{uuid4().hex[:8]}.draft")
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _name(draft, path)
        sync_directory(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _name(draft: Path, path: Path) -> None:
    try:
        # Unlike renaming, linking refuses a name that somebody else took meanwhile.
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems have no links.
        if path.exists():
            raise FileExistsError(path) from None
        draft.rename(path)


def sync_directory(path: Path) -> None:
    """Have the names in a directory outlive a power cut, too."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_private(path: Path) -> None:
    """Let nobody but the owner read a file or directory; all else is left alone.

    So is what is neither: a name may lead to a device that everybody uses (/dev/null).
    Raises PermissionError when it belongs to somebody else.
    """
    try:
        now = path.stat()
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(now.st_mode) or stat.S_ISDIR(now.st_mode)):
        return
    wanted = PRIVATE_DIRECTORY if stat.S_ISDIR(now.st_mode) else PRIVATE
    if stat.S_IMODE(now.st_mode) & ~wanted:
        path.chmod(stat.S_IMODE(now.st_mode) & wanted)
