"""Pages stay light: what scripts a page needs, as they go over the wire, from an empty cache."""

from playwright.sync_api import Page, Request, expect

from rxapp import routes
from tests.e2e.conftest import OpenPage
from tests.e2e.server import App
from tests.e2e.test_accessibility import PAGES

# Compressed bytes of script. The editor of an email brings an editor with it.
MOST = 450_000
HEAVY = {routes.email(1)}


def test_no_page_but_the_email_editor_needs_more_than_450_kb_of_script(
    app: App, session_cookie: str, open_page: OpenPage
) -> None:
    light = [path for path in PAGES if path not in HEAVY]
    weights = {path: _weight(open_page(app.url, session_cookie), path) for path in light}
    assert min(weights.values()) > 100_000, "the scripts were not seen"
    assert {path: weight for path, weight in weights.items() if weight > MOST} == {}


def _weight(page: Page, path: str) -> int:
    loaded: list[Request] = []

    def note(request: Request) -> None:
        loaded.append(request)

    page.on("requestfinished", note)
    page.goto(path)
    expect(page.locator("main").locator("h1, h2").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    return sum(one.sizes()["responseBodySize"] for one in loaded if one.resource_type == "script")
