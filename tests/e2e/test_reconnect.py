"""A page that is open wins over a server that was away: what is typed is what is saved."""

import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect
from sqlmodel import select

from rxapp.db.models import Automation, Tag, Template, TemplateVersion
from tests.e2e.conftest import OpenPage
from tests.e2e.server import App, database, free_port, running

# Two busy cores may take this long to start the app, and to draw a page.
PATIENCE = 90_000


class Server:
    """The app on one data directory and one port, stopped and started again."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        self.start()

    def start(self) -> None:
        self._run: AbstractContextManager[App] = running(self.data, self.port)
        self.app = self._run.__enter__()

    def stop(self, signum: int = signal.SIGKILL) -> None:
        self.app.stop(signum)
        self._run.__exit__(None, None, None)

    def restart(self, signum: int = signal.SIGKILL) -> None:
        self.stop(signum)
        self.start()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("away"))
    yield started
    started.stop()


@pytest.fixture
def page(server: Server, open_page: OpenPage) -> Page:
    opened = open_page(server.app.url, server.app.sign_in())
    opened.set_default_timeout(PATIENCE)
    return opened


@pytest.fixture(autouse=True, scope="module")
def _patient() -> Iterator[None]:
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


def _field(page: Page, name: str) -> Locator:
    return page.locator("#email-form").get_by_role("textbox", name=name)


def _away(page: Page, server: Server, signum: int = signal.SIGKILL) -> None:
    server.stop(signum)
    expect(page.locator(".connection-lost")).to_be_visible()


def _here(page: Page) -> None:
    """The page is connected, and has read what it reads again."""
    expect(page.locator(".connection-lost")).to_have_count(0)


def _back(page: Page, server: Server) -> None:
    server.start()
    _here(page)


def _save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def _versions(server: Server, name: str) -> list[tuple[str, str, str]]:
    """Each version of an email: its subject, its preheader, and what its body is made of."""
    with database(server.app) as session:
        found = session.exec(
            select(TemplateVersion)
            .join(Template, Template.id == TemplateVersion.template_id)  # type: ignore[arg-type]
            .where(Template.name == name)
            .order_by(TemplateVersion.number)  # type: ignore[arg-type]
        )
        return [(one.subject, one.preheader, one.document or one.body) for one in found]


@pytest.fixture
def kind() -> str:
    """How the email is written."""
    return "visual"


@pytest.fixture
def name(kind: str, page: Page) -> str:
    """The name of an email that is saved once and open."""
    name = f"Email {uuid4().hex[:8]}"
    page.goto("/emails/new")
    _field(page, "Name").fill(name)
    if kind == "html":
        page.get_by_role("button", name="Edit as HTML").click()
        page.get_by_role("alertdialog").get_by_role("button", name="Edit as HTML").click()
        expect(page.locator("[name=document]")).to_have_count(0)
    _write(page, "first")
    _save(page)
    page.wait_for_url(re.compile(r"/emails/\d+$"))
    expect(page.get_by_text("The email is saved.")).to_be_visible()
    return name


def _write(page: Page, words: str) -> None:
    for field in ("Subject", "Preheader", "Body"):
        _field(page, field).fill(f"{words} {field.lower()}")


def _holds(page: Page, words: str) -> None:
    """What is seen, and what the form would save, is this."""
    for field in ("subject", "preheader", "body"):
        expect(_field(page, field.capitalize())).to_have_text(f"{words} {field}")
    expect(page.locator("[name=subject]")).to_have_value(f"{words} subject")
    expect(page.locator("[name=preheader]")).to_have_value(f"{words} preheader")
    body = page.locator("#email-form").locator("[name=document], [name=body]")
    expect(body).to_have_value(re.compile(f"{words} body"))


def _saved(server: Server, name: str, *words: str) -> None:
    """These are the versions that there are, in this order."""
    found = _versions(server, name)
    said = [(subject, preheader) for subject, preheader, _ in found]
    assert said == [(f"{one} subject", f"{one} preheader") for one in words]
    for one, (_, _, body) in zip(words, found, strict=True):
        assert f"{one} body" in body


both = pytest.mark.parametrize("kind", ["visual", "html"])


@both
def test_what_is_typed_outlives_a_restart_and_is_what_is_saved(
    page: Page, server: Server, name: str
) -> None:
    _write(page, "second")
    server.restart()
    _here(page)
    _holds(page, "second")
    expect(page.get_by_text("not saved yet")).to_be_visible()
    _write(page, "third")
    _save(page)
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    _holds(page, "third")
    server.restart()
    server.restart()
    _here(page)
    _holds(page, "third")
    expect(page.get_by_text("not saved yet")).to_have_count(0)
    _save(page)
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    _saved(server, name, "first", "third")


@both
def test_a_save_pressed_while_the_server_is_away_saves_what_was_seen(
    page: Page, server: Server, name: str
) -> None:
    _away(page, server)
    _write(page, "second")
    _save(page)
    _save(page)
    _write(page, "third")
    _back(page, server)
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    _holds(page, "third")
    expect(page.get_by_text("not saved yet")).to_be_visible()
    _save(page)
    expect(page.get_by_text("Saved as version 3.")).to_be_visible()
    _saved(server, name, "first", "second", "third")
    page.reload()
    _holds(page, "third")
    expect(page.get_by_role("button", name="Bring it back")).to_have_count(0)


def test_what_was_never_saved_is_offered_only_after_a_reload(
    page: Page, server: Server, name: str
) -> None:
    _write(page, "second")
    page.wait_for_function("Object.values(localStorage).some(v => v.includes('second body'))")
    server.restart()
    _here(page)
    _holds(page, "second")
    expect(page.get_by_role("button", name="Bring it back")).to_have_count(0)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    _holds(page, "first")
    page.get_by_role("button", name="Bring it back").click()
    _holds(page, "second")
    server.restart()
    _here(page)
    _holds(page, "second")
    _save(page)
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    _saved(server, name, "first", "second")


class Line:
    """What the browser and the server say to each other; the browser can be made deaf to it.

    It stays so for as long as the connection lasts: what was said on it may come late.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.asked = page, ""
        self._connections = self._deaf = 0
        page.route_web_socket(re.compile("/_event/"), self._carry)

    def deafen(self) -> None:
        """Let the browser hear nothing more on the connection it has."""
        self._deaf = self._connections

    def wait_for(self, asked: str) -> None:
        """Until the browser has asked for this."""
        while asked not in self.asked:
            self.page.wait_for_timeout(50)

    def _carry(self, here: WebSocketRoute) -> None:
        there = here.connect_to_server()
        self._connections = number = self._connections + 1
        there.on_message(lambda message: None if number <= self._deaf else here.send(message))
        here.on_message(lambda message: self._ask(there, message))

    def _ask(self, there: WebSocketRoute, message: str | bytes) -> None:
        self.asked += str(message)
        there.send(message)


