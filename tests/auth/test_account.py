"""One's own account: a new password needs the old one, and browsers can be signed out."""

import pytest

from rxapp.auth import account, sessions
from rxapp.db.engine import reading, writing
from rxapp.db.models import Role, User
from rxapp.domain import people
from rxapp.errors import InvalidInput, NotFound, TooManyRequests
from tests.auth.support import multiply_failures

pytestmark = pytest.mark.usefixtures("database")

OLD, NEW = "four words to remember", "some other words"


@pytest.fixture
def ada() -> User:
    with writing() as session:
        return people.create_user(session, "ada@example.com", "Ada", OLD, Role.VIEWER)


def sign_in(user: User, agent: str = "") -> str:
    with writing() as session:
        return sessions.start(session, user, agent=agent, address="203.0.113.9")


def test_a_new_password_needs_the_current_one(ada: User) -> None:
    here, there = sign_in(ada), sign_in(ada)
    with pytest.raises(InvalidInput) as refused:
        account.change_password(here, "guessed", NEW)
    assert refused.value.field == "current"
    account.change_password(here, OLD, NEW)
    assert sessions.resolve(here) is not None
    assert sessions.resolve(there) is None
    account.change_password(here, NEW, OLD)


@pytest.mark.usefixtures("still_clock")
def test_guessing_the_current_password_is_slowed_down(ada: User) -> None:
    here = sign_in(ada)
    with pytest.raises(InvalidInput):
        account.change_password(here, "guessed", NEW)
    multiply_failures(8)
    with pytest.raises(TooManyRequests):
        account.change_password(here, OLD, NEW)


def test_browsers_are_listed_as_people_know_them_and_can_be_signed_out(ada: User) -> None:
    here = sign_in(ada, "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0")
    there = sign_in(ada, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1")
    with reading() as session:
        listed = account.signins(session, ada.id, here)
    assert {(one.browser, one.here, one.address) for one in listed} == {
        ("Firefox on Windows", True, "203.0.113.9"),
        ("Safari on iPhone", False, "203.0.113.9"),
    }
    other = next(one.name for one in listed if not one.here)
    with writing() as session:
        account.end(session, ada.id, other, actor=ada.email)
    assert sessions.resolve(there) is None
    assert sessions.resolve(here) is not None
    with writing() as session, pytest.raises(NotFound):
        account.end(session, ada.id, other, actor=ada.email)


def test_nobody_ends_the_sessions_of_somebody_else(ada: User) -> None:
    with writing() as session:
        bob = people.create_user(session, "bob@example.com", "Bob", OLD, Role.VIEWER)
    token = sign_in(ada)
    name = sessions.token_hash(token)[: account.NAME_LENGTH]
    for wrong in (name, "", "%"):
        with writing() as session, pytest.raises(NotFound):
            account.end(session, bob.id, wrong, actor=bob.email)
    assert sessions.resolve(token) is not None


def test_signing_out_everywhere_else_says_in_how_many_places(ada: User) -> None:
    here, _, _ = sign_in(ada), sign_in(ada), sign_in(ada)
    with writing() as session:
        assert account.end_others(session, ada.id, here, actor=ada.email) == 2
    assert sessions.resolve(here) is not None
