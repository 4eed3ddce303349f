"""Names that the web framework would take for its own, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests import factory
from tests.e2e.server import App, database


@pytest.mark.parametrize(
    "name",
    ["<reflex.Var>x</reflex.Var>", "<reflex.Var></reflex.Var>", "<reflex.Var>1</reflex.Var>"],
)
def test_a_person_reads_the_very_characters_and_the_app_goes_on(
    app: App, page: Page, name: str
) -> None:
    with database(app) as s:
        partner = factory.partner(s, name, first_name=name, email=None)
    page.goto(f"/partners/{partner}")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Suspend…").click()
    page.locator("[role=alertdialog], [role=dialog]").get_by_role(
        "button", name="Suspend partner"
    ).click()
    expect(page.get_by_text(f"{name} is suspended.", exact=True)).to_be_visible()
    page.goto("/tags")
    page.get_by_role("button", name="New tag").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill(name)
    dialog.get_by_role("button", name="Create tag").click()
    expect(page.get_by_text(f"“{name}” is saved.", exact=True)).to_be_visible()
