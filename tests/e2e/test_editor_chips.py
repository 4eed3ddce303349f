"""Variables as chips in a real browser: one piece each, whatever is done to them.

After each edit what would be saved is asked of the server's own parser: it must parse, and each
variable in it must be whole.
"""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from rxapp.db.models import TemplateKind
from rxapp.domain import templates
from rxapp.domain.compose import Source, compose

FIRST_NAME = '{{ partner.first_name | default("there") }}'
# Keys to go over a chip: the first one marks it, and Enter would then open it.
OVER = 2


@pytest.fixture
def editor(page: Page) -> Page:
    """A new email in the visual editor: `Dear [first name], hello`, the caret at its end."""
    page.goto("/emails/new")
    page.get_by_label("Name", exact=True).fill(f"Chips {uuid4().hex[:8]}")
    body(page).click()
    page.keyboard.type("Dear , hello")
    caret(page, len(", hello"))
    insert(page, "First name")
    page.keyboard.press("End")
    expect(chips(page)).to_have_count(1)
    return page


def body(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Body")


def subject(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Subject")


def chips(page: Page, within: str = ".visual-text") -> Locator:
    return page.locator(f"{within} [data-variable]")


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("iframe.live-frame")


def caret(page: Page, left: int, key: str = "ArrowLeft") -> None:
    for _ in range(left):
        page.keyboard.press(key)


def insert(page: Page, name: str) -> None:
    page.get_by_role("button", name="Variable", exact=True).click()
    page.get_by_role("menuitem", name=re.compile(f"^{name}")).click()
    expect(body(page)).to_be_focused()


def exported(page: Page) -> str:
    """The body as the server makes it; fails unless it parses and every chip in it is whole."""
    document = page.locator("[name=document]").input_value()
    said = page.locator("[name=subject]").input_value()
    html = templates.body_of(document)
    compose(Source(said or "s", "", html), kind=TemplateKind.MARKETING, known_fields=["level"])
    sources = re.findall(r'"source":("(?:[^"\\]|\\.)*")', document)
    for source in sources:
        assert json.loads(source) in html
    in_addresses = "".join(re.findall(r'href="[^"]*', html)).count("{{")
    assert html.count("{{") == len(sources) + in_addresses
    return html


def test_a_variable_is_shown_with_its_fallback_and_previewed(editor: Page) -> None:
    expect(chips(editor)).to_have_text("first name, or there")
    subject(editor).fill("Hello")
    expect(preview(editor).get_by_text("Dear Alex, hello")).to_be_visible()
    assert exported(editor) == f"<p>Dear {FIRST_NAME}, hello</p>\n"


def _split(page: Page) -> None:
    caret(page, len(", hello"))
    page.keyboard.press("Enter")
    caret(page, 1 + OVER)
    page.keyboard.press("Enter")
    expect(page.locator(".visual-text p")).to_have_count(3)


def _type_around(page: Page) -> None:
    caret(page, len(", hello"))
    page.keyboard.type("X")
    caret(page, 1 + OVER)
    page.keyboard.type("Y")
    expect(page.locator(".visual-text p")).to_have_text("Dear Yfirst name, or thereX, hello")


def _type_with_it_marked(page: Page) -> None:
    page.keyboard.press("Home")
    caret(page, 3, "ArrowRight")
    caret(page, 6, "Shift+ArrowRight")
    page.keyboard.type("Z")


def _undo_all_and_redo(page: Page) -> None:
    for _ in range(20):
        page.keyboard.press("Control+z")
    exported(page)
    for _ in range(20):
        page.keyboard.press("Control+Shift+z")
    expect(chips(page)).to_have_count(1)


def _bold_over_it(page: Page) -> None:
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+b")
    caret(page, 1)
    caret(page, 8, "Shift+ArrowRight")
    page.keyboard.press("Control+i")


def _cut_and_paste_twice(page: Page) -> None:
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+x")
    expect(chips(page)).to_have_count(0)
    page.keyboard.press("Control+v")
    page.keyboard.press("Control+v")
    expect(chips(page)).to_have_count(2)


def _list_heading_and_quote(page: Page) -> None:
    page.get_by_role("button", name="Bullet list").click()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Numbered list").click()
    page.get_by_role("button", name="Numbered list").click()
    page.get_by_role("combobox", name="Style of the text").click()
    page.get_by_role("option", name="Title").click()
    expect(page.locator(".visual-text h1 [data-variable]")).to_have_count(1)


def _link_around_it(page: Page) -> None:
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog", name="Link")
    dialog.get_by_role("textbox", name="Address").fill("https://a.example/?ref={{ partner.key }}")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_be_hidden()
    expect(body(page)).to_be_focused()
    expect(page.locator(".visual-text a [data-variable]")).to_have_count(1)


def _drag(page: Page) -> None:
    chips(page).drag_to(page.locator(".visual-text p").first, target_position={"x": 3, "y": 8})
    expect(chips(page)).to_have_count(1)


def _delete_into_it_from_both_sides(page: Page) -> None:
    insert(page, "Company")
    page.keyboard.press("Backspace")
    expect(chips(page)).to_have_count(1)
    caret(page, len(", hello") + OVER)
    page.keyboard.press("Delete")
    expect(chips(page)).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(chips(page)).to_have_count(1)


def _columns_box_and_button(page: Page) -> None:
    for name in ("Box", "Button"):
        page.keyboard.press("Control+End")
        page.get_by_role("toolbar", name="Insert").get_by_role("button", name=name).click()
        insert(page, "Company")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("menuitem", name="2 columns").click()
    expect(body(page)).to_be_focused()
    insert(page, "First name")
    expect(page.locator(".node-columns [data-variable]")).to_have_count(1)


def _brackets_by_hand(page: Page) -> None:
    page.keyboard.type(" {{ half {% if {# }} %} {{{{ {{ partner.company }} {{ nothing at all }}")
    expect(chips(page)).to_have_count(2)


def _code_and_markup_as_text(page: Page) -> None:
    page.keyboard.type('<script>alert("{{ 1 + 1 }}")</script> & "quotes" \\ {{ ')


EDITS: list[Callable[[Page], None]] = [
    _split,
    _type_around,
    _type_with_it_marked,
    _undo_all_and_redo,
    _bold_over_it,
    _cut_and_paste_twice,
    _list_heading_and_quote,
    _link_around_it,
    _drag,
    _delete_into_it_from_both_sides,
    _columns_box_and_button,
    _brackets_by_hand,
    _code_and_markup_as_text,
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.strip("_"))
def test_a_chip_survives_and_what_is_exported_parses(
    editor: Page, edit: Callable[[Page], None]
) -> None:
    edit(editor)
    exported(editor)
    # And however it was edited, it can be taken back and typed over.
    first = body(editor).locator("p, h1, li").first
    # Where its line has ended: a click on a chip asks about it.
    place = first.bounding_box() or {"width": 1}
    first.click(position={"x": place["width"] - 5, "y": 5})
    editor.keyboard.press("Control+a")
    editor.keyboard.type("Gone")
    expect(body(editor)).to_have_text("Gone")
    assert exported(editor).count("{{") == 0


def test_chips_are_copied_between_the_lines_and_the_body(editor: Page) -> None:
    body(editor).press("Control+a")
    body(editor).press("Control+c")
    subject(editor).click()
    editor.keyboard.press("Control+v")
    expect(chips(editor, "#subject")).to_have_count(1)
    expect(editor.locator("[name=subject]")).to_have_value(f"Dear {FIRST_NAME}, hello")
    editor.keyboard.press("Control+a")
    editor.keyboard.press("Control+c")
    body(editor).click()
    editor.keyboard.press("Control+End")
    editor.keyboard.press("Control+v")
    expect(chips(editor)).to_have_count(2)
    exported(editor)


def test_the_fallback_of_a_chip_is_changed_where_it_stands(editor: Page) -> None:
    chips(editor).click()
    asked = editor.get_by_role("dialog", name="Variable")
    asked.get_by_role("textbox").fill('dear "friend" {{ x }}')
    asked.get_by_role("textbox").press("Enter")
    expect(chips(editor)).to_have_text("first name, or dear ”friend” x ")
    expect(asked).to_be_hidden()
    expect(body(editor)).to_be_focused()
    exported(editor)
    chips(editor).click()
    asked.get_by_role("button", name="Remove").click()
    expect(chips(editor)).to_have_count(0)


def test_a_subject_written_by_hand_becomes_chips_and_stays_what_it_was(editor: Page) -> None:
    condition = "{% if partner.company %}{{ partner.company }}{% else %}You{% endif %}"
    said = condition + ": 50% off {{ tag.name }}"
    subject(editor).fill(said)
    expect(chips(editor, "#subject")).to_have_count(2)
    expect(editor.locator("[name=subject]")).to_have_value(said)
    subject(editor).fill("{{ half and {%")
    exported(editor)


def test_the_keyboard_alone_writes_inserts_previews_and_saves(page: Page) -> None:
    page.goto("/emails/new")
    expect(body(page)).to_be_visible()
    name = f"Keys {uuid4().hex[:8]}"
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type(name)
    _tab_to(page, subject(page))
    page.keyboard.type("For ")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name=re.compile("^First name"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips(page, "#subject")).to_have_count(1)
    expect(subject(page)).to_be_focused()
    _tab_to(page, body(page))
    page.keyboard.type("Hello /first")
    expect(page.locator("[data-re-slash-command-item]").first).to_contain_text("First name")
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_count(1)
    page.keyboard.press("Alt+F10")
    expect(page.get_by_role("combobox", name="Style of the text")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    expect(preview(page).get_by_text("Hello Alex")).to_be_visible()
    _tab_to(page, body(page))
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile(r"/emails/\d+$"))
    page.reload()
    expect(chips(page)).to_have_text("first name, or there")
    assert "Hello" in exported(page)


def _tab_to(page: Page, target: Locator) -> None:
    for _ in range(60):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not get there")


def test_the_look_and_blocks_reach_the_email(editor: Page) -> None:
    subject(editor).fill("Look")
    editor.get_by_role("button", name="Look").click()
    editor.get_by_label("Paper", exact=True).fill("#ffeecc")
    editor.keyboard.press("Escape")
    document: dict[str, Any] = json.loads(editor.locator("[name=document]").input_value())
    assert document["theme"] == {"card": "#ffeecc"}
    card = preview(editor).locator("td.card")
    expect(card).to_have_css("background-color", "rgb(255, 238, 204)")
