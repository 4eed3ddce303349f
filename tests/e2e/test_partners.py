"""Partners and tags in a real browser: finding, assigning, reading what was sent, importing."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from rxapp.db import partners as reads
from rxapp.db.models import Consent, Source
from rxapp.db.partners import PartnerFilter
from rxapp.domain import tag_catalog
from rxapp.domain.tags import assign_tags
from tests import factory
from tests.e2e.server import App, database


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


def pick_of(page: Page, label: str, name: str) -> None:
    """Pick from one of several lists; the one before may still be about to go."""
    page.get_by_role("combobox", name=label).fill(name)
    page.get_by_role("listbox", name=label).get_by_role("option", name=re.compile(name)).click()


def leave(page: Page) -> None:
    """Esc, once what was picked from is gone: it would take the key for itself."""
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.keyboard.press("Escape")


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
    expect(
        page.get_by_text("Would get “aster email” now: the sandbox captures it.")
    ).to_be_visible()
    page.get_by_role("button", name="Assign tag and capture 1 email").click()
    expect(page.get_by_text("1 email is captured by the sandbox, and not sent.")).to_be_visible()
    # The log follows the email without anybody touching the page.
    log = page.get_by_role("listitem").filter(has_text="aster email")
    expect(log.get_by_text("Captured", exact=True)).to_be_visible()
    expect(log).to_contain_text("“aster” assigned by ada@example.com in the dashboard")
    log.get_by_role("button", name="aster email", exact=True).click()
    frame = page.frame_locator("iframe[title='The email as sent']")
    expect(frame.get_by_role("heading", name="All about aster")).to_be_visible()
    assert page.locator("iframe[title='The email as sent']").get_attribute("sandbox") == (
        "allow-same-origin"
    )
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
    expect(dialog).to_contain_text("60 would get “begonia email” in 30 seconds: the sandbox")
    page.get_by_role("button", name="Assign tag and capture 60 emails").click()
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
    page.get_by_role("link", name="Import", exact=True).click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("up to 1 email if automations run")).to_be_visible()
    expect(page.get_by_role("row", name="3 left out nonsense")).to_be_visible()
    expect(page.get_by_text("is not an email address")).to_be_visible()
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_text("Importing partners: done")).to_be_visible()
    # The report has an address of its own: it is there after a reload.
    expect(page).to_have_url(re.compile(r"/partners/import\?job=\d+$"))
    page.reload()
    expect(page.get_by_text("1 row of the file was left out.")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download rows left out").click()
    assert '"nonsense","Bad","","Row 3:' in waiting.value.path().read_text()
    page.get_by_role("link", name="Go to the partners").click()
    page.get_by_role("link", name="Dora").click()
    expect(page.get_by_text("No emails yet")).to_be_visible()


def test_what_is_no_csv_file_is_refused_in_words_and_another_can_follow(
    page: Page, tmp_path: Path
) -> None:
    broken, good = tmp_path / "broken.csv", tmp_path / "good.csv"
    broken.write_bytes(b"PK\x03\x04\x00\x00" * 100)
    good.write_text("email\nerik@partners.test\n")
    page.goto("/partners/import")
    page.locator("input[type=file]").set_input_files(broken)
    expect(page.get_by_role("alert")).to_contain_text("This is not a CSV file.")
    expect(page.get_by_role("button", name=re.compile("^Import"))).to_have_count(0)
    page.locator("input[type=file]").set_input_files(good)
    expect(page.get_by_role("button", name="Import 1 row")).to_be_enabled()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_tags_are_filtered_by_any_and_none_and_nobody_is_said_as_that(app: App, page: Page) -> None:
    program(app, "fuchsia", partners=3)
    with database(app) as session:
        old = factory.tag(session, "fuchsia-old")
        found = reads.page(session, PartnerFilter(q="fuchsia"), sort="id")
        assign_tags(session, old, [found[0].id], source=Source.API, actor="crm")
    page.goto("/partners?q=fuchsia")
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_role("button", name="Filter by tags").click()
    pick_of(page, "Has none of", "fuchsia-old")
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page).to_have_url(re.compile(r"q=fuchsia&none=\d+$"))
    pick_of(page, "Has any of", "fuchsia-old")
    expect(page.get_by_text("No partner matches")).to_be_visible()
    leave(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="No longer ask for any of fuchsia-old").click()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page).to_have_url(re.compile(r"q=fuchsia&none=\d+$"))
    page.reload()
    expect(page.get_by_role("row")).to_have_count(3)


def test_many_are_suspended_seen_in_another_tab_exported_and_taken_back(
    app: App, page: Page, session_cookie: str, open_page: Callable[..., Page]
) -> None:
    program(app, "gentian", partners=3)
    other = open_page(app.url, session_cookie)
    for tab in (page, other):
        tab.goto("/partners?q=gentian")
        expect(tab.get_by_role("cell", name="Active", exact=True)).to_have_count(3)
    page.get_by_role("checkbox", name="Choose everybody on this page").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Export CSV").click()
    assert waiting.value.suggested_filename.startswith("partners-")
    assert len(waiting.value.path().read_text().splitlines()) == 4
    page.get_by_role("button", name="Change status").click()
    page.get_by_role("radio", name=re.compile("^Suspended")).click()
    expect(page.get_by_role("dialog")).to_contain_text("3 partners become suspended.")
    page.get_by_role("button", name="Change status of 3 partners").click()
    expect(page.get_by_text("Changing status to suspended: done")).to_be_visible()
    for tab in (page, other):
        expect(tab.get_by_role("cell", name="Suspended", exact=True)).to_have_count(3)
    # Left and come back to: the way back is still there.
    page.goto("/tags")
    page.goto("/partners?q=gentian")
    page.get_by_role("button", name=re.compile("Undo")).click()
    expect(page.get_by_text("Everybody has the status they had before.").first).to_be_visible()
    expect(page.get_by_role("cell", name="Active", exact=True)).to_have_count(3)


def test_why_an_email_was_not_sent_is_answered_and_it_is_sent_again(app: App, page: Page) -> None:
    program(app, "heather")
    with database(app) as session:
        una = factory.partner(session, "una", consent=Consent.UNSUBSCRIBED)
        heather = tag_catalog.find(session, "heather").id
        assign_tags(session, heather, [una], source=Source.API, actor="crm")
    page.goto(f"/partners/{una}")
    page.get_by_role("button", name="Why didn't this send?").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Automation").fill("heather")
    page.get_by_role("option", name=re.compile("heather")).first.click()
    answer = dialog.get_by_role("status")
    expect(answer).to_contain_text("No. “heather email” was not sent.")
    expect(answer).to_contain_text("has unsubscribed from marketing emails")
    expect(answer).to_contain_text("“heather” assigned by crm through the API")
    leave(page)
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Subscribe again…").click()
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.get_by_role("button", name="Send heather email again").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("gets it once more")
    page.get_by_role("button", name="Send again", exact=True).last.click()
    log = page.get_by_role("listitem").filter(has_text="Sent again by")
    expect(log.get_by_text("Captured", exact=True)).to_be_visible()


def test_a_tag_is_made_colored_and_archived(app: App, page: Page) -> None:
    page.goto("/tags")
    page.get_by_role("button", name="New tag").first.click()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("edelweiss")
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
