"""Where a request comes from: only proxies that were named are believed."""

import pytest
from pydantic import ValidationError
from starlette.requests import HTTPConnection

from rxapp import config
from rxapp.auth.network import client_address, spoken
from rxapp.config import Settings


def address(peer: str, *said: str) -> str:
    headers = [(b"x-forwarded-for", one.encode()) for one in said]
    return client_address(
        HTTPConnection({"type": "http", "headers": headers, "client": (peer, 4000)})
    )


@pytest.fixture(autouse=True)
def proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RXAPP_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")
    config.get_settings.cache_clear()


@pytest.mark.parametrize(
    ("peer", "said", "found"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.7, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.7", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["made up"], "10.0.0.1"),
        ("10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_only_what_trusted_proxies_saw_is_believed(peer: str, said: list[str], found: str) -> None:
    assert address(peer, *said) == found


def test_without_any_named_nobody_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RXAPP_TRUSTED_PROXIES", "")
    config.get_settings.cache_clear()
    assert address("127.0.0.1", "198.51.100.1") == "127.0.0.1"


def test_what_is_no_network_is_told_at_the_start() -> None:
    with pytest.raises(ValidationError):
        Settings(rxapp_trusted_proxies="everybody")


def test_an_unknown_browser_is_named_as_such() -> None:
    assert spoken("curl/8.0") == "Unknown browser"
