"""Signing in, out and setting up, as a browser does it."""

import re
import time
from datetime import timedelta

import anyio
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlmodel import col

from rxapp.auth import csrf, html, sessions, setup
from rxapp.auth.gate import Gate
from rxapp.auth.pages import router, safe_path
from rxapp.auth.signin import Knock, sign_in
from rxapp.config import get_settings
from rxapp.db import users
from rxapp.db.engine import reading, writing
from rxapp.db.models import LoginAttempt, LoginSession, Role, User
from rxapp.domain import passwords, people
from rxapp.domain import settings as program_settings
from rxapp.errors import CannotStart, NotAuthenticated, TooManyRequests
from tests.auth.support import (
    APP,
    ELSEWHERE,
    Browser,
    add_user,
    browser_of,
    client,
    multiply_failures,
)

pytestmark = pytest.mark.usefixtures("database")

GOOD = "four words to remember"
ADA = "ada@example.com"
HERE = "203.0.113.9"
SETUP = {"program": "Acme Partners", "name": "Ada", "email": ADA, "password": GOOD}


@pytest.fixture
def app() -> Gate:
    api = FastAPI()
    api.include_router(router)

    @api.get("/partners")
    def partners() -> str:
        return "inside"

    return Gate(api)


@pytest.fixture(scope="module")
def kept() -> str:
    """The hash of the good password, made once: it is slow on purpose."""
    return passwords.hash_password(GOOD)


@pytest.fixture
def ada(database: str, kept: str) -> User:
    with writing() as session:
        ada = User(email=ADA, email_key=ADA, name="Ada", password_hash=kept, role=Role.ADMIN)
        return users.save(session, ada)


