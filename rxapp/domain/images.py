"""Images of emails: kept in the data directory under the fingerprint of their content.

Inboxes load them without a session, as long as the email lies there, so an image never changes
and is never taken away. What it is is read off its first bytes, never off a name.
"""

import hashlib
import re
from contextlib import suppress
from pathlib import Path

from rxapp.config import get_settings
from rxapp.errors import InvalidInput, NotFound
from rxapp.files import fresh

MAX_BYTES = 5 * 1024 * 1024
TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
_NAME = re.compile(rf"[0-9a-f]{{40}}\.(?:{'|'.join(TYPES)})", re.ASCII)


def kind(content: bytes) -> str | None:
    """`png`, `jpg`, `gif` or `webp`; None for all else, SVG among it: that can hold scripts."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "webp"
    return None


def save(content: bytes) -> str:
    """Keep an image and return its name; raises InvalidInput. The same image is kept once."""
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"An image can have {MAX_BYTES // 1024**2} MB.", "file")
    found = kind(content)
    if found is None:
        raise InvalidInput("This is no PNG, JPEG, GIF or WebP image.", "file")
    name = f"{hashlib.sha256(content).hexdigest()[:40]}.{found}"
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whoever loads it meanwhile gets all of it or nothing.
    with suppress(FileExistsError), fresh(path) as file:
        file.write(content)
    return name


def is_name(name: str) -> bool:
    """Whether a file of this name is an image, and not one that is still being written."""
    return _NAME.fullmatch(name) is not None


def find(name: str) -> tuple[bytes, str]:
    """An image and its media type; raises NotFound."""
    path = folder() / name
    if not is_name(name) or not path.is_file():
        raise NotFound("There is no such image.")
    return path.read_bytes(), TYPES[name.rpartition(".")[2]]


def url(name: str) -> str:
    """Where inboxes load an image."""
    return f"{get_settings().base_url}/images/{name}"


def folder() -> Path:
    """Where the images lie; back it up with the database."""
    return get_settings().rxapp_data_dir / "images"
