"""Whether there is room on the disks that the app writes to."""

import shutil
from pathlib import Path

from rxapp.config import get_settings
from rxapp.db.engine import sqlite_file

# With less than this, a bulk action may fill the disk.
LEAST_BYTES = 200 * 1000 * 1000


def free() -> int:
    """How many bytes are free where the data is, on the fullest of the disks."""
    settings = get_settings()
    database = sqlite_file(settings.database)
    places = [settings.rxapp_data_dir, *([] if database is None else [database.parent])]
    return min(shutil.disk_usage(_existing(place)).free for place in places)


def _existing(place: Path) -> Path:
    """The directory, or the nearest one above it that is there already."""
    return next(one for one in (place.resolve(), *place.resolve().parents) if one.exists())
