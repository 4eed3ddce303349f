"""Starting, stopping and reaching the app: any port, any address, several at once."""

import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from rxapp import config
from rxapp.domain import unsubscribe
from tests import factory
from tests.e2e.conftest import OpenPage
from tests.e2e.server import EMAIL, App, database, running, start
from tests.patience import PATIENCE

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def is_connected(page: Page) -> None:
    """The frame's contents come over the websocket."""
    expect(page.get_by_role("button", name="Your account")).to_contain_text(EMAIL)


@pytest.mark.parametrize("path", ["/", "/assets/nothing.js", "/_upload", "/_health", "/api/docs"])
def test_without_a_session_nothing_is_answered(app: App, path: str) -> None:
    answer = httpx.get(f"{app.url}{path}", headers={"Accept": "text/html"})
    assert answer.status_code in {303, 401}, answer.text


@pytest.mark.parametrize("damaged", ["{}%29", "{}/", "{}%20.", "{}/../../index.html", "{}=%0D%0A"])
def test_a_damaged_unsubscribe_link_finds_its_page(
    app: App, monkeypatch: pytest.MonkeyPatch, damaged: str
) -> None:
    monkeypatch.setenv("RXAPP_DATA_DIR", str(app.data))
    config.get_settings.cache_clear()
    with database(app) as s:
        token = unsubscribe.token(factory.partner(s, f"p{hash(damaged)}"))
    config.get_settings.cache_clear()
    in_two = f"{token[:20]}=%0D%0A{token[20:]}"
    for link in (damaged.format(token), damaged.format(in_two)):
        answer = _as_it_stands(app, f"/unsubscribe/{link}")
        assert "200 OK" in answer.partition("\r\n")[0]
        assert "Unsubscribe from" in answer


def _as_it_stands(app: App, path: str) -> str:
    """GET without a client that tidies the address."""
    address = urlsplit(app.url)
    with socket.create_connection((address.hostname, address.port), 60) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(partial(line.recv, 65536), b"")).decode()


@pytest.mark.parametrize(
    ("origin", "signed_in", "status"),
    [("own", True, 101), ("http://evil.example", True, 403), ("own", False, 403)],
)
def test_the_websocket_opens_only_for_a_session_and_our_own_pages(
    app: App, session_cookie: str, origin: str, signed_in: bool, status: int
) -> None:
    headers = UPGRADE | {"Origin": app.url if origin == "own" else origin}
    if signed_in:
        headers["Cookie"] = f"rxapp_session={session_cookie}"
    address = f"{app.url}/_event/?EIO=4&transport=websocket&token=a-tab"
    with httpx.stream("GET", address, headers=headers) as answer:
        assert answer.status_code == status


def test_a_second_app_from_the_same_checkout_runs_beside_the_first(
    page: Page, open_page: OpenPage, tmp_path: Path
) -> None:
    with running(tmp_path) as other:
        second = open_page(other.url, other.sign_in())
        for tab in (page, second):
            tab.goto("/")
            is_connected(tab)


def test_behind_a_tls_proxy_the_browser_talks_to_the_proxy(
    app: App, session_cookie: str, open_page: OpenPage
) -> None:
    asked: list[str] = []

    def proxy(route: Route) -> None:
        there = urlsplit(route.request.url)
        cookie = {"Cookie": f"rxapp_session={session_cookie}"}
        route.fulfill(response=route.fetch(url=f"{app.url}{there.path}", headers=cookie))

    def websocket(route: WebSocketRoute) -> None:
        asked.append(route.url)

    page = open_page("https://partners.example")
    page.route("https://partners.example/**", proxy)
    page.route_web_socket(re.compile(".*"), websocket)
    page.goto("/")
    deadline = time.monotonic() + PATIENCE
    while not asked and time.monotonic() < deadline:
        page.wait_for_timeout(50)  # Playwright tells of mocked websockets in no other way.
    assert asked
    assert all(url.startswith("wss://partners.example/_event") for url in asked)


def test_the_app_stops_cleanly_and_an_open_page_survives_its_restart(
    tmp_path: Path, open_page: OpenPage
) -> None:
    with running(tmp_path) as first:
        page = open_page(first.url, first.sign_in())
        page.goto("/")
        is_connected(page)
        assert first.stop(signal.SIGTERM) == 0
    assert "Traceback" not in first.log.read_text()
    port = urlsplit(first.url).port
    with running(tmp_path, port) as again:
        page.reload()
        is_connected(page)
        assert again.stop(signal.SIGINT) == 0


def test_a_port_that_is_taken_is_said_in_words(app: App, tmp_path: Path) -> None:
    port = urlsplit(app.url).port or 0
    second = start(tmp_path, port)
    assert second.process.wait(PATIENCE) == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in second.log.read_text()
    assert "Traceback" not in second.log.read_text()


@contextmanager
def recording_proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that refuses, and remembers what was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(502)

        do_CONNECT = do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_starting_asks_nobody_on_the_internet_anything(app: App, tmp_path: Path) -> None:
    with recording_proxy() as (proxy, asked):
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        environment = dict.fromkeys(names, proxy) | {"NO_PROXY": "127.0.0.1"}
        with running(tmp_path, None, **environment):
            pass
        assert asked == []


def test_without_an_admin_in_the_environment_a_set_up_link_is_printed(tmp_path: Path) -> None:
    with running(tmp_path, RXAPP_ADMIN_EMAIL="", RXAPP_ADMIN_PASSWORD="") as app:
        (link,) = re.findall(rf"{re.escape(app.url)}/setup/\S+", app.log.read_text())
        assert httpx.get(link).status_code == 200
