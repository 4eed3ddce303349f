"""The gallery of emails in a real browser: found by their picture, and begun from another."""

import re

from playwright.sync_api import Page, expect

from rxapp.domain import templates
from rxapp.domain.templates import TemplateChanges
from tests import factory
from tests.e2e.server import App, database
from tests.e2e.test_accessibility import findings


def test_each_card_shows_the_email_as_it_would_be_sent(app: App, page: Page) -> None:
    with database(app) as session:
        factory.template(session, "Anemone", html="<h1>All about anemones</h1>")
        factory.template(session, "Bluebell", html="<h1>All about bluebells</h1>")
    page.goto("/emails?q=anemone")
    card = page.get_by_role("listitem").filter(has_text="Anemone")
    picture = card.frame_locator("iframe")
    expect(picture.get_by_text("All about anemones")).to_be_visible()
    expect(card).to_contain_text("No automation sends it")
    expect(page.locator(".gallery-card")).to_have_count(1)
    card.get_by_role("link", name="Anemone").click()
    page.wait_for_url(re.compile(r"/emails/\d+$"))
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("anemone")
    page.get_by_role("searchbox").fill("nothing is called this")
    expect(page.get_by_text("No email matches")).to_be_visible()
    page.get_by_role("button", name="Clear filters").first.click()
    expect(page.locator(".gallery-card").filter(has_text="Bluebell")).to_be_visible()


def test_a_new_email_begins_from_a_starter_that_was_seen(page: Page) -> None:
    page.goto("/emails")
    page.get_by_role("button", name="New email").first.click()
    dialog = page.get_by_role("dialog", name="New email")
    card = dialog.get_by_role("link").filter(has_text="VIP Welcome")
    expect(card.frame_locator("iframe").locator("h1").first).to_be_visible()
    card.click()
    page.wait_for_url(re.compile(r"/emails/new/?\?starter="))
    expect(page.get_by_label("Name", exact=True)).to_have_value("VIP Welcome")


def test_an_old_version_is_compared_with_the_newest_as_they_are_sent(app: App, page: Page) -> None:
    with database(app) as session:
        number = factory.template(session, "Crocus", html="<p>Spring is coming</p>")
    page.goto(f"/emails/{number}")
    subject = page.locator("#email-form").get_by_role("textbox", name="Subject")
    subject.fill("Spring has come")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()
    page.get_by_role("button", name="Versions").click()
    page.get_by_role("button", name="Compare").click()
    compared = page.get_by_role("dialog", name="Compare versions")
    for title in ("Version 1", "Newest: version 2"):
        frame = compared.frame_locator(f"iframe[title='{title}']")
        expect(frame.get_by_text("Spring is coming")).to_be_visible()
    page.keyboard.press("Escape")
    expect(compared).to_have_count(0)


def test_who_else_writes_the_email_is_told_and_what_they_save_is_not_undone(
    app: App, page: Page
) -> None:
    with database(app) as session:
        number = factory.template(session, "Dogwood", html="<p>Bark</p>")
    page.goto(f"/emails/{number}")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Dogwood")
    with database(app) as session:
        templates.save(session, number, TemplateChanges(subject="Bob's"), "bob@example.com")
    told = page.get_by_text("bob@example.com saved version 2 since you opened this.")
    expect(told).to_be_visible()
    page.locator("#email-form").get_by_role("textbox", name="Subject").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).click()
    choice = page.get_by_role("dialog", name="Somebody else saved this email")
    expect(choice.get_by_text("bob@example.com saved version 2 while you wrote.")).to_be_visible()
    theirs = choice.frame_locator("iframe[title='Theirs: version 2']")
    expect(theirs.get_by_text("Bark")).to_be_visible()
    with database(app) as session:
        assert templates.current(session, number).subject == "Bob's"
    assert findings(page, "[role=dialog]", "the choice between the two") == []
    choice.get_by_role("button", name="Save mine as the newest").click()
    expect(page.get_by_text("Saved as version 3.")).to_be_visible()
    with database(app) as session:
        assert templates.current(session, number).subject == "Mine"
