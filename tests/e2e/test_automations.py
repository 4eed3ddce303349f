"""Tags and automations in a real browser: recipes, the builder, switching, deleting and merging."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.server import App


class Program:
    """The shared app with names of a test's own, and its API."""

    def __init__(self, api: httpx.Client) -> None:
        self.api = api
        self.mark = uuid4().hex[:8]

    def call(self, method: str, path: str, **body: object) -> httpx.Response:
        answer = self.api.request(method, path, json=body or None)
        answer.raise_for_status()
        return answer

    def name(self, word: str) -> str:
        return f"{word} {self.mark}"

    def tag(self, word: str) -> str:
        self.call("POST", "/tags", name=self.name(word))
        return self.name(word)

    def email(self, word: str) -> str:
        body = {"subject": word, "body": f"<p>{word}</p>"}
        self.call("POST", "/templates", name=self.name(word), **body)
        return self.name(word)

    def partner(self, word: str, *tags: str, **fields: str) -> str:
        """A partner with these tags, by whatever they lead to; returns how to name them."""
        key = f"{word}.{self.mark}"
        address = f"{key}@mail.example"
        self.call("POST", "/partners", key=key, email=address, first_name=word.title(), **fields)
        for tag in tags:
            self.call("POST", f"/partners/key:{key}/tags", tag=tag)
        return f"key:{key}"

    def automation(self, tag: str, **fields: object) -> int:
        return int(self.call("POST", "/automations", tag=tag, **fields).json()["id"])


@pytest.fixture
def program(app: App) -> Iterator[Program]:
    command = [str(Path(sys.executable).with_name("rxapp")), "api-key", "create", "--name", "e2e"]
    environment = os.environ | {"RXAPP_DATA_DIR": str(app.data), "DATABASE_URL": ""}
    key = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    headers = {"Authorization": f"Bearer {key.stdout.strip()}"}
    with httpx.Client(base_url=f"{app.url}/api/v1", headers=headers) as api:
        yield Program(api)


def choose(where: Page | Locator, label: str, text: str) -> None:
    """Find something in a picker by typing, and take the first that is offered."""
    picker = where.get_by_role("combobox", name=label)
    picker.fill(text)
    page = where if isinstance(where, Page) else where.page
    page.get_by_role("option", name=re.compile(re.escape(text))).first.click()


def test_a_recipe_is_an_automation_in_a_few_clicks_and_its_page_tells_what_it_does(
    page: Page, program: Program
) -> None:
    tag = program.name("Wins")
    page.goto("/automations")
    recipe = page.get_by_role("button", name="Recipe: Win a partner back")
    # On an empty list the recipes are the page; otherwise they are behind a button.
    listed = page.locator(".automation-link")
    expect(recipe.or_(listed).first).to_be_visible()
    if not recipe.is_visible():
        page.get_by_role("button", name="Recipes").click()
    recipe.click()
    dialog = page.get_by_role("dialog", name="Win a partner back")
    # The email is seen before anything is made.
    shown = dialog.frame_locator("iframe.live-frame")
    expect(shown.get_by_text("We’d love to have you back, Alex")).to_be_visible()
    choose(dialog, "When this tag is assigned", tag)
    expect(dialog.get_by_text(f"The tag “{tag}” is made")).to_be_visible()
    dialog.get_by_role("button", name="Use recipe").click()
    page.wait_for_url(re.compile(r"/automations/\d+$"))
    sentence = page.get_by_text(f"When {tag} is assigned → send Win Back")
    expect(sentence.first).to_be_visible()
    expect(page.get_by_text("It has not run yet")).to_be_visible()
    # What happens meanwhile shows up by itself.
    program.partner("reached", tag)
    program.partner("left", tag, consent="unsubscribed")
    runs = page.locator(".runs li")
    expect(runs).to_have_count(2)
    expect(runs.filter(has_text="Reached")).to_contain_text("Captured")
    expect(runs.filter(has_text="Left")).to_contain_text("has unsubscribed")
    expect(page.locator(".held")).to_contain_text("has unsubscribed")
    expect(page.get_by_text(re.compile("created it$"))).to_be_visible()


