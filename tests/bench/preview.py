"""From a keystroke to the changed preview on the screen, with an email of 60 KB."""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from rxapp.auth.sessions import COOKIE
from tests.e2e import chromium
from tests.e2e.server import App, running

KEYS = 60
# Ten keys a second are fast typing; between single ones the preview comes to rest.
PACES = (("one key after the other", 350), ("ten keys a second", 100))
ROW = (
    '<tr><td style="padding:8px 12px"><p class="item">Hello {{ partner.first_name |'
    ' default("there") }}, this is <a href="https://shop.example/?p={{ partner.key }}&i=%d">item %d'
    "</a> of your report.</p></td></tr>\n"
)
# Sees each key, and each text in the preview once it was painted.
WATCH = """() => {
  window.pressed = [];
  window.painted = [];
  document.addEventListener("keydown", () => window.pressed.push(performance.now()), true);
  const frame = document.querySelector("iframe.live-frame").contentDocument;
  const look = () => {
    const length = frame.querySelector("#spot")?.textContent.trim().length ?? 0;
    requestAnimationFrame(() => setTimeout(() => {
      while (window.painted.length < length) window.painted.push(performance.now());
    }));
  };
  new MutationObserver(look).observe(frame, {subtree: true, childList: true, characterData: true});
}"""

JUMP = """line => document.dispatchEvent(
  new CustomEvent("studio-jump", {detail: {field: "body", line}, cancelable: true}))"""


def body() -> str:
    """About 60 KB with 400 variables, as a long report has them."""
    rows = [ROW % (number, number) for number in range(200)]
    middle = '<tr><td><p id="spot">\n\n</p></td></tr>\n'
    padding = "<!-- " + "what other tools leave behind " * 640 + "-->"
    return f"<table>{''.join(rows[:100])}{middle}{''.join(rows[100:])}</table>{padding}"


def main() -> None:
    """Print the median and the 95th percentile for both paces."""
    with (
        tempfile.TemporaryDirectory(prefix="rxapp-bench-") as directory,
        running(Path(directory)) as app,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        for name, pause in PACES:
            times = sorted(_measure(_editor(browser.new_page(), app), pause))
            print(f"Key to preview on screen, {len(body()) // 1000} KB email, {name}")
            print(f"  median (aim: under 150 ms):      {statistics.median(times):>9,.0f} ms")
            print(f"  p95    (aim: under 300 ms):      {times[int(KEYS * 0.95)]:>9,.0f} ms")
        browser.close()


def _editor(page: Page, app: App) -> Page:
    """The email in the editor for HTML, the caret on the empty line in its middle."""
    page.context.add_cookies([{"name": COOKIE, "value": app.sign_in(), "url": app.url}])
    email = {"name": f"Report {time.time()}", "subject": "Your report", "body": body()}
    made = page.request.post(
        f"{app.url}/api/v1/templates", data=email, headers={"Origin": app.url}
    ).json()
    page.goto(f"{app.url}/emails/{made['id']}")
    page.frame_locator("iframe.live-frame").get_by_text("item 199").wait_for()
    page.locator("#body").wait_for()
    line = body()[: body().index('id="spot">')].count("\n") + 2
    page.evaluate(JUMP, line)
    page.evaluate(WATCH)
    return page


def _measure(page: Page, pause: int) -> list[float]:
    for number in range(KEYS):
        page.keyboard.press("abcdefghijklmnopqrstuvwxyz"[number % 26])
        page.wait_for_timeout(pause)
    page.wait_for_function(f"window.painted.length >= {KEYS}")
    pairs = page.evaluate("window.pressed.map((began, key) => window.painted[key] - began)")
    return [float(one) for one in pairs]


if __name__ == "__main__":
    main()
