"""The browser for the end-to-end tests: the machine's own Chromium, or else one that is fetched.

`python -m tests.e2e.chromium` makes sure that there is one. CHROMIUM=/path/to/chromium decides.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Nothing but the tests' own requests, and no need of privileges or a graphics card.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find() -> str | None:
    """The path of a Chromium: the one asked for, the machine's, or the one Playwright fetched."""
    if asked := os.environ.get("CHROMIUM"):
        return asked
    for name in NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        fetched = playwright.chromium.executable_path
    return fetched if Path(fetched).exists() else None


def fetch() -> None:
    """Get a browser: Playwright's own with what it needs, or else the system's package."""
    is_root = os.geteuid() == 0
    options = ["--with-deps"] if is_root else []
    if _runs(sys.executable, "-m", "playwright", "install", *options, "chromium"):
        return
    if is_root and shutil.which("apt-get"):
        _runs("apt-get", "update")
        _runs("apt-get", "install", "-y", "chromium")


def _runs(*command: str) -> bool:
    return subprocess.run(command, check=False).returncode == 0


def main() -> None:
    """Make sure there is a browser, or say what is missing."""
    if not find():
        fetch()
    if not find():
        sys.exit(
            "The browser tests need Chromium, and it could not be fetched. "
            "Install it, or name one: CHROMIUM=/path/to/chromium make test"
        )


if __name__ == "__main__":
    main()
