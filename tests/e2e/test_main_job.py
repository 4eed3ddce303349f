"""The main job in a real browser: the six steps, then the tag through each of the five doors.

The fake provider's ledger tells what would have reached inboxes.
"""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.server import EMAIL, App, running
from tests.fakes.resend import FakeResend

ADA = "ada@mail.example"


@dataclass
class Program:
    """A program that is live, a page of its admin, and a key for its API."""

    app: App
    fake: FakeResend
    page: Page
    key: str

    def call(self, method: str, path: str, **body: object) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}"}
        answer = httpx.request(
            method, f"{self.app.url}/api/v1{path}", headers=headers, json=body or None
        )
        answer.raise_for_status()
        return answer


@pytest.fixture
def program(tmp_path: Path, open_page: OpenPage) -> Iterator[Program]:
    with (
        FakeResend(rate=0) as fake,
        running(tmp_path / "app", RESEND_API_KEY="re_test", RESEND_API_URL=fake.url) as app,
    ):
        # No undo window: what is under test is that the email leaves.
        with sqlite3.connect(tmp_path / "app" / "rxapp.db") as database:
            database.execute("INSERT INTO settings (name, value) VALUES ('undo_seconds', '0')")
        page = open_page(app.url, app.sign_in())
        yield Program(app, fake, page, _api_key(app))


def _api_key(app: App) -> str:
    command = [str(Path(sys.executable).with_name("rxapp")), "api-key", "create", "--name", "e2e"]
    environment = os.environ | {"RXAPP_DATA_DIR": str(app.data), "DATABASE_URL": ""}
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return made.stdout.strip()


def start_automation(page: Page, tag: str) -> None:
    """Steps one to three: create automation, the trigger, the tag."""
    page.goto("/automations")
    page.get_by_role("link", name="Create automation").first.click()
    page.get_by_role("radio", name="Tag is assigned to partner").click()
    page.get_by_role("combobox", name="Tag").fill(tag)
    page.get_by_role("option", name=re.compile(tag)).first.click()


def test_the_six_steps_with_a_new_email_lead_to_an_email_that_is_sent_and_logged(
    program: Program,
) -> None:
    page = program.page
    partner = program.call("POST", "/partners", email=ADA, first_name="Ada").json()["id"]
    start_automation(page, "vip")
    page.get_by_role("button", name="Send email").click()
    page.get_by_role("button", name="Create new email").click()
    editor = page.get_by_role("dialog", name="Create new email")
    editor.get_by_role("textbox", name="Name").fill("Welcome to VIP")
    editor.get_by_role("textbox", name="Subject").fill("Welcome, {{ partner.first_name }}")
    editor.get_by_role("textbox", name="Body").fill("You are in, {{ partner.first_name }}")
    # The preview is live, before anything is saved.
    preview = editor.frame_locator("iframe.live-frame")
    expect(preview.get_by_text("You are in, Alex")).to_be_visible()
    editor.get_by_role("button", name="Save and use").click()
    expect(editor).to_be_hidden()
    # Nothing entered before was lost.
    expect(page.get_by_role("combobox", name="Tag")).to_have_value("vip")
    expect(page.get_by_role("combobox", name="Email")).to_have_value("Welcome to VIP")
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text("When vip is assigned → send Welcome to VIP").first).to_be_visible()

    assign_on_the_partners_page(page, partner)
    program.fake.wait("accepted", 1)
    (entry,) = program.fake.ledger()
    assert (entry.to, entry.subject) == (ADA, "Welcome, Ada")
    log = page.get_by_role("listitem").filter(has_text="Welcome to VIP")
    expect(log.get_by_text("Sent", exact=True)).to_be_visible()
    expect(log).to_contain_text(f"“vip” assigned by {EMAIL} in the dashboard")


def test_the_six_steps_with_an_email_that_is_there(program: Program) -> None:
    page = program.page
    program.call("POST", "/templates", name="Hello", subject="Hello", body="<p>Hello</p>")
    start_automation(page, "gold")
    page.get_by_role("button", name="Send email").click()
    page.get_by_role("combobox", name="Email").click()
    page.get_by_role("option", name=re.compile("Hello")).click()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text("When gold is assigned → send Hello").first).to_be_visible()


def assign_on_the_partners_page(page: Page, partner: int) -> None:
    """The dashboard's door; the dialog says what will be sent before it is."""
    page.goto(f"/partners/{partner}")
    page.get_by_role("button", name="Assign tag").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Tag").fill("vip")
    page.get_by_role("option", name=re.compile("vip")).first.click()
    dialog.get_by_role("button", name="Assign tag and send 1 email").click()
    expect(dialog).to_be_hidden()


def assign_in_bulk(program: Program, _partner: int) -> None:
    page = program.page
    page.goto("/partners")
    page.get_by_role("checkbox", name="Choose Ada").click()
    page.get_by_role("button", name="Assign tag").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Tag").fill("vip")
    page.get_by_role("option", name=re.compile("vip")).first.click()
    dialog.get_by_role("button", name="Assign tag and send 1 email").click()
    expect(page.get_by_role("status").filter(has_text="done")).to_be_visible()


def assign_through_the_api(program: Program, partner: int) -> None:
    done = program.call("POST", f"/partners/{partner}/tags", tag="vip").json()
    assert done["result"] == "added"


def assign_through_an_automation(program: Program, partner: int) -> None:
    program.call("DELETE", f"/partners/{partner}/tags/start")
    program.call("POST", f"/partners/{partner}/tags", tag="start")


def assign_through_an_import(program: Program, _partner: int) -> None:
    page = program.page
    file = program.app.data / "partners.csv"
    file.write_text(f"email,tags\n{ADA},vip\n")
    page.goto("/partners/import")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("radio", name=re.compile("^Run:")).click()
    page.get_by_role("button", name=re.compile("^Import 1")).click()


DOORS: dict[str, Callable[[Program, int], None]] = {
    "dashboard": lambda program, partner: assign_on_the_partners_page(program.page, partner),
    "bulk": assign_in_bulk,
    "api": assign_through_the_api,
    "automation": assign_through_an_automation,
    "import": assign_through_an_import,
}


def test_each_of_the_five_doors_sends_exactly_one_email_and_again_after_retagging(
    program: Program,
) -> None:
    partner = program.call("POST", "/partners", email=ADA, first_name="Ada").json()["id"]
    for tag in ("vip", "start"):
        program.call("POST", "/tags", name=tag)
    program.call("POST", "/templates", name="Hello", subject="Hello", body="<p>Hello</p>")
    send = {"kind": "send_email", "template": "Hello"}
    program.call("POST", "/automations", tag="vip", actions=[send])
    program.call("POST", "/automations", tag="start", actions=[{"kind": "add_tag", "tag": "vip"}])
    for number, (name, door) in enumerate(DOORS.items(), start=1):
        door(program, partner)
        program.fake.wait("accepted", number)
        # The tag is held now: once more changes nothing.
        again = program.call("POST", f"/partners/{partner}/tags", tag="vip").json()
        assert again["result"] == "already", name
        program.call("DELETE", f"/partners/{partner}/tags/vip")
    sends = program.call("GET", "/sends").json()["data"]
    assert len(sends) == len(program.fake.ledger()) == len(DOORS)
    assert set(program.fake.counts("send").values()) == {1}
