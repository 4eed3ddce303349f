"""A stranger who knows somebody's address cannot lock them out, nor guess any faster for it."""

import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from rxapp.auth import devices, join, sessions, throttle
from rxapp.auth.gate import Gate
from rxapp.auth.pages import router
from rxapp.db import users
from rxapp.db.engine import writing
from rxapp.db.models import LoginAttempt, Role, User
from rxapp.domain import invitations, passwords
from tests.auth.support import Browser, multiply_failures

pytestmark = pytest.mark.usefixtures("database", "still_clock")

GOOD = "four words to remember"
ADA = "ada@example.com"
OFFICE, ELSEWHERE = "203.0.113.9", "198.51.100.1"


@pytest.fixture
def app() -> Gate:
    api = FastAPI()
    api.include_router(router)
    api.include_router(join.router)
    return Gate(api)


@pytest.fixture(scope="module")
def kept() -> str:
    return passwords.hash_password(GOOD)


@pytest.fixture
def ada(database: str, kept: str) -> User:
    return add(ADA, kept)


def add(email: str, kept: str) -> User:
    with writing() as session:
        user = User(email=email, email_key=email, password_hash=kept, role=Role.ADMIN)
        return users.save(session, user)


def sign_in(browser: Browser, password: str = GOOD, email: str = ADA) -> httpx.Response:
    """Sign in with the form, in a browser where nobody is signed in any more."""
    if sessions.COOKIE in browser.cookies:
        browser.cookies.delete(sessions.COOKIE)
    token = re.search(r'name="token" value="([^"]*)"', browser.get("/login").text)
    assert token
    return browser.post("/login", {"token": token[1], "email": email, "password": password})


def guess(app: Gate, address: str, times: int = throttle.FREE + 8) -> None:
    """A stranger guesses there until told to wait, and would have gone on for long."""
    assert sign_in(Browser(app, address), "wrong").status_code == 422
    multiply_failures(times)
    assert sign_in(Browser(app, address), "wrong").status_code == 429


def test_who_comes_from_elsewhere_signs_in(app: Gate, ada: User) -> None:
    guess(app, ELSEWHERE, 40)
    assert sign_in(Browser(app, OFFICE)).status_code == 303


def test_a_browser_they_signed_in_with_before_works_next_to_the_stranger(
    app: Gate, ada: User
) -> None:
    own = Browser(app, OFFICE)
    assert sign_in(own).status_code == 303
    session = own.cookies[sessions.COOKIE]
    own.post("/logout", {"csrf": sessions.csrf_for(session)})
    guess(app, OFFICE, 200)
    # Nobody can tell a new browser in the same office from the stranger.
    assert sign_in(Browser(app, OFFICE)).status_code == 429
    assert sign_in(own).status_code == 303
    # Wherever they go with it.
    own.move(ELSEWHERE)
    assert sign_in(own).status_code == 303


def test_a_known_browser_is_no_sign_in_and_guesses_no_faster(app: Gate, ada: User) -> None:
    own = Browser(app)
    sign_in(own)
    own.cookies.delete(sessions.COOKIE)
    assert own.get("/").headers["location"] == "/login"
    for _ in range(throttle.FREE):
        assert sign_in(own, "wrong").status_code == 422
    assert sign_in(own).status_code == 429


def test_a_browser_is_known_for_whom_it_signed_in_and_for_nobody_else(
    app: Gate, ada: User, kept: str
) -> None:
    bob = add("bob@example.com", kept)
    bobs = Browser(app, OFFICE)
    assert sign_in(bobs, email=bob.email).status_code == 303
    guess(app, OFFICE, 8)
    assert sign_in(bobs).status_code == 429
    # It may be shared: after both have signed in with it, it is known for both.
    with writing() as session:
        for row in session.scalars(select(LoginAttempt)).all():
            row.at -= timedelta(hours=1)
    assert sign_in(bobs).status_code == 303
    guess(app, OFFICE, 40)
    assert sign_in(bobs).status_code == 303
    assert sign_in(bobs, email=bob.email).status_code == 303


@pytest.mark.parametrize("made_up", ["", "x", "WyJ4IixbMV1d.nonsense"])
def test_a_made_up_cookie_makes_no_browser_known(app: Gate, ada: User, made_up: str) -> None:
    guess(app, OFFICE, 8)
    browser = Browser(app, OFFICE)
    browser.cookies.set(devices.COOKIE, made_up, domain="app.test")
    assert sign_in(browser).status_code == 429


def test_the_cookie_is_kept_for_long_and_from_scripts(app: Gate, ada: User) -> None:
    set_cookies = sign_in(Browser(app)).headers.get_list("set-cookie")
    (cookie,) = [one for one in set_cookies if one.startswith(f"{devices.COOKIE}=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"} <= set(cookie.split("; "))


def test_whoever_came_in_by_a_link_is_known_as_well(app: Gate, ada: User) -> None:
    with writing() as session:
        token = invitations.reset(session, ada.id, actor="grace@example.com")
    own = Browser(app, OFFICE)
    assert own.post(f"/join/{token}", {"password": "some other words"}).status_code == 303
    guess(app, OFFICE, 8)
    assert sign_in(own, "some other words").status_code == 303


def test_when_many_networks_guess_a_new_browser_waits_its_turn_and_comes_in(
    app: Gate, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "TURN", timedelta(seconds=1))
    assert sign_in(Browser(app, ELSEWHERE), "wrong").status_code == 422
    with writing() as session:
        (one,) = [r for r in session.scalars(select(LoginAttempt)) if r.subject[:8] == "account:"]
        session.add_all(LoginAttempt(subject=one.subject, at=one.at) for _ in range(100))
    assert sign_in(Browser(app, OFFICE)).status_code == 303
