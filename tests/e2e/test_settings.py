"""The settings in a real browser: going live, letting people in, and what guards both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.server import App, running
from tests.fakes.resend import FakeResend

KEY = "re_live_1234ABCD"


@dataclass
class Program:
    """A program of its own, in the sandbox, beside a provider that knows one key."""

    app: App
    fake: FakeResend
    page: Page


@pytest.fixture
def program(tmp_path: Path, open_page: OpenPage) -> Iterator[Program]:
    with (
        FakeResend(rate=0) as fake,
        running(tmp_path / "app", RESEND_API_URL=fake.url) as app,
    ):
        fake.configure(api_keys=[KEY])
        yield Program(app, fake, open_page(app.url, app.sign_in()))


def paste(page: Page, key: str) -> None:
    page.get_by_role("button", name=re.compile("Paste a key|Change key")).click()
    dialog = page.get_by_role("dialog", name="Resend API key")
    dialog.get_by_label("API key").fill(key)
    dialog.get_by_label("API key").press("Enter")


def api_key(page: Page, app: App) -> str:
    """A key for the API, made on its page."""
    page.goto("/settings/api-keys")
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("shop")
    dialog.get_by_label("What it may do").click()
    page.get_by_role("option", name="Everything (admin)").click()
    dialog.get_by_role("button", name="Create key").click()
    key = dialog.locator("#new-key").inner_text()
    dialog.get_by_role("button", name="Done").click()
    return key


def test_from_the_sandbox_to_live_and_back(program: Program) -> None:
    page, fake = program.page, program.fake
    key = api_key(page, program.app)
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=f"{program.app.url}/api/v1", headers=headers) as api:
        for path, body in (
            ("tags", {"name": "vip"}),
            ("templates", {"name": "Hi", "subject": "Hi", "body": "<p>Hi</p>"}),
            ("automations", {"tag": "vip", "actions": [{"template": "Hi"}]}),
            ("partners", {"email": "ada@mail.example"}),
        ):
            api.post(path, json=body).raise_for_status()
        # Held, so that there is something to be asked about.
        page.goto("/settings/delivery")
        page.get_by_role("button", name="Pause sending").click()
        question = page.get_by_role("alertdialog")
        expect(question).to_contain_text("0 emails that wait now are held")
        question.get_by_role("button", name="Pause sending").click()
        expect(page.get_by_text("Sending is paused.")).to_be_visible()
        api.post("partners/email:ada@mail.example/tags", json={"tag": "vip"}).raise_for_status()

    # A wrong key is refused with the provider's words, and not kept.
    paste(page, "re_wrong")
    dialog = page.get_by_role("dialog", name="Resend API key")
    expect(dialog.get_by_role("alert")).to_contain_text("API key is invalid")
    dialog.get_by_label("API key").fill(KEY)
    dialog.get_by_role("button", name="Try the key").click()
    question = page.get_by_role("alertdialog", name="Go live?")
    expect(question).to_contain_text("1 email waits now")
    question.get_by_role("button", name="Go live and queue 1 email").click()
    expect(page.get_by_text("Key ending in ABCD, stored")).to_be_visible()
    expect(page.get_by_role("complementary").get_by_text("Live")).to_be_visible()
    # Domains come from the provider.
    expect(page.get_by_text("pending.example")).to_be_visible()
    expect(page.get_by_text("Waiting for DNS")).to_be_visible()
    assert KEY not in page.content()
    assert fake.ledger() == []

    page.get_by_role("button", name="Resume sending").click()
    page.get_by_role("button", name="Send 1 email").click()
    fake.wait("accepted", 1)
    assert [entry.to for entry in fake.ledger()] == ["ada@mail.example"]

    page.get_by_label("To", exact=True).fill("ann@mail.example")
    page.get_by_role("button", name="Send test").click()
    expect(page.get_by_text("Resend took the test.")).to_be_visible()
    assert [entry.to for entry in fake.ledger()][1:] == ["ann@mail.example"]

    page.get_by_role("button", name="Remove key").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove key").click()
    expect(page.get_by_role("complementary").get_by_text("Sandbox")).to_be_visible()

    # What was done can be read, and the key ends when it is revoked.
    page.goto("/settings/audit?subject=settings")
    expect(page.get_by_text("removed the email provider's key")).to_be_visible()
    page.goto("/settings/api-keys")
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Revoke key").click()
    expect(page.get_by_role("heading", name="Revoked")).to_be_visible()
    assert httpx.get(f"{program.app.url}/api/v1/tags", headers=headers).status_code == 401


def test_who_is_invited_joins_with_their_role_until_it_changes(
    app: App, page: Page, open_page: OpenPage
) -> None:
    page.goto("/settings/people")
    page.get_by_role("button", name="Invite somebody").click()
    dialog = page.get_by_role("dialog", name="Invite somebody")
    dialog.get_by_role("textbox", name="Email").fill("joiner@example.com")
    dialog.get_by_role("radio", name="Viewer").click()
    dialog.get_by_role("button", name="Make link").click()
    link = page.get_by_role("dialog", name="Invitation for joiner@example.com")
    address = link.locator("#new-link code").inner_text()
    link.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", name="Open invitations")).to_be_visible()

    joiner = open_page(app.url)
    joiner.goto(address)
    joiner.get_by_label("Your name").fill("Jo Joiner")
    joiner.get_by_label("Password").fill("a long enough passphrase")
    joiner.get_by_role("button", name="Join").click()
    expect(joiner.get_by_role("heading", name="Home", level=1)).to_be_visible()
    joiner.goto("/settings/people")
    expect(joiner.get_by_text("Only admins change settings")).to_be_visible()
    joiner.goto("/account")
    expect(joiner.get_by_text("This browser")).to_be_visible()
    used = open_page(app.url)
    used.goto(address)
    expect(used.get_by_text("This link is over")).to_be_visible()

    page.reload()
    page.get_by_role("button", name="Actions for Jo Joiner").click()
    page.get_by_role("menuitem", name="Deactivate…").click()
    question = page.get_by_role("alertdialog", name="Deactivate joiner@example.com?")
    expect(question).to_contain_text("They use the app in 1 browser now.")
    question.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("Deactivated", exact=True)).to_be_visible()
    joiner.get_by_role("link", name="Home").click()
    expect(joiner).to_have_url(re.compile("/login"))


def test_the_last_admin_cannot_be_taken_away(program: Program) -> None:
    page = program.page
    page.goto("/settings/people")
    page.get_by_role("button", name=re.compile("Actions for")).click()
    for name in ("Make viewer…", "Make editor…", "Deactivate…"):
        expect(page.get_by_role("menuitem", name=name)).to_have_attribute("aria-disabled", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 1440])
def test_every_tab_shows_itself_on_every_screen(
    app: App, session_cookie: str, open_page: OpenPage, width: int, scheme: str
) -> None:
    page = open_page(
        app.url,
        session_cookie,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
    )
    for tab, heading in (
        ("", "How it looks"),
        ("/delivery", "Email provider"),
        ("/api-keys", "API keys"),
        ("/people", "What each role may do"),
        ("/system", "Checks"),
    ):
        page.goto(f"/settings{tab}")
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
