"""Nobody is left out: axe finds nothing serious on any page, light or dark, phone or desk.

Pages are found by their routes, menus and most dialogs by what says that it opens one, so what is
new is looked at without being listed here.
"""

import re
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect
from reflex_base.registry import RegistrationContext

import rxapp.rxapp  # noqa: F401  (registers the pages)
from rxapp import routes
from tests.e2e.conftest import OpenPage
from tests.e2e.server import App, running

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 375, "height": 740}
LOOKS = [("light", DESK), ("light", PHONE), ("dark", DESK), ("dark", PHONE)]
# Every page the app registers; of one that is about a row, the first row's.
PAGES = sorted(
    re.sub(r"\[\w+\]", "1", page["route"])
    for _, page in RegistrationContext.ensure_context().decorated_pages
    if page["route"].startswith("/")
)
OPENERS = ":is(main, .topbar) :is([aria-haspopup=dialog], [aria-haspopup=menu])"
OPENED = ":is([role=dialog], [role=alertdialog], [role=menu])[data-state=open]"
Named = dict[str, list[str]]
# Buttons the state answers with a dialog, which therefore do not announce one.
NAMED = {
    routes.TAGS: ["New tag"],
    routes.PARTNERS: ["Add partner"],
    routes.EMAILS: ["New email"],
}
# The same, where there is a row.
NAMED_ON_A_ROW = {routes.email(1): ["Versions", "Send test"]}
MOST_OPENED = 6
# Those that differ in how their names begin: a table has the same menu in every row.
DISTINCT = """all => {
    const names = all.map((one) => (one.ariaLabel || one.innerText).split(" ")[0]);
    return [...all.keys()].filter((at) => all[at].checkVisibility()
        && names.indexOf(names[at]) === at);
}"""
RUN = """async (what) => {
    const found = await axe.run(what, {resultTypes: ["violations"]});
    return found.violations
        .filter(({impact}) => impact === "serious" || impact === "critical")
        // The arrow keys scroll a menu: its items are focused by them, not by Tab.
        .filter(({id, nodes}) => id !== "scrollable-region-focusable" || what === "html"
            || !document.querySelector("[role=menu]"))
        .map(({id, nodes}) => `${id} (${nodes.length} times): ${nodes[0].html.slice(0, 240)} `
            + nodes[0].failureSummary);
}"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app nobody has used yet."""
    with running(tmp_path_factory.mktemp("empty")) as app:
        yield app


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with the sample data, with emails sent and emails withheld."""
    with running(tmp_path_factory.mktemp("full")) as app:
        app.command("demo")
        key = app.command("api-key", "create", "--name", "axe").strip()
        with httpx.Client(
            base_url=f"{app.url}/api/v1", headers={"Authorization": f"Bearer {key}"}
        ) as api:
            people = [one["id"] for one in api.get("/partners?limit=100").json()["data"]]
            for automation in api.get("/automations").json()["data"]:
                path = f"/tags/{automation['tag_id']}/assignments"
                api.post(path, json={"partners": people}).raise_for_status()
        yield app


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_with_data_no_page_or_dialog_has_a_serious_finding(
    full: App, open_page: OpenPage, scheme: str, size: dict[str, int]
) -> None:
    _look_at_all(_open(open_page, full, scheme, size), NAMED | NAMED_ON_A_ROW)


@pytest.mark.parametrize(("scheme", "size"), LOOKS[1:3])
def test_an_empty_program_has_no_serious_finding(
    empty: App, open_page: OpenPage, scheme: str, size: dict[str, int]
) -> None:
    _look_at_all(_open(open_page, empty, scheme, size), NAMED)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_signing_in_has_no_serious_finding(empty: App, open_page: OpenPage, scheme: str) -> None:
    page = open_page(empty.url, color_scheme=scheme, viewport=PHONE)
    page.goto(routes.LOGIN)
    assert findings(page, "html", routes.LOGIN) == []


def _open(open_page: OpenPage, app: App, scheme: str, size: dict[str, int]) -> Page:
    # What fades in has no contrast yet.
    return open_page(
        app.url, app.sign_in(), color_scheme=scheme, viewport=size, reduced_motion="reduce"
    )


def _look_at_all(page: Page, named: Named) -> None:
    found = [finding for path in PAGES for finding in _look_around(page, path, named)]
    assert not found, "\n\n".join(dict.fromkeys(found))


def _look_around(page: Page, path: str, named: Named) -> list[str]:
    """What axe says to a page, and to whatever its buttons open."""
    page.goto(path)
    expect(page.locator("main").locator("h1, h2").first).to_be_visible()
    expect(page.locator(".rt-Skeleton")).to_have_count(0)
    found = findings(page, "html", path)
    for at in page.locator(OPENERS).evaluate_all(DISTINCT)[:MOST_OPENED]:
        opener = page.locator(OPENERS).nth(at)
        name = opener.get_attribute("aria-label") or opener.inner_text()
        opener.click()
        found += _look_into(page, f"{path} › {name}")
    for name in named.get(path, []):
        page.get_by_role("button", name=name).first.click()
        found += _look_into(page, f"{path} › {name}")
    return found


def _look_into(page: Page, where: str) -> list[str]:
    """What axe says to what has just opened; closes it with the keyboard."""
    opened = page.locator(OPENED)
    expect(opened.first).to_be_visible()
    expect(page.locator(".rt-Skeleton")).to_have_count(0)
    found = findings(page, OPENED, where)
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)
    return found


def findings(page: Page, what: str, where: str) -> list[str]:
    """The serious ones about what a selector finds; `where` is said with each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [f"{where}: {finding}" for finding in page.evaluate(RUN, what)]
