"""What the front end is made of, and the one line of Reflex's own JavaScript we change."""

from pathlib import Path

import pytest
from reflex_base import constants

from rxapp import frontend
from rxapp.errors import CannotStart

STATE_JS = (constants.Templates.Dirs.WEB_TEMPLATE / "utils" / "state.js").read_text()


def test_the_installed_reflex_is_made_to_use_the_address_of_the_page() -> None:
    changed = frontend.same_origin(STATE_JS)
    assert changed.count("endpoint.port = window.location.port;") == 1
    assert 'endpoint.port = ""' not in changed


def test_what_was_changed_before_is_left_as_it_is() -> None:
    # Reflex keeps the file between builds.
    once = frontend.same_origin(STATE_JS)
    assert frontend.same_origin(once) == once


def test_a_reflex_that_reads_differently_stops_the_build() -> None:
    with pytest.raises(CannotStart, match="getBackendURL"):
        frontend.same_origin(STATE_JS.replace("frontend_hostname", "page_hostname"))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout instead of this one."""
    for name in ("rxapp/pages/home.py", "rxapp/dispatch/limiter.py", "assets/a.css", "rxconfig.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / ".npmrc").touch()
    monkeypatch.setattr(frontend, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "rebuilds"),
    [
        ("rxapp/pages/home.py", True),
        ("assets/a.css", True),
        ("rxconfig.py", True),
        ("rxapp/dispatch/limiter.py", False),
        ("README.md", False),
    ],
)
def test_only_what_reaches_the_browser_makes_another_front_end(
    checkout: Path, changed: str, rebuilds: bool
) -> None:
    before = frontend.digest(frontend.sources())
    (checkout / changed).write_text("something else")
    assert (frontend.digest(frontend.sources()) != before) == rebuilds