def test_the_builder_warns_in_words_and_refuses_an_endless_loop(
    page: Page, program: Program
) -> None:
    vip, gold = program.tag("vip"), program.tag("gold")
    adds = {"kind": "add_tag", "tag": gold}
    program.automation(vip, name=program.name("Climb"), actions=[adds])
    removes = {"kind": "remove_tag", "tag": vip}
    program.automation(gold, name=program.name("Tidy"), actions=[removes])
    page.goto("/automations/new")
    page.get_by_role("radio", name="Tag is assigned to partner").click()
    choose(page, "Tag", gold)
    summary = page.locator(".builder-summary")
    expect(summary).to_contain_text(f"This tag also sets off “{program.name('Tidy')}”")
    page.get_by_role("button", name="Add tag").click()
    page.get_by_role("combobox", name="Tag").nth(1).fill(vip)
    page.get_by_role("option", name=re.compile(vip)).first.click()
    expect(summary).to_contain_text("could set each other off again and again")
    page.get_by_role("button", name="Create", exact=True).click()
    refused = page.get_by_role("listitem").filter(has_text="again and again")
    expect(refused.or_(page.locator("[data-sonner-toast]")).first).to_be_visible()
    expect(page).to_have_url(re.compile("/automations/new/?$"))


def test_trying_it_shows_what_a_partner_would_get_and_sends_it_to_me(
    page: Page, program: Program
) -> None:
    tag, email = program.tag("vip"), program.email("Hello")
    program.partner("tried")
    page.goto("/automations/new")
    page.get_by_role("radio", name="Tag is assigned to partner").click()
    choose(page, "Tag", tag)
    page.get_by_role("button", name="Send email").click()
    choose(page, "Email", email)
    page.get_by_role("button", name="Try it").click()
    dialog = page.get_by_role("dialog", name="Try it")
    dialog.get_by_role("combobox", name="Partner").fill(f"tried.{program.mark}")
    page.get_by_role("option", name="Tried").first.click()
    expect(dialog.get_by_role("status")).to_contain_text(f"Would get “{email}” now")
    dialog.get_by_role("textbox", name="Send me what they would get").fill("me@mail.example")
    dialog.get_by_role("button", name="Send to me").click()
    expect(page.get_by_text("The sandbox kept the test")).to_be_visible()
    page.keyboard.press("Escape")
    # What was entered is still there, and nothing has happened.
    expect(page.get_by_role("combobox", name="Email")).to_have_value(email)
    assert program.call("GET", f"/sends?tag={tag}").json()["data"] == []


def test_switching_on_asks_about_those_who_have_the_tag_and_the_answer_is_no(
    page: Page, program: Program
) -> None:
    tag, email = program.tag("vip"), program.email("Hello")
    number = program.automation(
        tag, name=program.name("Greet"), enabled=False,
        actions=[{"kind": "send_email", "template": email}],
    )  # fmt: skip
    program.partner("early", tag)
    program.partner("out", tag, consent="unsubscribed")
    page.goto(f"/automations?q={program.mark}")
    switch = page.get_by_role("switch", name=re.compile(program.name("Greet")))
    switch.click()
    question = page.get_by_role("dialog", name="Also email the 2 who already have it?")
    expect(question.get_by_role("radio", name="No, only from now on")).to_be_checked()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(switch).not_to_be_checked()
    switch.click()
    question.get_by_role("radio", name="Yes, also the 2").click()
    expect(question.get_by_role("status")).to_contain_text(f"1 would get “{email}” in 30 seconds")
    expect(question.get_by_role("status")).to_contain_text("1 has unsubscribed")
    question.get_by_role("button", name="Switch on and capture 1").click()
    expect(switch).to_be_checked()
    page.get_by_role("link", name=re.compile(program.name("Greet"))).click()
    page.wait_for_url(f"**/automations/{number}")
    runs = page.locator(".runs li")
    expect(runs).to_have_count(2)
    expect(runs.first).to_contain_text("had the tag already")
    expect(page.get_by_text("had it run for 2 partners")).to_be_visible()


