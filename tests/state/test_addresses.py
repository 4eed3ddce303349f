"""Whatever stands behind the question mark, a page opens."""

import pytest

import rxapp.rxapp  # noqa: F401  (every page and so every state of the app)
from rxapp.state.base import AppState
from tests.state.support import browse, call, session_of, signed_in
from tests.state.test_base import OURS

pytestmark = pytest.mark.usefixtures("database")

PAGES = [state for state in OURS if "load" in state.event_handlers]
NAMES = (
    "q", "status", "tag", "all", "none", "consent", "mail", "ids", "sort", "page", "actor",
    "subject", "action", "since", "until", "source", "automation", "email", "kind", "archive",
    "archived", "job", "days", "starter", "run", "state", "what", "who", "version", "partner",
)  # fmt: skip


@pytest.mark.parametrize("state", PAGES, ids=lambda state: state.__name__)
@pytest.mark.parametrize(
    "odd", ["%00", "%ED%A0%BD", "a%00b", "9" * 5_000, "9999-12-31T23:59:59-14:00", "%F0%9F%98%80"]
)
def test_a_page_opens_whatever_its_address_asks(
    state: type[AppState], odd: str, caplog: pytest.LogCaptureFixture
) -> None:
    tab = signed_in(state)
    for path in ("/", f"/x/{odd}"):
        browse(tab, session_of(tab), path + "?" + "&".join(f"{name}={odd}" for name in NAMES))
        told = call(tab, "load")
        assert "not your doing" not in str(told)
    assert [one for one in caplog.records if "reference" in one.getMessage()] == []
