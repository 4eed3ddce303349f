"""The frame around every page: signing in and out, navigation, colours, phone and keyboard."""

import sqlite3

import httpx
from playwright.sync_api import Page, expect

from rxapp.auth.sessions import COOKIE, token_hash
from rxapp.components.layout import NAVIGATION
from tests.e2e.conftest import OpenPage
from tests.e2e.server import EMAIL, PASSWORD, App

PHONE = {"width": 375, "height": 740}


def test_signing_in_leads_to_the_page_that_was_asked_for(app: App, open_page: OpenPage) -> None:
    page = open_page(app.url)
    page.goto("/?from=mail")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()
    expect(page).to_have_url(f"{app.url}/?from=mail")


def test_signing_out_ends_the_session_and_forgets_the_tab(app: App, open_page: OpenPage) -> None:
    cookie = app.sign_in()
    page = open_page(app.url, cookie)
    page.goto("/")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{app.url}/login")
    assert page.evaluate("sessionStorage.getItem('token')") is None
    again = httpx.get(f"{app.url}/", cookies={COOKIE: cookie})
    assert again.headers["location"] == "/login"


def test_an_open_page_leads_to_sign_in_once_its_session_has_ended(
    app: App, open_page: OpenPage
) -> None:
    cookie = app.sign_in()
    page = open_page(app.url, cookie)
    page.goto("/")
    expect(page.get_by_role("button", name="Your account")).to_contain_text(EMAIL)
    with sqlite3.connect(app.data / "rxapp.db") as database:
        database.execute("DELETE FROM login_sessions WHERE token_hash = ?", [token_hash(cookie)])
    # Inside the app no page is asked for: this is an event on the websocket that is still open.
    page.get_by_role("link", name="Home").click()
    expect(page).to_have_url(f"{app.url}/login")


def test_the_frame_names_the_program_and_says_that_this_is_the_sandbox(page: Page) -> None:
    page.goto("/")
    aside = page.get_by_role("complementary")
    expect(aside.get_by_role("link", name="Partner program")).to_be_visible()
    expect(aside.get_by_text("Sandbox")).to_be_visible()
    expect(page.get_by_role("link", name="Home", exact=True)).to_have_attribute(
        "aria-current", "page"
    )


def test_colours_follow_the_system_until_chosen_and_then_stay(
    app: App, session_cookie: str, open_page: OpenPage
) -> None:
    page = open_page(app.url, session_cookie, color_scheme="dark")
    page.goto("/")
    theme = page.locator("html")
    expect(theme).to_have_class("dark")
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("radio", name="Light").click()
    expect(theme).to_have_class("light")
    page.reload()
    expect(theme).to_have_class("light")


def test_on_a_phone_the_navigation_is_a_drawer_and_nothing_is_cut_off(
    app: App, session_cookie: str, open_page: OpenPage
) -> None:
    page = open_page(app.url, session_cookie, viewport=PHONE, has_touch=True)
    page.goto("/")
    menu = page.get_by_role("button", name="Open menu")
    menu.click()
    links = page.get_by_role("dialog").get_by_role("navigation").get_by_role("link")
    expect(links).to_have_text([entry.label for entry in NAVIGATION])
    expect(page.get_by_role("dialog").get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(menu).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_keyboard_can_skip_the_navigation(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("button", name="Your account")).to_contain_text(EMAIL)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    skip.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_an_address_that_leads_nowhere_says_so_and_leads_home(page: Page) -> None:
    answer = page.goto("/no/such/page")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("button", name="Go home").click()
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()
