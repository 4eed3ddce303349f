"""The guide for admins shows the app as it is: each picture can be taken, and none is forgotten."""

import re
from pathlib import Path

from playwright.sync_api import Browser

from tests.e2e import screenshots
from tests.e2e.screenshots import GUIDE

PAGES = sorted(GUIDE.glob("*.md"))
LINK = re.compile(r"\]\(([^)#]+)\)")


def test_every_page_is_in_the_list_and_every_link_leads_somewhere() -> None:
    index = LINK.findall((GUIDE / "README.md").read_text())
    assert {page.name for page in PAGES} - {"README.md"} <= set(index)
    for page in PAGES:
        for target in LINK.findall(page.read_text()):
            assert target.startswith("https://") or (GUIDE / target).exists(), (page.name, target)


def test_every_picture_is_shown_and_is_one_the_command_takes() -> None:
    shown = {target for page in PAGES for target in LINK.findall(page.read_text())}
    shown = {target for target in shown if target.endswith(".png")}
    assert shown == {f"images/{scene.__name__}.png" for scene in screenshots.SCENES}


def test_every_picture_can_be_taken_of_the_app_as_it_is(tmp_path: Path, browser: Browser) -> None:
    names = screenshots.take(tmp_path, browser)
    assert sorted(path.stem for path in tmp_path.glob("*.png")) == sorted(names)
