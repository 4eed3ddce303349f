"""Writing emails in a real browser: seen while they are written, and not lost by leaving."""

import base64
import re
from uuid import uuid4

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.server import App

# One pixel of PNG.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def editor(page: Page) -> Page:
    """The editor with a new email in it, as HTML, that is not saved."""
    page.goto("/emails/new")
    _field(page, "Name").fill(f"Email {uuid4().hex[:8]}")
    page.get_by_role("button", name="Edit as HTML").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Edit as HTML").click()
    expect(page.locator("[name=document]")).to_have_count(0)
    _field(page, "Subject").fill("Hello {{ partner.first_name | default('there') }}")
    _field(page, "Body").fill("<p>First words</p>")
    expect(_preview(page).get_by_text("First words")).to_be_visible()
    return page


def _field(page: Page, name: str) -> Locator:
    return page.locator("#email-form").get_by_role("textbox", name=name)


def _body(page: Page) -> Locator:
    """What the form holds as the body."""
    return page.locator("#email-form [name=body]")


def _preview(page: Page) -> FrameLocator:
    return page.frame_locator("iframe.live-frame")


def _save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()


def test_the_preview_follows_each_key_and_is_shut_in(editor: Page) -> None:
    _field(editor, "Body").press("Control+End")
    _field(editor, "Body").press_sequentially("<p>And more, {{ partner.company }}</p>")
    expect(_preview(editor).get_by_text("And more, Rivera Studio")).to_be_visible()
    expect(editor.get_by_label("In the inbox")).to_contain_text("Hello Alex")
    editor.get_by_role("tab", name="Plain text").click()
    expect(editor.locator(".plain-text")).to_contain_text("And more, Rivera Studio")
    editor.get_by_role("tab", name="Email").click()


def test_nothing_runs_in_the_preview_and_what_it_loads_is_asked_without_the_session(
    editor: Page,
) -> None:
    asked: list[dict[str, str]] = []
    editor.on("request", lambda one: asked.append({"url": one.url, **one.all_headers()}))
    body = "<p>Hi</p><img src='/api/studio/emails/1' alt=''><a href='/partners'>Leave</a>"
    _field(editor, "Body").fill(body)
    link = _preview(editor).get_by_text("Leave")
    expect(link).to_be_visible()
    link.click()
    expect(link).to_be_visible()
    frame = editor.locator("iframe.live-frame")
    assert frame.get_attribute("sandbox") == "allow-same-origin"
    assert frame.evaluate("frame => frame.credentialless")
    (image,) = [one for one in asked if "/api/studio/emails/" in one["url"]]
    assert "cookie" not in image


def test_the_preview_stays_where_it_was_scrolled_to_and_loads_no_image_again(
    editor: Page,
) -> None:
    loaded: list[str] = []
    editor.on("request", lambda one: loaded.append(one.url))
    long = "".join(f"<p>Line {number}</p>" for number in range(200))
    _field(editor, "Body").fill(f"<img src='/favicon.svg?mine' alt='' width='9'>{long}")
    _preview(editor).get_by_text("Line 150").scroll_into_view_if_needed()
    where = "frame => frame.contentDocument.documentElement.scrollTop"
    frame = editor.locator("iframe.live-frame")
    before = frame.evaluate(where)
    _field(editor, "Body").press("Control+End")
    _field(editor, "Body").press_sequentially("<p>The end</p>")
    expect(_preview(editor).get_by_text("The end")).to_be_attached()
    assert frame.evaluate(where) == before > 0
    assert len([url for url in loaded if "favicon.svg?mine" in url]) <= 1


def test_the_preview_steps_through_partners_and_worst_cases(editor: Page) -> None:
    _field(editor, "Body").fill("<p>Dear {{ partner.company | default('nobody') }}!</p>")
    editor.get_by_role("combobox", name="Preview as").click()
    editor.get_by_role("option", name=re.compile("Nothing filled in")).click()
    expect(_preview(editor).get_by_text("Dear nobody!")).to_be_visible()
    editor.get_by_role("combobox", name="Preview as").click()
    editor.get_by_role("option", name=re.compile("Emoji")).click()
    expect(_preview(editor).get_by_text("Dear 🚀 Ⓡocket & Çø. 日本!")).to_be_visible()


def test_what_was_written_and_never_saved_is_offered_after_a_crash(editor: Page) -> None:
    _save(editor)
    editor.wait_for_url(re.compile(r"/emails/\d+$"))
    body = _field(editor, "Body")
    expect(_body(editor)).to_have_value("<p>First words</p>")
    body.fill("<p>Words that would be lost</p>")
    editor.wait_for_function("Object.values(localStorage).some(v => v.includes('would be lost'))")
    # A new page in the same browser: nothing was asked, nothing was saved.
    again = editor.context.new_page()
    again.goto(editor.url)
    again.get_by_role("button", name="Bring it back").click()
    expect(_body(again)).to_have_value("<p>Words that would be lost</p>")
    expect(_preview(again).get_by_text("Words that would be lost")).to_be_visible()
    _save(again)
    expect(again.get_by_text("Saved as version 2.")).to_be_visible()
    again.reload()
    expect(_body(again)).to_have_value("<p>Words that would be lost</p>")
    expect(again.get_by_role("button", name="Bring it back")).to_be_hidden()


