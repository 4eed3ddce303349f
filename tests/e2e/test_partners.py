"""Partners and tags in a real browser: finding, assigning, reading what was sent, importing."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlmodel import Session

from rxapp.db.engine import get_engine
from tests import factory
from tests.e2e.server import App


@contextmanager
def database(app: App) -> Iterator[Session]:
    """The database of the running app."""
    with Session(get_engine(f"sqlite:///{app.data / 'rxapp.db'}")) as session:
        yield session
        session.commit()


def program(app: App, name: str, partners: int = 0) -> None:
    """A tag called `name` that sends an email of that name, and partners with it in theirs."""
    with database(app) as session:
        email = factory.template(session, f"{name} email", html=f"<h1>All about {name}</h1>")
        factory.automation(session, factory.tag(session, name), factory.email(email), name=name)
        for number in range(partners):
            factory.partner(session, f"{name}{number}")


def pick_tag(page: Page, name: str) -> None:
    page.get_by_role("dialog").get_by_role("combobox", name="Tag").fill(name)
    page.get_by_role("option", name=name, exact=False).first.click()


def test_a_tag_assigned_by_hand_sends_an_email_that_can_be_read(app: App, page: Page) -> None:
    program(app, "aster")
    page.goto("/partners")
    page.get_by_role("button", name="Add partner").first.click()
    page.get_by_label("Email").fill("grace@partners.test")
    page.get_by_label("First name").fill("Grace")
    page.get_by_role("button", name="Add partner").last.click()
    expect(page.get_by_role("heading", name="Grace")).to_be_visible()
    page.get_by_role("button", name="Assign tag").click()
    pick_tag(page, "aster")
    expect(page.get_by_text("Gets “aster email” now.")).to_be_visible()
    page.get_by_role("button", name="Assign tag and send 1 email").click()
    expect(page.get_by_text("1 email is on its way")).to_be_visible()
    # The log follows the email without anybody touching the page.
    log = page.get_by_role("listitem").filter(has_text="aster email")
    expect(log.get_by_text("Sent", exact=True)).to_be_visible()
    expect(log).to_contain_text("“aster” assigned by ada@example.com in the dashboard")
    log.get_by_role("button", name="aster email").click()
    frame = page.frame_locator("iframe[title='The email as sent']")
    expect(frame.get_by_role("heading", name="All about aster")).to_be_visible()
    assert page.locator("iframe[title='The email as sent']").get_attribute("sandbox") == ""
    page.get_by_role("tab", name="On a phone").click()
    expect(frame.get_by_role("heading", name="All about aster")).to_be_visible()
    assert frame.locator("html").evaluate("html => html.clientWidth") <= 375


def test_a_bulk_assignment_is_foreseen_shown_and_undone(app: App, page: Page) -> None:
    program(app, "begonia", partners=60)
    page.goto("/partners")
    page.get_by_role("searchbox", name=re.compile("Search")).fill("begonia")
    expect(page.get_by_text("1–50 of 60")).to_be_visible()
    page.get_by_role("checkbox", name="Choose everybody on this page").click()
    page.get_by_role("button", name="Choose all 60 that match").click()
    expect(page.get_by_text("60 chosen")).to_be_visible()
    page.get_by_role("button", name="Assign tag").click()
    pick_tag(page, "begonia")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("60 partners newly tagged “begonia”.")
    expect(dialog).to_contain_text("60 get “begonia email” now.")
    page.get_by_role("button", name="Assign tag and send 60 emails").click()
    expect(page.get_by_text("60 of 60 partners · 60 tagged · 60 emails")).to_be_visible()
    expect(page.get_by_role("cell", name="begonia", exact=True)).to_have_count(50)
    page.get_by_role("button", name=re.compile("Undo")).click()
    expect(page.get_by_text("60 partners as before, and nobody was emailed")).to_be_visible()
    with database(app) as session:
        statuses = session.connection().exec_driver_sql(
            "SELECT DISTINCT s.status FROM sends s JOIN tags t ON t.id = s.tag_id"
            " WHERE t.name = 'begonia'"
        )
        assert statuses.scalars().all() == ["canceled"]


def test_filters_are_in_the_address_and_survive_reload_and_back(app: App, page: Page) -> None:
    program(app, "clover", partners=2)
    page.goto("/partners")
    search = page.get_by_role("searchbox", name=re.compile("Search"))
    search.fill("clover1")
    expect(page).to_have_url(re.compile(r"\?q=clover1$"))
    expect(page.get_by_role("row")).to_have_count(2)
    page.reload()
    expect(search).to_have_value("clover1")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Clover1").click()
    expect(page.get_by_role("heading", name="Clover1")).to_be_visible()
    page.go_back()
    expect(search).to_have_value("clover1")
    page.get_by_role("button", name="Clear filters").click()
    expect(search).to_have_value("")


def test_a_file_is_imported_after_it_was_shown_what_it_does(
    app: App, page: Page, tmp_path: Path
) -> None:
    program(app, "dahlia")
    file = tmp_path / "partners.csv"
    file.write_text("email,first_name,tags\ndora@partners.test,Dora,dahlia\nnonsense,Bad,\n")
    page.goto("/partners")
    page.get_by_role("link", name="Import").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("up to 1 email if automations run")).to_be_visible()
    page.get_by_text("Why 1 row is left out").click()
    expect(page.get_by_text("is not an email address")).to_be_visible()
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_text("Importing partners: done")).to_be_visible()
    page.get_by_role("link", name="Dora").click()
    expect(page.get_by_text("No emails yet")).to_be_visible()


def test_a_tag_is_made_colored_and_archived(app: App, page: Page) -> None:
    page.goto("/tags")
    page.get_by_role("button", name="New tag").first.click()
    page.get_by_label("Name").fill("edelweiss")
    page.get_by_role("radio", name="Teal").check()
    page.get_by_role("button", name="Create tag").click()
    row = page.get_by_role("row").filter(has_text="edelweiss")
    expect(row).to_be_visible()
    row.get_by_role("button", name="Actions for the tag edelweiss").click()
    page.get_by_role("menuitem", name="Archive").click()
    expect(row).to_have_count(0)
    page.get_by_role("radio", name="Archived").click()
    expect(row).to_be_visible()
    with database(app) as session:
        found = session.connection().exec_driver_sql(
            "SELECT color FROM tags WHERE name = 'edelweiss'"
        )
        assert found.scalars().all() == ["teal"]
