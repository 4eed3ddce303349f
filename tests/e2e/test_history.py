"""The history in a real browser: filters live in the address, and details open beside it."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from rxapp.db.models import Send, SendStatus, Tag
from rxapp.db.types import utcnow
from tests.e2e.server import App, database


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
    page.get_by_role("option", name="Captured in the sandbox").click()
    page.wait_for_url(re.compile(r"status=captured"))
    expect(rows).to_have_count(1)
    rows.filter(has_text="Reached").get_by_role("button").click()
    details = page.get_by_role("dialog", name=f"Email of {tag}")
    expect(details).to_contain_text("through the API")
    expect(details).to_contain_text(f"The automation “On {tag}” decided this email")
    sent = details.frame_locator("iframe.live-frame")
    expect(sent.get_by_text("Good day to you")).to_be_visible()
    page.keyboard.press("Escape")
    expect(details).to_be_hidden()
    # The address is the whole state of the filters.
    page.reload()
    expect(rows).to_have_count(1)


def test_a_link_in_an_email_says_where_it_leads_and_leads_nowhere(
    page: Page, tag: str, app: App
) -> None:
    with database(app) as session:
        (number,) = session.exec(
            select(Send.id)
            .join(Tag, col(Tag.id) == Send.tag_id)
            .where(Tag.name == tag, Send.status == SendStatus.CAPTURED)
        )
    page.goto(f"/sends/{number}")
    link = page.frame_locator("iframe.live-frame").get_by_role("link", name="Unsubscribe")
    said = page.locator(".link-bar")
    for keys in ("Enter", ""):
        if keys:
            link.press(keys)
        else:
            link.click(button="middle")
        expect(said).to_contain_text(f"{app.url}/unsubscribe/0.")
        said.get_by_role("button", name="Close").click()
        expect(said).to_have_count(0)
    link.click()
    # In the email it is nobody's; what the sandbox kept may be tried.
    with page.context.expect_page() as opened:
        said.get_by_role("link", name="Try it in a new tab").click()
    expect(opened.value.get_by_text(f"reached.{tag[4:]}@mail.example")).to_be_visible()
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()
    # A browser without the frame that is of our origin shuts the email in altogether.
    page.add_init_script("delete HTMLIFrameElement.prototype.credentialless")
    page.reload()
    shut_in = page.locator("iframe[title='The email as sent']")
    link = shut_in.content_frame.get_by_role("link", name="Unsubscribe")
    link.click()
    link.hover()
    assert shut_in.get_attribute("sandbox") == ""
    assert "Leads to" in link.evaluate("link => getComputedStyle(link, '::after').content")


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


def test_the_failed_ones_are_sent_again_after_it_was_shown_to_whom_and_can_be_undone(
    page: Page, tag: str, app: App
) -> None:
    with database(app) as session:
        tag_id = session.exec(select(Tag.id).where(Tag.name == tag)).one()
        for send in session.exec(select(Send).where(col(Send.tag_id) == tag_id)):
            send.status, send.reason, send.detail = SendStatus.FAILED, "refused", "Not today"
    page.goto(f"/sends?tag={tag_id}")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="With all of these").click()
    page.get_by_role("menuitem", name="Send the failed ones again").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 failed emails are captured again")
    expect(dialog).to_contain_text(
        f"1 would get “Email of {tag}” again in 30 seconds: the sandbox captures it."
    )
    expect(dialog).to_contain_text(f"1 has unsubscribed and does not get “Email of {tag}”.")
    dialog.get_by_role("button", name="Capture 1 email again").click()
    expect(page.get_by_text("Sending failed emails again: done")).to_be_visible()
    expect(rows).to_have_count(4)
    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect(page.get_by_text("Nobody was emailed again.", exact=True)).to_be_visible()
    expect(rows.filter(has_text="Canceled")).to_have_count(2)


def test_the_waiting_ones_are_canceled_in_numbers(page: Page, tag: str, app: App) -> None:
    with database(app) as session:
        tag_id = session.exec(select(Tag.id).where(Tag.name == tag)).one()
        for send in session.exec(select(Send).where(col(Send.tag_id) == tag_id)):
            send.status, send.due_at = SendStatus.QUEUED, utcnow() + timedelta(days=1)
    page.goto(f"/sends?tag={tag_id}")
    page.get_by_role("button", name="With all of these").click()
    page.get_by_role("menuitem", name="Cancel the waiting ones").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 waiting emails are canceled.")
    dialog.get_by_role("button", name="Cancel 2 emails").click()
    expect(page.get_by_text("Canceling waiting emails: done")).to_be_visible()
    expect(page.locator("tbody tr").filter(has_text="Canceled")).to_have_count(2)


def test_closing_a_send_gives_the_focus_back_to_its_row(page: Page, tag: str) -> None:
    page.goto("/sends")
    row = page.locator("tbody tr").first.get_by_role("button")
    row.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row).to_be_focused()


@pytest.mark.parametrize("minutes", [-45, 0])
def test_what_is_past_never_reads_as_to_come_whatever_the_readers_clock_says(
    page: Page, tag: str, minutes: int
) -> None:
    page.clock.install(time=datetime.now(UTC) + timedelta(minutes=minutes))
    page.goto("/sends")
    moments = page.locator("tbody tr").filter(has_text=tag).locator("time")
    expect(moments).to_have_text(["just now", "just now"])


def test_what_lies_ahead_is_told_by_its_day_and_time(app: App, page: Page, tag: str) -> None:
    due = datetime.now(UTC) + timedelta(days=3)
    with database(app) as session:
        for send in session.exec(select(Send).join(Tag).where(col(Tag.name) == tag)):
            send.status, send.reason, send.due_at = SendStatus.QUEUED, "", due
    page.goto("/sends")
    row = page.locator("tbody tr").filter(has_text=tag).filter(has_text="Reached")
    expect(row).to_contain_text(f"leaves {due:%a}")
    expect(row.locator("time")).to_have_text(re.compile(r" at \d\d:\d\d"))