def test_a_save_that_the_server_died_of_is_not_done(page: Page, server: Server, name: str) -> None:
    line = Line(page)
    page.reload()
    _write(page, "second")
    expect(page.get_by_text("not saved yet")).to_be_visible()
    with closing(sqlite3.connect(server.data / "rxapp.db", isolation_level=None)) as other:
        # Whoever writes has to wait.
        other.execute("BEGIN IMMEDIATE")
        _save(page)
        line.wait_for("email_state.save")
        server.stop(signal.SIGKILL)
    server.start()
    _here(page)
    _holds(page, "second")
    _save(page)
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    _saved(server, name, "first", "second")


@pytest.mark.parametrize("typed_on", [False, True])
def test_a_save_whose_answer_got_lost_is_not_done_again(
    page: Page, server: Server, typed_on: bool
) -> None:
    line, name = Line(page), f"Email {uuid4().hex[:8]}"
    page.goto("/emails/new")
    _field(page, "Name").fill(name)
    saved = []
    for pressed in ("first", "second"):
        _write(page, pressed)
        line.deafen()
        _save(page)
        saved.append(pressed)
        while len(_versions(server, name)) < len(saved):
            page.wait_for_timeout(50)
        server.stop(signal.SIGKILL)
        words = f"{pressed} and more" if typed_on else pressed
        _write(page, words)
        server.start()
        _here(page)
        page.wait_for_url(re.compile(r"/emails/\d+$"))
        _holds(page, words)
        expect(page.get_by_text(f"version {len(saved)}")).to_be_visible()
        expect(page.get_by_text("not saved yet")).to_have_count(int(typed_on))
        _save(page)
        if typed_on:
            saved.append(words)
            expect(page.get_by_text(f"Saved as version {len(saved)}.")).to_be_visible()
        else:
            expect(page.get_by_text("Saved.", exact=True).last).to_be_visible()
        _saved(server, name, *saved)


