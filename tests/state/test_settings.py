"""Settings, the sender: checked at its fields, kept as shown, and looked at while it is typed."""

import pytest

from rxapp.db.engine import reading
from rxapp.db.models import Role
from rxapp.domain.settings import program
from rxapp.state.settings import SettingsState
from tests.state.support import call, effect, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture
def page() -> SettingsState:
    """The page, opened."""
    tab = signed_in(SettingsState)
    call(tab, "load")
    return tab


def test_what_is_saved_is_what_is_shown(page: SettingsState) -> None:
    revision = page.revision
    call(page, "save", {"name": "Acme Partners", "from_": "Acme <hi@acme.com>"})
    assert page.errors == {}
    assert (page.values["name"], page.program, page.revision) == (
        "Acme Partners",
        "Acme Partners",
        revision + 1,
    )
    with reading() as session:
        assert program(session).from_ == "Acme <hi@acme.com>"


def test_resends_test_sender_is_pointed_out_until_it_is_changed(page: SettingsState) -> None:
    assert page.test_sender
    call(page, "save", {"from_": "hi@acme.com"})
    assert not page.test_sender


def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(page: SettingsState) -> None:
    call(page, "save", {"name": "Other", "website": "acme"})
    assert list(page.errors) == ["website"]
    with reading() as session:
        assert program(session).name != "Other"


def test_only_what_the_form_shows_can_be_changed(page: SettingsState) -> None:
    call(page, "save", {"name": "Acme", "paused": "1", "resend_api_key": "re_1"})
    with reading() as session:
        assert not program(session).paused


def test_the_sample_shows_what_is_typed_before_it_is_saved(page: SettingsState) -> None:
    typed = {"name": "Acme", "from_": "Ann <ann@acme.com>", "color": "#ff0000", "address": "Turin"}
    call(page, "look", typed)
    assert (page.sender_name, page.sender_address) == ("Ann", "ann@acme.com")
    assert "Acme" in page.subject
    for shown in ("#ff0000", "Turin"):
        assert shown in page.sample
    with reading() as session:
        assert program(session).name != "Acme"


def test_while_something_cannot_be_the_sample_shows_what_was_saved_of_it(
    page: SettingsState,
) -> None:
    call(page, "save", {"name": "Acme", "from_": "hi@acme.com"})
    call(page, "look", {"name": "<b>New</b>", "from_": "hi@", "color": "red"})
    assert page.sender_address == "hi@acme.com"
    assert "&lt;b&gt;New" in page.sample


@pytest.mark.parametrize(
    ("name", "arguments"), [("load", ()), ("save", ({"name": "Mine"},)), ("look", ({},))]
)
def test_only_admins_see_and_change_the_sender(name: str, arguments: tuple[object, ...]) -> None:
    tab = signed_in(SettingsState, Role.EDITOR)
    assert "this needs “admin”" in effect(call(tab, name, *arguments))
    assert tab.values == {}
