"""The history in a real browser: filters live in the address, and details open beside it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.server import App


@pytest.fixture
def tag(app: App) -> str:
    """A tag whose automation sent one email and withheld one, in the sandbox."""
    command = [str(Path(sys.executable).with_name("rxapp")), "api-key", "create", "--name", "e2e"]
    environment = os.environ | {"RXAPP_DATA_DIR": str(app.data), "DATABASE_URL": ""}
    key = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    api = httpx.Client(
        base_url=f"{app.url}/api/v1", headers={"Authorization": f"Bearer {key.stdout.strip()}"}
    )
    name = f"tag {uuid4().hex[:8]}"

    def post(path: str, **body: object) -> None:
        api.post(path, json=body).raise_for_status()

    with api:
        post("/tags", name=name)
        post("/templates", name=f"Email of {name}", subject="Hi", body="<p>Good day to you</p>")
        send = {"kind": "send_email", "template": f"Email of {name}"}
        post("/automations", name=f"On {name}", tag=name, actions=[send])
        for who, consent in (("reached", "subscribed"), ("left", "unsubscribed")):
            post("/partners", key=f"{who} {name}", email=f"{who}.{name[4:]}@mail.example",
                 first_name=who.title(), consent=consent)  # fmt: skip
            post(f"/partners/key:{who} {name}/tags", tag=name)
    return name


def test_an_email_is_found_by_filters_and_told_in_full(page: Page, tag: str) -> None:
    page.goto("/sends")
    page.get_by_role("combobox", name="Tag").fill(tag)
    page.get_by_role("option", name=tag).click()
    page.wait_for_url(re.compile(r"[?&]tag=\d+"))
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="Left")).to_contain_text("has unsubscribed")
    page.get_by_role("combobox", name="Status").click()
    page.get_by_role("option", name="Sent, no news yet").click()
    page.wait_for_url(re.compile(r"status=sent"))
    expect(rows).to_have_count(1)
    rows.filter(has_text="Reached").get_by_role("button").click()
    details = page.get_by_role("dialog", name=f"Email of {tag}")
    expect(details).to_contain_text("through the API")
    expect(details).to_contain_text(f"The automation “On {tag}” decided this email")
    sent = details.frame_locator("iframe[aria-hidden=false]")
    expect(sent.get_by_text("Good day to you")).to_be_visible()
    page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    # The address is the whole state of the filters.
    page.reload()
    expect(rows).to_have_count(1)


def test_what_happens_while_the_history_is_open_shows_up_by_itself(
    page: Page, tag: str, app: App
) -> None:
    page.goto("/sends")
    page.get_by_role("combobox", name="Tag").fill(tag)
    page.get_by_role("option", name=tag).click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    rows.filter(has_text="Reached").get_by_role("button").click()
    details = page.get_by_role("dialog")
    details.get_by_role("button", name="Send again").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Send again").click()
    expect(details.get_by_text("Kept by the sandbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("again")