def test_a_used_tag_is_not_deleted_but_merged_without_emailing_anybody(
    page: Page, program: Program
) -> None:
    old, vip, email = program.tag("vipp"), program.tag("vip"), program.email("Hello")
    partner = program.partner("moved", old)
    send = {"kind": "send_email", "template": email}
    program.automation(old, name=program.name("Greet"), actions=[send])
    program.automation(vip, name=program.name("Other"), actions=[send])
    page.goto(f"/tags?q={program.mark}")
    menu = page.get_by_role("button", name=f"Actions for the tag {old}")
    menu.click()
    page.get_by_role("menuitem", name="Delete…").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("cannot be deleted, because it is used")
    expect(dialog.get_by_role("link", name="1 partner who has it")).to_be_visible()
    expect(dialog.get_by_role("link", name=program.name("Greet"))).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    menu.click()
    page.get_by_role("menuitem", name="Merge into another tag…").click()
    merging = page.get_by_role("dialog", name=f"Merge “{old}”")
    # The menu gives the focus back before the dialog takes it.
    expect(page.locator("[role=menu]")).to_have_count(0)
    expect(merging.get_by_role("combobox")).to_be_focused()
    choose(merging, "The tag that stays", vip)
    expect(merging.get_by_role("status")).to_contain_text("No email is sent.")
    expect(merging.get_by_role("status")).to_contain_text(program.name("Greet"))
    merging.get_by_role("button", name="Merge tags").click()
    expect(page.get_by_text("Nobody was emailed")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=vip)
    expect(row).to_contain_text("starts 2")
    assert program.call("GET", f"/partners/{partner}").json()["tags"] == [vip]
    assert program.call("GET", f"/sends?partner={partner}").json()["data"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_everything_is_in_reach(
    app: App, session_cookie: str, open_page: OpenPage, program: Program, scheme: str
) -> None:
    tag, email = program.tag("a rather long name for a tag"), program.email("Hello")
    actions = [{"kind": "send_email", "template": email, "delay_seconds": 7200}]
    number = program.automation(tag, name=program.name("Greet"), actions=actions)
    program.partner("waits", tag)
    page = open_page(
        app.url, session_cookie, viewport={"width": 375, "height": 740}, color_scheme=scheme
    )
    mark = f"?q={program.mark}"
    for path in (f"/automations{mark}", f"/automations/{number}", f"/tags{mark}",
                 f"/automations/{number}/edit"):  # fmt: skip
        page.goto(path)
        expect(page.get_by_text(tag).first).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 375, f"{path} is {wide} px wide"
    # Switching off says what becomes of the email that waits.
    page.goto(f"/automations/{number}")
    page.get_by_role("switch").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("1 waiting email is skipped")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("switch")).to_be_checked()


def test_two_people_on_one_automation_see_both_and_choose(
    app: App, session_cookie: str, open_page: OpenPage, program: Program
) -> None:
    tag, gold = program.tag("Met"), program.tag("Met gold")
    welcome, bye = program.email("Hi"), program.email("Bye")
    number = program.automation(tag, actions=[{"template": welcome}])
    ada, bob = (open_page(app.url, session_cookie) for _ in range(2))
    for one in (ada, bob):
        one.goto(f"/automations/{number}/edit")
        expect(one.get_by_role("heading", name="In words")).to_be_visible()
    bob.get_by_role("button", name="Add another action").click()
    bob.get_by_role("menuitem", name="Send email").click()
    choose(bob.locator(".step").last, "Email", bye)
    bob.get_by_role("button", name="Save", exact=True).click()
    expect(bob.get_by_text("Saved.")).to_be_visible()

    ada.get_by_role("button", name="Add another action").click()
    ada.get_by_role("menuitem", name="Add tag").click()
    choose(ada.locator(".step").last, "Tag", gold)
    ada.get_by_role("button", name="Save", exact=True).click()
    dialog = ada.get_by_role("dialog", name="Somebody else changed this automation")
    theirs = dialog.get_by_role("group", name="Theirs, saved")
    mine = dialog.get_by_role("group", name="Yours, not saved yet")
    expect(theirs.get_by_role("listitem")).to_have_text([f"send {welcome}", f"send {bye}New"])
    expect(mine.get_by_role("listitem")).to_have_text([f"send {welcome}", f"add tag {gold}New"])
    dialog.get_by_role("button", name="Go on editing").click()
    expect(ada.locator(".sentence").first).to_contain_text(gold)
    steps = program.call("GET", f"/automations/{number}").json()["actions"]
    assert [step["template"] for step in steps] == [welcome, bye]
    ada.get_by_role("button", name="Save", exact=True).click()
    dialog.get_by_role("button", name="Save mine instead of theirs").click()
    expect(ada.get_by_text("Saved.")).to_be_visible()
    steps = program.call("GET", f"/automations/{number}").json()["actions"]
    assert [step["template"] or step["tag"] for step in steps] == [welcome, gold]
