"""The pictures of the guide for admins, taken of the app as it is: `make screenshots`."""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from rxapp.auth.sessions import COOKIE
from rxapp.config import ROOT
from tests.e2e import chromium
from tests.e2e.server import App, running

GUIDE = ROOT / "docs" / "guide"
SIZE: ViewportSize = {"width": 1360, "height": 800}
FILE = """email,first_name,company,tags
lin@partners.test,Lin,Lin & Daughters,vip
omar@partners.test,Omar,Omar Media,
nobody-at-home,Vera,Vera Works,vip
"""

Scene = Callable[[Page], None]


def home(page: Page) -> None:
    """The home page of a program that has sent."""
    page.goto("/")
    expect(page.get_by_text("What became of your emails")).to_be_visible()


def partners(page: Page) -> None:
    """The list of partners."""
    page.goto("/partners")
    expect(page.get_by_text("1–50 of 300")).to_be_visible()


def add_partner(page: Page) -> None:
    """The dialog to add a partner."""
    partners(page)
    page.get_by_role("button", name="Add partner").first.click()
    page.get_by_label("Email").fill("grace@partners.test")
    page.get_by_label("First name").fill("Grace")


def import_partners(page: Page) -> None:
    """What an import is going to do, before it does it."""
    page.goto("/partners/import")
    file = {"name": "partners.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("button", name="Import 2 rows")).to_be_visible()


def assign_to_many(page: Page) -> None:
    """What assigning a tag to many partners would send."""
    partners(page)
    page.get_by_role("checkbox", name="Choose everybody on this page").click()
    page.get_by_role("button", name="Choose all 300 that match").click()
    page.get_by_role("button", name="Assign tag").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Tag").fill("gold")
    page.get_by_role("option", name=re.compile("gold")).first.click()
    expect(dialog.get_by_text(re.compile("would get “Tier Upgrade” in 30 seconds"))).to_be_visible()


def undo(page: Page) -> None:
    """The bar of a bulk action that can still be undone."""
    assign_to_many(page)
    page.get_by_role("button", name=re.compile("^Assign tag and capture")).click()
    expect(page.get_by_text("Assigning “gold”: done")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Undo"))).to_be_visible()


def partner(page: Page) -> None:
    """A partner with their emails."""
    page.goto("/partners/1")
    expect(page.get_by_role("listitem").filter(has_text="VIP Welcome").first).to_be_visible()


def why(page: Page) -> None:
    """The answer to why an email was not sent."""
    page.goto("/partners/1")
    page.get_by_role("button", name="Why didn't this send?").click()
    page.get_by_role("dialog").get_by_role("combobox", name="Automation").fill("win")
    page.get_by_role("option", name=re.compile("Win Back")).first.click()
    expect(page.get_by_role("dialog").get_by_role("status")).not_to_be_empty()


def automations(page: Page) -> None:
    """The list of automations."""
    page.goto("/automations")
    expect(page.get_by_role("link", name="VIP Welcome").first).to_be_visible()


def builder(page: Page) -> None:
    """The page where an automation is made."""
    page.goto("/automations/new")
    expect(page.get_by_role("button", name="Try it")).to_be_visible()


def emails(page: Page) -> None:
    """The gallery of emails."""
    page.goto("/emails")
    expect(page.locator(".gallery-card")).to_have_count(5)
    picture = page.locator(".gallery-card").last.frame_locator("iframe")
    expect(picture.locator("h1").first).to_be_visible()


def editor(page: Page) -> None:
    """An email that is being written, with its preview."""
    page.goto("/emails/new")
    page.get_by_label("Name", exact=True).fill("Summer news")
    page.get_by_role("textbox", name="Subject").fill("Summer, {{ partner.first_name }}?")
    body = page.get_by_role("textbox", name="Body")
    body.click()
    page.keyboard.type("Dear {{ partner.first_name | default('there') }}, the sun is out.")
    preview = page.frame_locator("iframe.live-frame")
    expect(preview.get_by_text("the sun is out.")).to_be_visible()


def send_test(page: Page) -> None:
    """The dialog to send oneself an email."""
    page.goto("/emails/1")
    page.get_by_role("button", name="Send test").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def sends(page: Page) -> None:
    """The history of emails."""
    page.goto("/sends")
    expect(page.locator("tbody tr").nth(5)).to_be_visible()


def send(page: Page) -> None:
    """One email of the history in full."""
    sends(page)
    page.locator("tbody tr").filter(has_text="Captured").first.get_by_role("button").click()
    expect(page.get_by_role("dialog").get_by_text("What happened")).to_be_visible()


def with_all(page: Page) -> None:
    """What can be done with all emails a filter shows."""
    sends(page)
    page.get_by_role("button", name="With all of these").click()
    expect(page.get_by_role("menuitem", name=re.compile("Send the failed"))).to_be_visible()


def delivery(page: Page) -> None:
    """Where the Resend key is set, and sending is paused."""
    page.goto("/settings/delivery")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def people(page: Page) -> None:
    """Who works in the app."""
    page.goto("/settings/people")
    expect(page.get_by_role("button", name=re.compile("Invite")).first).to_be_visible()


# In the order they are taken: what one changes, the next ones see.
SCENES: list[Scene] = [
    home, partners, add_partner, import_partners, partner, why, automations, builder, emails,
    editor, send_test, sends, send, with_all, delivery, people, assign_to_many, undo,
]  # fmt: skip


def take(folder: Path, browser: Browser) -> list[str]:
    """Take all pictures into the folder; returns their names, which are the scenes'."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, running(Path(data)) as app:
        _fill(app)
        cookie = {"name": COOKIE, "value": app.sign_in(), "url": app.url}
        for scene in SCENES:
            context = browser.new_context(
                base_url=app.url,
                viewport=SIZE,
                reduced_motion="reduce",
            )
            context.add_cookies([cookie])  # type: ignore[list-item]
            page = context.new_page()
            scene(page)
            expect(page.locator(".rt-Skeleton")).to_have_count(0)
            page.screenshot(path=folder / f"{scene.__name__}.png", caret="hide")
            context.close()
    return [scene.__name__ for scene in SCENES]


def _fill(app: App) -> None:
    """The sample program, with the tag vip on forty of its partners."""
    app.command("demo")
    key = app.command("api-key", "create", "--name", "guide").strip()
    with httpx.Client(
        base_url=f"{app.url}/api/v1", headers={"Authorization": f"Bearer {key}"}
    ) as api:
        ids = [one["id"] for one in api.get("/partners?limit=100").json()["data"]]
        some = sorted(ids)[:40]
        tag = next(one for one in api.get("/tags").json()["data"] if one["name"] == "vip")
        api.post(f"/tags/{tag['id']}/assignments", json={"partners": some}).raise_for_status()


if __name__ == "__main__":
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        sys.stdout.write("\n".join(take(GUIDE / "images", chrome)) + "\n")
        chrome.close()
