"""Strangers who hold connections open keep nobody else out, and the app always stops in time."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from rxapp.db.models import Send, Source
from rxapp.domain.tags import assign_tags
from tests import factory
from tests.e2e.conftest import OpenPage
from tests.e2e.flood import restless
from tests.e2e.server import App, database, running
from tests.fakes.resend import FakeResend
from tests.patience import PATIENCE, until

IDLE, HALF = 200, 100
# What a page may take while all of them hold on; alone it takes a tenth of a second.
SECONDS = 10.0
STOP_SECONDS = 10.0
STOPS = 4

FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100"
HEAD = "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n\r\n"


@contextmanager
def opened(app: App, sent: str, number: int) -> Iterator[list[socket.socket]]:
    """Connections that have sent this and nothing else."""
    address = urlsplit(app.url)
    with ExitStack() as stack:
        made = []
        for _ in range(number):
            one = socket.create_connection((address.hostname, address.port), PATIENCE)
            stack.enter_context(one)
            one.sendall(sent.encode())
            made.append(one)
        yield made


def head(app: App, method: str, path: str, more: str = "Accept: */*") -> str:
    return HEAD.format(method=method, path=path, host=urlsplit(app.url).netloc, more=more)


def until_closed(connection: socket.socket) -> bytes:
    """What the server says before it ends the connection."""
    said = b""
    while piece := connection.recv(65_536):
        said += piece
    return said


def test_idle_and_half_sent_connections_keep_nobody_out_and_are_ended(tmp_path: Path) -> None:
    with running(tmp_path) as app, ExitStack() as stack:
        idle = stack.enter_context(opened(app, head(app, "GET", "/healthz"), IDLE))
        silent = stack.enter_context(opened(app, "", HALF))
        heads = stack.enter_context(opened(app, "POST /login HTTP/1.1\r\nHost: ", HALF))
        bodies = stack.enter_context(
            opened(app, head(app, "POST", "/login", FORM) + "email=", HALF)
        )
        for path in ("/healthz", "/login"):
            assert httpx.get(app.url + path, timeout=SECONDS).status_code == 200
        assert {until_closed(one)[:12] for one in bodies} == {b"HTTP/1.1 408"}
        assert {until_closed(one) for one in [*silent, *heads]} == {b""}
        assert {until_closed(one)[:12] for one in idle} == {b"HTTP/1.1 200"}
        assert "Traceback" not in app.log.read_text()


def test_the_app_always_stops_in_time_whatever_its_tabs_are_doing(
    tmp_path: Path, open_page: OpenPage
) -> None:
    page = None
    port = None
    for _ in range(STOPS):
        with running(tmp_path, port) as app:
            port = urlsplit(app.url).port
            cookie = app.sign_in()
            page = page or open_page(app.url, cookie)
            page.goto("/emails/new")
            form = page.locator("#email-form")
            form.get_by_role("textbox", name="Subject").press_sequentially("Hello")
            with restless(app, cookie), opened(app, head(app, "GET", "/login"), 5):
                began = time.monotonic()
                assert app.stop() == 0
                assert time.monotonic() - began < STOP_SECONDS
            assert "Traceback" not in app.log.read_text()
            assert "Thread 0x" not in app.log.read_text()


@pytest.mark.parametrize("kind", ["hang", "accept_hang"])
def test_the_app_stops_in_time_while_the_provider_does_not_answer_and_sends_once(
    tmp_path: Path, kind: str
) -> None:
    with FakeResend(rate=0) as fake:
        live = {"RESEND_API_KEY": "re_test", "RESEND_API_URL": fake.url}
        fake.fail_next(kind)
        with running(tmp_path, None, **live) as app:
            with database(app) as s:
                vip = factory.tag(s)
                factory.automation(s, vip, factory.email(factory.template(s)))
                assign_tags(s, vip, [factory.partner(s)], source=Source.API, actor="a test")
            until(lambda: fake.stats()["requests"] > 0)
            began = time.monotonic()
            assert app.stop() == 0
            assert time.monotonic() - began < STOP_SECONDS
        with running(tmp_path, None, **live) as app:
            until(lambda: _statuses(app) == ["sent"])
        assert len(fake.ledger()) == 1


def _statuses(app: App) -> list[str]:
    with database(app) as s:
        return [send.status for send in factory.rows(s, Send)]