def test_an_open_dialog_keeps_what_was_typed(page: Page, server: Server) -> None:
    page.goto("/partners")
    page.get_by_role("button", name="Add partner").first.click()
    dialog = page.get_by_role("dialog", name="Add partner")
    email = f"{uuid4().hex[:8]}@example.com"
    dialog.get_by_label("Email").fill(email)
    server.restart()
    _here(page)
    expect(dialog.get_by_label("Email")).to_have_value(email)
    dialog.get_by_label("Company").fill("Rivera Studio")
    _away(page, server)
    dialog.get_by_role("button", name="Add partner").click()
    _back(page, server)
    expect(dialog).to_have_count(0)
    page.wait_for_url(re.compile(r"/partners/\d+$"))
    page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit partner")
    expect(dialog.get_by_label("Company")).to_have_value("Rivera Studio")
    dialog.get_by_label("Company").fill("Rivera & Sons")
    _away(page, server)
    dialog.get_by_role("button", name="Save partner").click()
    _back(page, server)
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("main").get_by_text("Rivera & Sons").first).to_be_visible()


def test_the_builder_and_the_email_written_in_it_go_on_where_they_were(
    page: Page, server: Server
) -> None:
    tag, email = f"tag {uuid4().hex[:8]}", f"Email {uuid4().hex[:8]}"
    line = Line(page)
    page.goto("/automations/new")
    page.get_by_role("radio", name="Tag is assigned to partner").click()
    page.get_by_role("combobox", name="Tag").fill(tag)
    page.get_by_role("option", name=re.compile(tag)).click()
    page.get_by_role("button", name="Send email").click()
    page.get_by_role("button", name="Create new email").click()
    editor = page.get_by_role("dialog", name="Create new email")
    _field(page, "Name").fill(email)
    _write(page, "first")
    server.restart()
    _here(page)
    expect(editor).to_be_visible()
    _holds(page, "first")
    _away(page, server)
    editor.get_by_role("button", name="Save and use").click()
    _back(page, server)
    expect(editor).to_have_count(0)
    _saved(server, email, "first")
    expect(page.get_by_role("combobox", name="Email")).to_have_value(email)
    # Created, and the server stops before the page hears of it.
    line.deafen()
    page.get_by_role("button", name="Create", exact=True).click()
    while not _automations(server, tag):
        page.wait_for_timeout(50)
    server.stop(signal.SIGKILL)
    _back(page, server)
    page.wait_for_url(re.compile(r"/automations$"))
    assert _automations(server, tag) == 1


def _automations(server: Server, tag: str) -> int:
    with database(server.app) as session:
        found = select(Automation).join(Tag, Tag.id == Automation.tag_id)  # type: ignore[arg-type]
        return len(session.exec(found.where(Tag.name == tag)).all())
