"""Browser tests: one running app per test process, and a signed-in page for each test.

What a failed browser test saw is kept in test-results/: a screenshot and the browser's console.
What its pages said is a part of its report, for where nobody can look into that directory.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from rxapp.auth.sessions import COOKIE
from rxapp.config import ROOT
from tests.e2e import chromium
from tests.e2e.server import App, running
from tests.patience import PATIENCE

RESULTS = ROOT / "test-results"
HERE = Path(__file__).parent
expect.set_options(timeout=PATIENCE * 1000)
_FAILED = pytest.StashKey[bool]()
_CONTEXTS = pytest.StashKey[list[BrowserContext]]()

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this directory is an end-to-end test."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Leave word for `open_page` whether the test failed, and tell what its pages said."""
    report: pytest.TestReport = yield  # type: ignore[assignment]  # pytest sends the report
    if report.when == "call":
        item.stash[_FAILED] = report.failed
        if report.failed:
            pages = _pages(item.stash.get(_CONTEXTS, []))
            said = [(page.url, page.locator("body").aria_snapshot()) for page in pages]
            report.sections.extend(said)
    return report  # type: ignore[return-value]  # and wants it back


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app in its sandbox mode, shared by the tests of this process."""
    with running(tmp_path_factory.mktemp("app")) as started:
        yield started


@pytest.fixture(scope="session")
def session_cookie(app: App) -> str:
    """A session of the app's first admin."""
    return app.sign_in()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser, started once per test process."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        yield started
        started.close()


@pytest.fixture
def open_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[OpenPage]:
    """Opens pages with storage of their own: `open_page(app.url, cookie, viewport=..., ...)`.

    The test fails when a page's scripts did.
    """
    contexts = request.node.stash.setdefault(_CONTEXTS, [])
    console: list[str] = []
    crashes: list[str] = []

    def note(message: ConsoleMessage) -> None:
        console.append(f"{message.type}: {message.text}")

    def open_(url: str, cookie: str = "", **options: object) -> Page:
        context = browser.new_context(base_url=url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(PATIENCE * 1000)
        if cookie:
            context.add_cookies([{"name": COOKIE, "value": cookie, "url": url}])
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: crashes.append(str(error)))
        return page

    yield open_
    if request.node.stash.get(_FAILED, False) or crashes:
        _keep(request.node, contexts, [*console, *crashes])
    for context in contexts:
        context.close()
    assert crashes == []


@pytest.fixture
def page(app: App, session_cookie: str, open_page: OpenPage) -> Page:
    """A page of the shared app, signed in as its admin; go with `page.goto("/tags")`."""
    return open_page(app.url, session_cookie)


def _keep(test: pytest.Item, contexts: list[BrowserContext], console: list[str]) -> None:
    folder = RESULTS / re.sub(r"[^\w.-]+", "-", test.nodeid)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "console.txt").write_text("\n".join(console))
    for number, page in enumerate(_pages(contexts)):
        page.screenshot(path=folder / f"{number}.png", full_page=True)


def _pages(contexts: list[BrowserContext]) -> list[Page]:
    return [page for context in contexts for page in context.pages]
