"""One's own account: for every role, and nobody else's."""

import pytest

from rxapp.auth import sessions
from rxapp.db import users
from rxapp.db.engine import reading, writing
from rxapp.db.models import Role
from rxapp.domain import passwords
from rxapp.state.account import AccountState
from tests.state.support import call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
OLD, NEW = "four words to remember", "some other words"


@pytest.fixture
def page() -> AccountState:
    """The page of a viewer, who is signed in elsewhere too."""
    tab = signed_in(AccountState, Role.VIEWER)
    with writing() as session:
        ada = users.by_email_key(session, "ada@example.com")
        assert ada is not None
        ada.password_hash = passwords.hash_password(OLD)
        sessions.start(session, users.save(session, ada), agent="Firefox/140.0 (Windows)")
    call(tab, "load")
    return tab


def test_a_viewer_sees_their_browsers_and_signs_one_out(page: AccountState) -> None:
    (other,) = [one for one in page.browsers if not one.here]
    assert other.browser == "Firefox on Windows"
    call(page, "end", other.name)
    assert [one.here for one in page.browsers] == [True]


def test_signing_out_everywhere_else_keeps_this_browser(page: AccountState) -> None:
    assert "1 other browser" in effect(call(page, "end_others"))
    assert sessions.resolve(session_of(page)) is not None


@pytest.mark.parametrize(
    ("current", "new", "again", "field"),
    [
        ("wrong", NEW, NEW, "current"),
        (OLD, "short", "short", "password"),
        (OLD, NEW, "else", "again"),
    ],
)
def test_what_is_wrong_with_a_password_stands_at_its_field(
    page: AccountState, current: str, new: str, again: str, field: str
) -> None:
    call(page, "change_password", {"current": current, "password": new, "again": again})
    assert list(page.errors) == [field]
    assert len(page.browsers) == 2


def test_a_new_password_signs_other_browsers_out(page: AccountState) -> None:
    call(page, "change_password", {"current": OLD, "password": NEW, "again": NEW})
    assert page.errors == {}
    assert [one.here for one in page.browsers] == [True]
    with reading() as session:
        ada = users.by_email_key(session, "ada@example.com")
        assert ada is not None
        assert passwords.verify(NEW, ada.password_hash)[0]


def test_a_person_changes_what_they_are_called(page: AccountState) -> None:
    call(page, "rename", {"own_name": "Countess"})
    with reading() as session:
        ada = users.by_email_key(session, "ada@example.com")
        assert ada is not None
        assert ada.name == "Countess"
