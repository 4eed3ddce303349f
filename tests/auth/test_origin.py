"""Which requests count as coming from our own pages."""

import pytest
from starlette.datastructures import Headers

from rxapp.auth.origin import Origin, origin_of
from rxapp.config import get_settings


@pytest.fixture(autouse=True)
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, "http://partners.example.com")


def configure(monkeypatch: pytest.MonkeyPatch, base_url: str) -> None:
    monkeypatch.setenv("RXAPP_BASE_URL", base_url)
    get_settings.cache_clear()


def asked(host: str, *origins: str) -> Origin:
    raw = [(b"host", host.encode()), *((b"origin", origin.encode()) for origin in origins)]
    return origin_of(Headers(raw=raw))


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("app.test", "http://app.test"),
        ("app.test:80", "http://app.test"),
        ("app.test", "https://app.test"),
        ("app.test:443", "https://app.test"),
        ("App.Test", "http://app.test"),
        ("[::1]:8000", "http://[::1]:8000"),
        # The proxy asks by another name; people came by the configured one.
        ("10.0.0.7:8000", "http://partners.example.com"),
    ],
)
def test_the_host_asked_for_and_the_configured_address_are_our_own(host: str, origin: str) -> None:
    assert asked(host, origin) is Origin.OWN


@pytest.mark.parametrize(
    "origin",
    [
        "http://elsewhere.test",
        "http://app.test.elsewhere.test",
        "http://xapp.test",
        "http://app.test:8001",
        "http://app.test@elsewhere.test",
        "http://app.test:99999",
        "http://[app.test",
        "file://app.test",
        "app.test",
        "null",
        "",
    ],
)
def test_everything_else_is_foreign(origin: str) -> None:
    assert asked("app.test", origin) is Origin.FOREIGN


def test_two_origins_are_foreign_and_none_is_unsaid() -> None:
    assert asked("app.test", "http://app.test", "http://app.test") is Origin.FOREIGN
    assert asked("app.test") is Origin.UNSAID


def test_a_page_over_plain_http_is_foreign_to_an_https_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure(monkeypatch, "https://partners.example.com")
    assert asked("partners.example.com", "https://partners.example.com") is Origin.OWN
    assert asked("partners.example.com", "http://partners.example.com") is Origin.FOREIGN
