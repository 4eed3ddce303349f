"""Images of emails: what editors upload, every inbox can load, and nothing else."""

import struct
from collections.abc import Callable

import pytest

from rxapp.config import get_settings
from rxapp.db.models import Role
from rxapp.domain import images
from tests.api.conftest import Client

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + b"\0" * 20
FILES = {
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0" + b"\0" * 20,
    "gif": b"GIF89a" + b"\0" * 20,
    "webp": b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 20,
}


def upload(client: Client, content: bytes, name: str = "photo.png") -> tuple[int, dict[str, str]]:
    answer = client.post("/api/v1/images", files={"file": (name, content, "image/png")})
    return answer.status_code, answer.json()


@pytest.mark.parametrize("kind", FILES)
def test_an_uploaded_image_is_loaded_by_anybody_and_never_changes(
    client_of: Callable[[Role], Client], anybody: Client, kind: str
) -> None:
    status, said = upload(client_of(Role.EDITOR), FILES[kind], "../../etc/passwd.svg")
    assert status == 201
    address = said["url"].removeprefix(get_settings().base_url)
    assert address.startswith("/images/")
    loaded = anybody.get(address)
    assert (loaded.status_code, loaded.content) == (200, FILES[kind])
    assert loaded.headers["content-type"] == images.TYPES[kind]
    assert loaded.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in loaded.headers["cache-control"]
    assert "sandbox" in loaded.headers["content-security-policy"]
    assert "set-cookie" not in loaded.headers
    assert anybody.request("HEAD", address).status_code == 200


def test_the_same_image_has_one_address(client: Client) -> None:
    assert upload(client, PNG, "a.png") == upload(client, PNG, "b.jpg")
    assert len(list(images.folder().glob("*.png"))) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7",
        b"",
        b"GIF",
        b"RIFF\0\0\0\0WAVE",
        PNG + b"\0" * images.MAX_BYTES,
    ],
    ids=["svg", "html", "pdf", "empty", "short", "wave", "large"],
)
def test_what_is_no_image_is_refused(client: Client, content: bytes) -> None:
    status, said = upload(client, content)
    assert status in {413, 422}, said
    assert not list(images.folder().glob("*.svg"))


def test_viewers_and_strangers_upload_nothing(
    client_of: Callable[[Role], Client], anybody: Client
) -> None:
    assert upload(client_of(Role.VIEWER), PNG)[0] == 403
    assert upload(anybody, PNG)[0] == 401


@pytest.mark.parametrize(
    "name", ["..%2frxapp.db", "secret_key", "x.png", f"{'0' * 40}.png", f"{'0' * 40}.svg", "%2e%2e"]
)
def test_no_other_file_is_given_out(anybody: Client, name: str) -> None:
    assert anybody.get(f"/images/{name}").status_code in {401, 404, 303}
