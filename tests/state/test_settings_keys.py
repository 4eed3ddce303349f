"""Settings, API keys: shown once, and good until they are revoked."""

import pytest

from rxapp.auth import keys
from rxapp.db import users
from rxapp.db.engine import writing
from rxapp.db.models import Role
from rxapp.domain import people
from rxapp.state.settings_keys import KeysState
from tests.state.support import call, effect, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture
def page() -> KeysState:
    """The page, opened."""
    tab = signed_in(KeysState)
    call(tab, "load")
    return tab


def test_a_key_is_shown_once_and_works_until_it_is_revoked(page: KeysState) -> None:
    call(page, "set_naming", True)
    call(page, "create", {"key_name": "CRM", "key_role": "editor"})
    key = page.new_key
    (row,) = page.keys
    assert (row.name, row.role, row.used) == ("CRM", "editor", "")
    assert key.startswith(row.prefix)
    identity = keys.resolve(key)
    assert identity is not None
    assert identity.role == Role.EDITOR
    call(page, "refresh")
    assert page.keys[0].used != ""
    call(page, "set_naming", False)
    assert page.new_key == ""
    call(page, "revoke", row.id)
    assert page.keys == []
    assert [one.name for one in page.revoked] == ["CRM"]
    assert keys.resolve(key) is None


def test_the_page_says_whose_a_key_is_and_what_it_may_do_now(page: KeysState) -> None:
    call(page, "create", {"key_name": "CRM", "key_role": "admin"})
    with writing() as session:
        keys.create(session, "CI", Role.VIEWER)
        (ada,) = users.everyone(session)
    grace = signed_in(KeysState, Role.ADMIN, "grace@example.com")

    def listed() -> dict[str, tuple[str, str]]:
        call(grace, "load")
        return {row.name: (row.owner, row.may) for row in grace.keys}

    assert listed() == {"CRM": (ada.email, "admin"), "CI": ("", "viewer")}
    with writing() as session:
        people.change_role(session, ada.id, Role.EDITOR)
    assert listed()["CRM"] == (ada.email, "editor")
    with writing() as session:
        people.disable(session, ada.id)
    assert listed() == {"CRM": (ada.email, ""), "CI": ("", "viewer")}


@pytest.mark.parametrize(
    ("form", "field"),
    [({"key_name": " ", "key_role": "viewer"}, "key_name"), ({"key_name": "x"}, "key_role")],
)
def test_a_key_needs_a_name_and_a_role(page: KeysState, form: dict[str, str], field: str) -> None:
    call(page, "create", form)
    assert (list(page.errors), page.new_key) == ([field], "")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("load", ()), ("create", ({"key_name": "x", "key_role": "admin"},)), ("revoke", (1,))],
)
def test_only_admins_see_and_change_keys(name: str, arguments: tuple[object, ...]) -> None:
    tab = signed_in(KeysState, Role.EDITOR)
    assert "this needs “admin”" in effect(call(tab, name, *arguments))
    assert (tab.keys, tab.new_key) == ([], "")