def test_a_problem_leads_to_its_line(editor: Page) -> None:
    _field(editor, "Body").fill("<p>One</p>\n<p>{{ partner.frist_name }}</p>\n<p>Three</p>")
    problems = editor.get_by_role("list", name="Problems")
    expect(problems).to_contain_text("Did you mean “partner.first_name”?")
    expect(editor.get_by_role("link", name="1 problem")).to_be_visible()
    expect(editor.locator(".cm-lint-marker-error")).to_be_visible()
    problems.get_by_role("button", name="Body, line 2").click()
    expect(_field(editor, "Body")).to_be_focused()
    marked = editor.evaluate("getSelection().toString()")
    assert marked == "<p>{{ partner.frist_name }}</p>"


def test_a_variable_is_put_where_the_caret_was(editor: Page) -> None:
    subject = _field(editor, "Subject")
    subject.fill("Dear , hello")
    expect(editor.get_by_label("In the inbox")).to_contain_text("Dear , hello")
    for _ in ", hello":
        subject.press("ArrowLeft")
    editor.get_by_role("button", name="Insert variable into Subject").click()
    editor.get_by_role("menuitem", name=re.compile("First name")).click()
    expect(editor.locator("[name=subject]")).to_have_value(
        'Dear {{ partner.first_name | default("there") }}, hello'
    )
    expect(subject).to_have_text("Dear first name, or there, hello")
    expect(editor.get_by_label("In the inbox")).to_contain_text("Dear Alex, hello")


def test_leaving_asks_while_something_is_not_saved(editor: Page) -> None:
    editor.get_by_role("link", name="Tags").click()
    question = editor.get_by_role("alertdialog", name="Leave without saving?")
    question.get_by_role("button", name="Stay here").click()
    expect(_body(editor)).to_have_value("<p>First words</p>")
    _save(editor)
    editor.wait_for_url(re.compile(r"/emails/\d+$"))
    expect(_body(editor)).to_have_value("<p>First words</p>")
    editor.get_by_role("link", name="Tags").click()
    editor.wait_for_url("**/tags")
    expect(question).to_be_hidden()


def test_what_was_typed_a_moment_ago_is_guarded_and_saved_as_well(editor: Page) -> None:
    _save(editor)
    editor.wait_for_url(re.compile(r"/emails/\d+$"))
    body = _field(editor, "Body")
    expect(_body(editor)).to_have_value("<p>First words</p>")
    body.fill("<p>Last words</p>")
    editor.get_by_role("link", name="Tags").click()
    editor.get_by_role("button", name="Stay here").click()
    body.fill("<p>Very last words</p>")
    _save(editor)
    expect(editor.get_by_text("Saved as version 2.")).to_be_visible()
    editor.reload()
    expect(_body(editor)).to_have_value("<p>Very last words</p>")


def test_closing_the_window_is_held_up_by_the_browser_itself(editor: Page) -> None:
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]  # Playwright's Dialog
        dialog.accept()  # type: ignore[attr-defined]

    editor.on("dialog", stay)
    editor.close(run_before_unload=True)
    editor.wait_for_event("close")
    assert asked == ["beforeunload"]


def test_an_old_version_is_looked_at_and_restored(editor: Page) -> None:
    _save(editor)
    editor.wait_for_url(re.compile(r"/emails/\d+$"))
    body = _field(editor, "Body")
    expect(_body(editor)).to_have_value("<p>First words</p>")
    body.fill("<p>Second words</p>")
    _save(editor)
    editor.get_by_role("button", name="Versions").click()
    sheet = editor.get_by_role("dialog", name="Versions")
    sheet.get_by_role("listitem").filter(has_text="Version 1").get_by_text("View").click()
    expect(_preview(editor).get_by_text("First words")).to_be_visible()
    expect(_body(editor)).to_have_value("<p>Second words</p>")
    editor.get_by_role("button", name="Restore it").click()
    expect(_body(editor)).to_have_value("<p>First words</p>")
    _save(editor)
    expect(editor.get_by_text("Saved as version 3.")).to_be_visible()


def test_a_test_is_sent_as_it_is_written_now_and_each_address_has_its_answer(editor: Page) -> None:
    _field(editor, "Subject").fill("Written a moment ago")
    editor.get_by_role("button", name="Send test").click()
    dialog = editor.get_by_role("dialog", name="Send a test")
    dialog.get_by_label("To").fill("one@mail.example, two@mail.example")
    dialog.get_by_label("To").press("Enter")
    results = dialog.get_by_role("list", name="What became of the test").get_by_role("listitem")
    expect(results).to_have_count(2)
    for line in results.all():
        expect(line).to_contain_text("Kept by the sandbox")


def test_an_uploaded_image_reaches_the_email_and_loads_without_a_session(
    app: App, page: Page, open_page: OpenPage
) -> None:
    page.goto("/emails/new")
    _field(page, "Subject").fill("A picture")
    page.get_by_role("textbox", name="Body").click()
    page.get_by_role("toolbar", name="Insert").get_by_role("button", name="Image").click()
    dialog = page.get_by_role("dialog", name="Image")
    upload = dialog.get_by_label("Upload")
    upload.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"not a picture"})
    expect(dialog.get_by_role("alert")).to_contain_text("PNG")
    upload.set_input_files({"name": "dot.png", "mimeType": "image/png", "buffer": PIXEL})
    address = dialog.get_by_label("Or its address")
    expect(address).to_have_value(re.compile(r"/images/\w+\.png$"))
    dialog.get_by_label("Description").fill("A dot")
    dialog.get_by_role("button", name="Insert", exact=True).click()
    expect(dialog).to_have_count(0)
    image = _preview(page).get_by_role("img", name="A dot")
    expect(image).to_have_js_property("naturalWidth", 1)
    stranger = open_page(app.url)
    answer = stranger.request.get(str(image.get_attribute("src")))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
