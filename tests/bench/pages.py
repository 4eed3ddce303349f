"""Pages in a real browser, over a program with 100,000 partners and 300,000 emails sent."""

import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from rxapp.auth.sessions import COOKIE
from tests.bench.grown import PARTNERS, TAGS, grow
from tests.bench.setup import database_in
from tests.e2e import chromium
from tests.e2e.server import App, running

ROUNDS = 5

# Lists by their link in the navigation, and a word of their first rows.
LISTS = {
    "Partners": f"p{PARTNERS}@bench.test",
    "Tags": TAGS[0],
    "Emails": f"About {TAGS[0]}",
    "Automations": TAGS[0],
    "Sends": "@bench.test",
}

# Answers with the milliseconds from the click (or the key) to the frame that shows the word.
_UNTIL_SHOWN = """
([word, began]) => new Promise((done) => {
  const look = () => {
    const main = document.querySelector("main");
    const here = main && main.innerText.includes(word);
    here ? done(performance.now() - began) : requestAnimationFrame(look);
  };
  look();
})
"""
_CLICK = """
([label]) => {
  const link = [...document.querySelectorAll("nav a")].find((a) => a.innerText.trim() === label);
  const began = performance.now();
  link.click();
  return began;
}
"""


def main() -> None:
    """Print how long each list takes to show its first rows, and a search to answer."""
    with tempfile.TemporaryDirectory(prefix="rxapp-bench-") as directory:
        data = Path(directory)
        with database_in(data):
            grow()
        with running(data, RXAPP_WORKER="off") as app, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.find(), args=chromium.ARGUMENTS
            )
            context = browser.new_context(base_url=app.url)
            context.add_cookies([{"name": COOKIE, "value": app.sign_in(), "url": app.url}])
            _measure(app, context.new_page())
            browser.close()


def _measure(app: App, page: Page) -> None:
    page.goto("/settings")
    page.get_by_role("heading", level=1).wait_for()
    print(f"With {PARTNERS:,} partners and {PARTNERS * len(TAGS):,} emails sent, in Chromium")
    for label, word in LISTS.items():
        _print(label, "its first rows (aim: under 500 ms)", partial(_open, page, label, word))
    page.goto("/partners")
    _print("Partners", "a search to its answer (aim: under 300 ms)", partial(_search, page))


def _print(label: str, what: str, measure: Callable[[], float]) -> None:
    times = [measure() for _ in range(ROUNDS)]
    print(f"  {label + ', ' + what:<58}{statistics.median(times):>7,.0f} ms  ({max(times):,.0f})")


def _open(page: Page, label: str, word: str) -> float:
    page.evaluate(_CLICK, ["Home"])
    page.get_by_role("heading", name="Home", level=1).wait_for()
    began = page.evaluate(_CLICK, [label])
    took: float = page.evaluate(_UNTIL_SHOWN, [word, began])
    return took


def _search(page: Page) -> float:
    box = page.get_by_role("searchbox").first
    box.fill("")
    page.evaluate(_UNTIL_SHOWN, [f"p{PARTNERS}@bench.test", 0])
    box.press_sequentially("p4321", delay=60)
    began = page.evaluate("performance.now()")
    page.keyboard.press("0")
    took: float = page.evaluate(_UNTIL_SHOWN, ["p43210@bench.test", began])
    return took
