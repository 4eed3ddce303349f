"""What importing the emails of others does to their looks: pictures before and after, compared.

    python -m tests.bench.imported FOLDER...

prints the rows of docs/imported-emails.md for the HTML files of these folders.
"""

import base64
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from rxapp.db.engine import reading
from rxapp.db.models import TemplateKind
from rxapp.domain import preview
from rxapp.domain.compose import Source
from tests.bench.setup import database
from tests.e2e import chromium

WIDTHS = (800, 375)
# What other template languages fill in: Mustache, Liquid, Mailchimp, ERB.
FOREIGN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\*\|.*?\|\*|<%.*?%>", re.DOTALL)
# The share of pixels of which a colour differs by more than 24 of 255; what only one of the
# pictures has, because it is longer, differs.
COMPARE = """async ([before, after]) => {
    const pixels = async (png) => {
        const picture = await createImageBitmap(await (await fetch(png)).blob());
        const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
        canvas.drawImage(picture, 0, 0);
        return canvas.getImageData(0, 0, picture.width, picture.height).data;
    };
    const [one, other] = [await pixels(before), await pixels(after)];
    const [most, least] = [Math.max(one.length, other.length), Math.min(one.length, other.length)];
    let differ = (most - least) / 4;
    for (let at = 0; at < least; at += 4)
        if ([0, 1, 2].some((color) => Math.abs(one[at + color] - other[at + color]) > 24)) differ++;
    return differ / (most / 4);
}"""


def main(folders: list[str]) -> None:
    """Print a row for each email."""
    with sync_playwright() as playwright, database():
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=chromium.ARGUMENTS
        )
        for folder in map(Path, folders):
            for file in sorted(folder.rglob("*.html")):
                original = FOREIGN.sub("word", file.read_text(errors="replace"))
                cells = _cells(browser, original)
                print(f"| `{file.relative_to(folder)}` | {cells} |", flush=True)
        browser.close()


def _cells(browser: Browser, original: str) -> str:
    """How much of it differs at each width, or why it was refused."""
    with reading() as session:
        # Transactional, so that no footer is added.
        look = preview.look(session, Source("Hello", "", original), TemplateKind.TRANSACTIONAL)
    if not look.html:
        return f"refused: {look.problems[0]}"
    return " | ".join(f"{share:.2%}" for share in _differences(browser, original, look.html))


def _differences(browser: Browser, before: str, after: str) -> Iterator[float]:
    for width in WIDTHS:
        pictures = [_picture(browser, html, width) for html in (before, after)]
        page = browser.new_page()
        yield page.evaluate(COMPARE, pictures)
        page.close()


def _picture(browser: Browser, html: str, width: int) -> str:
    """The whole email, with nothing loaded from anywhere, as the address of a PNG."""
    page = browser.new_page(
        viewport={"width": width, "height": 900}, java_script_enabled=False, offline=True
    )
    page.set_content(html)
    png = page.screenshot(full_page=True)
    page.close()
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


if __name__ == "__main__":
    main(sys.argv[1:])
