"""People at their browsers: two admins and an editor, who go on when the app was away."""

import random
import re
from collections import Counter
from collections.abc import Callable
from itertools import count

from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as BrowserError

from rxapp.auth.sessions import COOKIE
from tests.e2e import chromium
from tests.soak.stage import Stage

PATIENCE = 30_000.0  # milliseconds
LOOKS = ("/", "/partners", "/tags", "/emails", "/automations", "/sends", "/settings/system")
# What a page may show of our own making when something is wrong; none of it belongs to a restart.
WRONG = re.compile(r"reference [0-9a-f]{8}|not your doing")


class Person:
    """Somebody with a browser, who does one thing after the other until it is over."""

    def __init__(self, stage: Stage, email: str, role: str, does: str) -> None:
        self._stage, self.email = stage, email
        self._cookie = stage.sign_in(email, role)
        self._does: Callable[[Page, int], None] = getattr(self, f"_{does}")
        self._chance = random.Random(email)
        # How often they came to the end of what they do, and what was in the way how often.
        self.did = 0
        self.disturbed: Counter[str] = Counter()
        # What was last seen saved of the editor's email.
        self.saved = ""

    def run(self) -> None:
        """Work until it is over."""
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.find(), args=chromium.ARGUMENTS
            )
            page = self._open(browser)
            for number in count():
                if self._stage.over.is_set():
                    break
                self._once(page, number)
            browser.close()

    def _open(self, browser: Browser) -> Page:
        context = browser.new_context(base_url=self._stage.url)
        context.add_cookies([{"name": COOKIE, "value": self._cookie, "url": self._stage.url}])
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("pageerror", lambda error: self._stage.surprises.append(f"{self.email}: {error}"))
        return page

    def _once(self, page: Page, number: int) -> None:
        try:
            self._does(page, number)
            self.did += 1
        except (BrowserError, AssertionError) as error:
            # The app was away, or a dialog went with it. They look around and begin anew.
            self.disturbed[str(error).split("Call log", maxsplit=1)[0][:160]] += 1
            self._stage.over.wait(1)
        shown = WRONG.search(page.content()) if page.url.startswith("http") else None
        if shown:
            self._stage.surprises.append(f"{self.email} at {page.url}: {shown[0]}")

    def _look(self, page: Page, number: int) -> None:
        page.goto(LOOKS[number % len(LOOKS)])
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE)
        self._stage.over.wait(self._chance.uniform(0.5, 3))

    def _assign(self, page: Page, number: int) -> None:
        self._look(page, number)
        page.goto("/partners")
        page.get_by_role("checkbox", name="Choose everybody on this page").click()
        page.get_by_role("button", name="Assign tag").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("combobox", name="Tag").fill("news")
        page.get_by_role("option", name=re.compile("news")).first.click()
        dialog.get_by_role("button", name=re.compile("^Assign tag")).click()
        undo = page.get_by_role("button", name=re.compile("Undo"))
        expect(undo.first).to_be_visible(timeout=PATIENCE)
        if self._chance.random() < 0.5:
            undo.first.click()

    def _write(self, page: Page, number: int) -> None:
        page.goto("/emails")
        page.get_by_role("link", name="Welcome").first.click()
        subject = page.locator("#email-form").get_by_role("textbox", name="Subject")
        text = f"Words {number}, {{{{ partner.first_name | default('you') }}}}"
        subject.fill(text)
        self._stage.over.wait(self._chance.uniform(0.5, 3))
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text(re.compile("saved", re.IGNORECASE)).first).to_be_visible(
            timeout=PATIENCE
        )
        self.saved = text
