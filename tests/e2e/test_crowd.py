"""A big program, a slow line, and two people at once."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from sqlalchemy import create_engine, insert
from sqlmodel import Session

from rxapp.db.models import Partner
from tests import factory as f
from tests.e2e.conftest import OpenPage
from tests.e2e.server import App, running

CROWD = 10_000


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with a tag that emails, and 10,000 partners who do not have it yet."""
    with running(tmp_path_factory.mktemp("crowd")) as app:
        engine = create_engine(f"sqlite:///{app.data / 'rxapp.db'}")
        with Session(engine) as session:
            rows = [
                {
                    "email": f"p{i}@partners.test",
                    "email_key": f"p{i}@partners.test",
                    "first_name": f"Partner{i:05}",
                }
                for i in range(CROWD)
            ]
            session.connection().execute(insert(Partner), rows)
            vip = f.tag(session)
            f.automation(session, vip, f.email(f.template(session)))
            session.commit()
        engine.dispose()
        yield app


@pytest.fixture
def seat(crowded: App, open_page: OpenPage) -> Page:
    return open_page(crowded.url, crowded.sign_in())


def test_ten_thousand_are_paged_searched_and_sorted_by_the_server(seat: Page) -> None:
    seat.goto("/partners")
    expect(seat.get_by_text("1–50 of 10,000")).to_be_visible()
    expect(seat.get_by_role("row")).to_have_count(51)
    seat.get_by_role("button", name="Next").click()
    expect(seat.get_by_text("51–100 of 10,000")).to_be_visible()
    seat.get_by_role("searchbox").first.fill("partner09999")
    expect(seat.get_by_role("row")).to_have_count(2)
    expect(seat.get_by_text("1 partner", exact=True)).to_be_visible()


def test_emailing_ten_thousand_asks_for_the_number_before_it_may_be_done(
    seat: Page, crowded: App
) -> None:
    seat.goto("/partners")
    seat.get_by_role("checkbox", name="Choose everybody on this page").click()
    seat.get_by_role("button", name="Choose all 10,000 that match").click()
    seat.get_by_role("button", name="Assign tag").click()
    dialog = seat.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Tag").fill("vip")
    seat.get_by_role("option", name=re.compile("vip")).first.click()
    go = dialog.get_by_role("button", name="Assign tag and capture 10,000 emails")
    expect(go).to_be_disabled()
    dialog.get_by_role("textbox").last.fill("10000")
    expect(go).to_be_enabled()
    seat.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_what_one_person_does_shows_up_at_another(
    seat: Page, crowded: App, open_page: OpenPage
) -> None:
    other = open_page(crowded.url, crowded.sign_in())
    for page in (seat, other):
        page.goto("/partners/17")
        expect(page.get_by_text("No emails yet")).to_be_visible()
    seat.get_by_role("button", name="Assign tag").click()
    dialog = seat.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Tag").fill("vip")
    seat.get_by_role("option", name=re.compile("vip")).first.click()
    dialog.get_by_role("button", name="Assign tag and capture 1 email").click()
    for page in (seat, other):
        log = page.get_by_role("listitem").filter(has_text="Welcome")
        expect(log.first).to_contain_text("Captured")


def test_on_a_slow_line_a_list_stands_in_grey_and_then_comes(seat: Page) -> None:
    held: list[tuple[WebSocketRoute, str | bytes]] = []
    slow = False

    def carry(ours: WebSocketRoute) -> None:
        server = ours.connect_to_server()
        ours.on_message(server.send)
        server.on_message(lambda said: held.append((ours, said)) if slow else ours.send(said))

    seat.route_web_socket(re.compile("/_event"), carry)
    seat.goto("/settings")
    expect(seat.get_by_role("heading", level=1)).to_be_visible()
    slow = True
    seat.get_by_role("link", name="Partners", exact=True).click()
    expect(seat.locator(".rt-Skeleton").first).to_be_visible()
    slow = False
    for ours, said in held:
        ours.send(said)
    expect(seat.get_by_text("1–50 of 10,000")).to_be_visible()
    expect(seat.locator(".rt-Skeleton")).to_have_count(0)


def test_a_line_that_was_cut_comes_back_with_what_happened_meanwhile(
    seat: Page, crowded: App
) -> None:
    seat.goto("/tags")
    expect(seat.get_by_role("row").filter(has_text="vip")).to_be_visible()
    seat.context.set_offline(True)
    engine = create_engine(f"sqlite:///{crowded.data / 'rxapp.db'}")
    with Session(engine) as session:
        f.tag(session, "meanwhile")
        session.commit()
    engine.dispose()
    seat.context.set_offline(False)
    expect(seat.get_by_role("row").filter(has_text="meanwhile")).to_be_visible()