def hidden(page: httpx.Response, name: str) -> str:
    """What a hidden field of the page holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return found[1]


def log_in(
    browser: Browser, email: str = ADA, password: str = GOOD, then: str = "/partners"
) -> httpx.Response:
    page = browser.get(f"/login?next={then}")
    form = {"token": hidden(page, "token"), "next": hidden(page, "next")}
    return browser.post("/login", form | {"email": email, "password": password})


def error_of(page: httpx.Response) -> str:
    """The one sentence that is read out, and stands at a field that says it is wrong."""
    (error,) = re.findall(r'role="alert">([^<]+)<', page.text)
    assert page.text.count('aria-invalid="true"') == 1
    return str(error)


def test_the_right_password_signs_in_and_goes_on(app: Gate, ada: User) -> None:
    browser = Browser(app)
    answer = log_in(browser, " ADA@example.com")
    assert (answer.status_code, answer.headers["location"]) == (303, "/partners")
    assert browser.get("/partners").json() == "inside"
    with reading() as session:
        now = users.by_id(session, ada.id)
        assert now is not None
        assert now.last_login_at is not None


def test_whoever_is_signed_in_needs_no_login_page(app: Gate) -> None:
    answer = browser_of(app, add_user()).get("/login?next=/partners")
    assert (answer.status_code, answer.headers["location"]) == (303, "/partners")


@pytest.mark.parametrize(
    ("email", "password"),
    [(ADA, "wrong"), ("eve@example.com", GOOD), ("", ""), (ADA, "")],
)
def test_wrong_credentials_are_told_alike(app: Gate, ada: User, email: str, password: str) -> None:
    answer = log_in(Browser(app), email, password)
    assert answer.status_code == 422
    assert error_of(answer) == "The email or the password is not right."
    assert sessions.COOKIE not in answer.cookies


def test_a_disabled_person_is_told_the_same(app: Gate, ada: User) -> None:
    add_user("grace@example.com")
    with writing() as session:
        people.disable(session, ada.id)
    assert error_of(log_in(Browser(app))) == "The email or the password is not right."


def test_after_a_mistake_the_address_is_kept_and_the_password_is_not(app: Gate, ada: User) -> None:
    page = log_in(Browser(app), '"><b>@example.com', "wrong words").text
    assert "&#34;&gt;&lt;b&gt;@example.com" in page
    assert "wrong words" not in page


@pytest.mark.usefixtures("still_clock")
def test_too_many_failures_are_told_when_to_come_back(app: Gate, ada: User) -> None:
    log_in(Browser(app), password="wrong")
    multiply_failures(8)
    refused = log_in(Browser(app))
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 8
    assert "Too many" in error_of(refused)


@pytest.mark.usefixtures("still_clock")
def test_unknown_accounts_are_throttled_like_known_ones(ada: User) -> None:
    async def guess(email: str) -> None:
        with pytest.raises(NotAuthenticated):
            await sign_in(Knock(email, HERE), "wrong")
        multiply_failures(8)
        with pytest.raises(TooManyRequests):
            await sign_in(Knock(email, HERE), "wrong")

    anyio.run(guess, ADA)
    anyio.run(guess, "nobody@example.com")


def test_an_unknown_account_takes_as_long_as_a_known_one(ada: User) -> None:
    def seconds(email: str) -> float:
        started = time.process_time()
        with pytest.raises(NotAuthenticated):
            anyio.run(sign_in, Knock(email, HERE), "wrong")
        return time.process_time() - started

    seconds("first@example.com")  # makes the stand-in hash
    known = min(seconds(ADA) for _ in range(3))
    unknown = min(seconds("nobody@example.com") for _ in range(3))
    assert known / 2 < unknown < known * 2


def test_signing_in_again_ends_the_session_before(app: Gate, ada: User) -> None:
    browser = Browser(app)
    log_in(browser)
    first = browser.cookies[sessions.COOKIE]
    again = {"cookie": f"{sessions.COOKIE}={first}"}
    # The login page would lead on, so the form comes from another tab, opened before.
    page = Browser(app).get("/login")
    browser_id = page.cookies[csrf.COOKIE]
    again["cookie"] += f"; {csrf.COOKIE}={browser_id}"
    form = {"token": hidden(page, "token"), "email": ADA, "password": GOOD}
    answer = Browser(app).post("/login", form, **again)
    assert answer.status_code == 303
    assert sessions.resolve(first) is None
    assert sessions.resolve(answer.cookies[sessions.COOKIE]) is not None


def test_the_login_form_of_another_browser_is_refused(app: Gate, ada: User) -> None:
    stolen = hidden(Browser(app).get("/login"), "token")
    victim = Browser(app)
    victim.get("/login")
    for browser in (victim, Browser(app)):
        answer = browser.post("/login", {"token": stolen, "email": ADA, "password": GOOD})
        assert answer.status_code == 403
        assert sessions.COOKIE not in answer.cookies


@pytest.mark.parametrize("token", ["", "nonsense", "x.y.z"])
def test_a_form_that_is_not_ours_is_refused(app: Gate, ada: User, token: str) -> None:
    browser = Browser(app)
    browser.get("/login")
    form = {"token": token, "email": ADA, "password": GOOD}
    assert browser.post("/login", form).status_code == 403
    assert browser.post("/login", form, origin=ELSEWHERE).status_code == 403


def test_a_made_up_form_cookie_is_replaced(app: Gate, ada: User) -> None:
    page = Browser(app).get("/login", cookie=f"{csrf.COOKIE}=made-up")
    assert re.fullmatch(r"[\w-]{32}", page.cookies[csrf.COOKIE])


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.test",
        "//elsewhere.test",
        "/\\elsewhere.test",
        "/\t/elsewhere.test",
        "/ok\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "partners",
        "",
        "/login?next=/login",
        "/logout",
        "/" + "x" * 2000,
    ],
)
def test_signing_in_never_leads_to_another_site(path: str) -> None:
    assert safe_path(path) == "/"


@pytest.mark.parametrize("path", ["/", "/partners", "/partners?q=a%20b&page=2", "/loginhistory"])
def test_signing_in_leads_back_to_where_one_was(path: str) -> None:
    assert safe_path(path) == path


def test_signing_out_ends_the_session_in_the_table(app: Gate) -> None:
    browser = browser_of(app, add_user())
    token = browser.cookies[sessions.COOKIE]
    answer = browser.post("/logout", {"csrf": sessions.csrf_for(token)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert sessions.resolve(token) is None


@pytest.mark.parametrize("form", [{}, {"csrf": ""}, {"csrf": "wrong"}])
def test_signing_out_takes_the_secret_of_the_session(app: Gate, form: dict[str, str]) -> None:
    browser = browser_of(app, add_user())
    assert browser.post("/logout", form).status_code == 403
    assert sessions.resolve(browser.cookies[sessions.COOKIE]) is not None


def link() -> str:
    """The path of the set-up link."""
    address = setup.ensure_admin(get_settings())
    assert address is not None
    return address.removeprefix(get_settings().base_url)


def test_the_setup_link_makes_the_first_admin_and_signs_them_in(app: Gate) -> None:
    browser = Browser(app)
    assert browser.get(link()).status_code == 200
    answer = browser.post(link(), SETUP)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    who = sessions.resolve(browser.cookies[sessions.COOKIE])
    assert who is not None
    assert (who.label, who.name, who.role) == (ADA, "Ada", Role.ADMIN)
    with reading() as session:
        assert program_settings.program(session).name == "Acme Partners"
    assert "to Acme Partners" in Browser(app).get("/login").text


def test_there_is_no_setup_link_once_somebody_is_there(ada: User) -> None:
    assert setup.ensure_admin(get_settings()) is None


def test_the_setup_link_works_once(app: Gate) -> None:
    path = link()
    assert link() == path
    assert Browser(app).post(path, SETUP).status_code == 303
    for answer in (
        Browser(app).get(path),
        Browser(app).post(path, SETUP | {"email": "eve@example.com"}),
    ):
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert sessions.COOKIE not in answer.cookies
    with reading() as session:
        assert len(users.everyone(session)) == 1


def test_without_the_right_link_nothing_can_be_set_up(app: Gate) -> None:
    for path in ("/setup/guess", link()[:-1] + "-"):
        assert Browser(app).get(path).status_code == 404
        assert Browser(app).post(path, SETUP).status_code == 404
    assert not setup.anybody()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("program", " "),
        ("program", "x" * 101),
        ("name", ""),
        ("email", "ada"),
        ("password", "short"),
        ("password", ADA),
    ],
)
def test_a_mistake_while_setting_up_is_told_at_its_field(app: Gate, field: str, typed: str) -> None:
    page = Browser(app).post(link(), SETUP | {field: typed})
    assert page.status_code == 422
    error_of(page)
    assert re.search(rf'<input id="{field}"[^>]*aria-invalid="true"[^>]*autofocus', page.text)
    assert GOOD not in page.text
    assert not setup.anybody()


def test_before_set_up_the_login_page_says_where_to_begin(app: Gate) -> None:
    page = Browser(app).get("/login")
    assert "set-up link" in page.text
    assert "<form" not in page.text


def test_the_environment_may_name_the_first_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RXAPP_ADMIN_EMAIL", "admin@localhost")
    monkeypatch.setenv("RXAPP_ADMIN_PASSWORD", GOOD)
    get_settings.cache_clear()
    assert setup.ensure_admin(get_settings()) is None
    assert anyio.run(sign_in, Knock("admin@localhost", HERE), GOOD)
    monkeypatch.setenv("RXAPP_ADMIN_PASSWORD", "another password")
    get_settings.cache_clear()
    assert setup.ensure_admin(get_settings()) is None
    assert anyio.run(sign_in, Knock("admin@localhost", HERE), GOOD)


@pytest.mark.parametrize("password", ["secret", "password123", "Changeme123", ADA])
def test_a_password_of_the_environment_that_is_guessed_at_once_is_refused(
    monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("RXAPP_ADMIN_EMAIL", ADA)
    monkeypatch.setenv("RXAPP_ADMIN_PASSWORD", password)
    get_settings.cache_clear()
    with pytest.raises(CannotStart, match="RXAPP_ADMIN_PASSWORD") as refused:
        setup.ensure_admin(get_settings())
    assert password not in str(refused.value)
    assert not setup.anybody()


def test_a_short_password_of_the_environment_is_taken_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RXAPP_ADMIN_EMAIL", ADA)
    monkeypatch.setenv("RXAPP_ADMIN_PASSWORD", "qK4!x9#m")
    get_settings.cache_clear()
    assert setup.ensure_admin(get_settings()) is None
    assert "RXAPP_ADMIN_PASSWORD should be a better one" in caplog.text
    assert "qK4" not in caplog.text
    assert anyio.run(sign_in, Knock(ADA, HERE), "qK4!x9#m")


def test_the_pages_run_no_script_and_load_nothing(app: Gate, ada: User) -> None:
    page = Browser(app).get("/login")
    assert page.headers["content-security-policy"] == html.POLICY
    assert "script" not in html.POLICY
    assert not re.search(r"<script|\bon\w+=|style=|url\(|src=|@import", page.text)
    assert "max-age" not in page.headers["cache-control"]


def test_a_session_that_ends_while_signing_out_is_no_error(app: Gate) -> None:
    """Without the gate in front, so that the ended session reaches the page."""
    api = FastAPI()
    api.include_router(router)

    async def post() -> httpx.Response:
        async with client(api) as http:
            return await http.post("/logout", headers={"origin": APP})

    assert anyio.run(post).headers["location"] == "/login"


def test_a_good_sign_in_is_not_counted_as_a_failure(app: Gate, ada: User) -> None:
    log_in(Browser(app), password="wrong")
    log_in(Browser(app))
    with reading() as session:
        subjects = list(session.scalars(select(col(LoginAttempt.subject))))
        ended = session.scalars(select(LoginSession)).one().expires_at
        started = session.scalars(select(LoginSession)).one().created_at
    # The network and the account failed once, whoever it was; who signed in starts anew.
    assert [one.partition(":")[0] for one in subjects] == ["network", "account"]
    assert ended - started == timedelta(days=14)
