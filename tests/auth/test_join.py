"""The page behind a link, as a browser opens it."""

import pytest
from fastapi import FastAPI

from rxapp.auth import join, sessions
from rxapp.auth.gate import Gate
from rxapp.db.engine import reading, writing
from rxapp.db.models import Role
from rxapp.domain import invitations
from tests.auth.support import ELSEWHERE, Browser, add_user

pytestmark = pytest.mark.usefixtures("database")

FORM = {"name": "Bob", "email": "bob@example.com", "password": "four words to remember"}


@pytest.fixture
def browser() -> Browser:
    api = FastAPI()
    api.include_router(join.router)
    return Browser(Gate(api))


@pytest.fixture
def link() -> str:
    with writing() as session:
        token = invitations.invite(session, "bob@example.com", Role.EDITOR, actor="ada@example.com")
    return f"/join/{token}"


def test_an_invitation_says_who_invites_and_as_what(browser: Browser, link: str) -> None:
    page = browser.get(link)
    assert page.status_code == 200
    assert "ada@example.com invites you, as editor" in page.text
    assert 'value="bob@example.com"' in page.text


def test_joining_signs_in_with_the_chosen_role(browser: Browser, link: str) -> None:
    joined = browser.post(link, FORM, **{"user-agent": "Firefox/140.0 (Windows)"})
    assert (joined.status_code, joined.headers["location"]) == (303, "/")
    identity = sessions.resolve(browser.cookies[sessions.COOKIE])
    assert identity is not None
    assert (identity.label, identity.role) == ("bob@example.com", Role.EDITOR)
    assert browser.get(link).status_code == 404


def test_what_is_wrong_stands_at_its_field_and_the_link_still_works(
    browser: Browser, link: str
) -> None:
    refused = browser.post(link, FORM | {"password": "short"})
    assert refused.status_code == 422
    assert "Use at least 10 characters" in refused.text
    assert 'value="Bob"' in refused.text
    assert "short" not in refused.text
    assert browser.post(link, FORM).status_code == 303


def test_an_address_that_is_taken_is_told(browser: Browser, link: str) -> None:
    add_user("bob@example.com")
    refused = browser.post(link, FORM)
    assert refused.status_code == 422
    assert "one of your people already" in refused.text


def test_another_site_cannot_use_a_link(browser: Browser, link: str) -> None:
    assert browser.request("POST", link, {"origin": ELSEWHERE}, data=FORM).status_code == 403
    with reading() as session:
        assert len(invitations.pending(session)) == 1


def test_a_made_up_link_is_over(browser: Browser) -> None:
    page = browser.get("/join/made-up")
    assert page.status_code == 404
    assert "Ask for a new one" in page.text


def test_a_reset_asks_for_the_password_only(browser: Browser) -> None:
    ada = add_user("ada@example.com")
    with writing() as session:
        token = invitations.reset(session, ada.id, actor="grace@example.com")
    page = browser.get(f"/join/{token}")
    assert "Choose a new password" in page.text
    assert 'name="email"' not in page.text
    done = browser.post(f"/join/{token}", {"password": "some other words"})
    assert done.status_code == 303
