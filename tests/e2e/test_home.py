"""Home in a real browser: what is still to do, and what became of the emails, while it is open."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from rxapp.db.models import Consent, Source
from rxapp.domain.tags import assign_tags
from tests import factory
from tests.e2e.conftest import OpenPage
from tests.e2e.server import App, database, running


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app of its own: what others do in theirs is not counted here."""
    with running(tmp_path_factory.mktemp("fresh")) as app:
        yield app


@pytest.mark.parametrize("width", [1440, 375])
def test_the_first_steps_tick_themselves_off_and_figures_count_while_it_is_looked_at(
    fresh: App, open_page: OpenPage, width: int
) -> None:
    page = open_page(fresh.url, fresh.sign_in(), viewport={"width": width, "height": 800})
    page.goto("/")
    steps = page.get_by_role("listitem")
    expect(steps.filter(has_text="Add partners")).to_be_visible()
    name = f"vip {width}"
    with database(fresh) as session:
        tag, email = factory.tag(session, name), factory.template(session, f"Welcome {width}")
        factory.automation(session, tag, factory.email(email), name=name)
        reached = factory.partner(session, f"reached{width}")
        left = factory.partner(session, f"left{width}", consent=Consent.UNSUBSCRIBED)
    with database(fresh) as session:
        assign_tags(session, tag, [reached, left], source=Source.API, actor="crm")
    latest = page.get_by_role("listitem").filter(has_text=f"Welcome {width}")
    expect(latest.first).to_be_visible()
    page.reload()
    for step in ("Add partners", "Create a tag", "Write an email", "Create an automation"):
        expect(steps.filter(has_text=step).get_by_label("Done")).to_be_visible()
    expect(steps.filter(has_text="Send for real").get_by_label("To do")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"[12].*Skipped"))).to_be_visible()
    _leads_to_what_it_counts(page)
    _no_wider_than_the_screen(page, width)


def _leads_to_what_it_counts(page: Page) -> None:
    page.get_by_role("radio", name="30 days").click()
    expect(page).to_have_url(re.compile(r"days=30"))
    page.get_by_role("link", name=re.compile(r"Skipped")).click()
    page.wait_for_url(re.compile(r"/sends/?\?.*status=skipped"))
    expect(page.locator("tbody tr").first).to_contain_text("has unsubscribed")
    page.go_back()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()


def _no_wider_than_the_screen(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
