"""Two people, or a person and the API, save the same thing: neither takes the other's back."""

from typing import Any

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Partner, Tag
from rxapp.domain import delivery, partners, settings, tag_catalog
from rxapp.domain.partners import PartnerInput
from rxapp.errors import Overtaken
from rxapp.state.meanwhile import mine
from rxapp.state.partner import PartnerState
from rxapp.state.settings import SettingsState
from rxapp.state.settings_delivery import DeliveryState
from rxapp.state.tags import TagsState
from tests import factory
from tests.state.support import browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

SENDER = {"name": "Acme", "from_": "hi@acme.com", "color": "#3b5bdb", "website": ""}


def test_only_what_was_changed_is_saved() -> None:
    shown = {"a": "1", "b": "2", "c": ""}
    assert mine(shown, {"a": "1", "b": "3"}, shown | {"a": "9"}) == {"b": "3"}
    assert mine(shown, {"a": "9"}, shown | {"a": "9"}) == {}
    # What a form was not filled with was typed.
    assert mine({}, {"a": "3"}, {"a": "1"}) == {"a": "3"}
    with pytest.raises(Overtaken, match="changed this to “9”") as told:
        mine(shown, {"a": "3"}, shown | {"a": "9"})
    assert told.value.extra["field"] == "a"
    with pytest.raises(Overtaken, match="emptied this"):
        mine(shown, {"a": "3"}, shown | {"a": ""})


@pytest.fixture
def sender() -> SettingsState:
    """The sender's form, filled."""
    with writing() as s:
        settings.update(s, SENDER, "ann")
    tab = signed_in(SettingsState)
    call(tab, "load")
    return tab


def test_a_sender_saved_by_another_admin_is_not_taken_back(sender: SettingsState) -> None:
    with writing() as s:
        settings.update(s, {"from_": "new@acme.com"}, "bob")
    call(sender, "save", SENDER | {"color": "#ff0000"})
    with reading() as s:
        program = settings.program(s)
    assert (program.from_, program.color) == ("new@acme.com", "#ff0000")
    assert sender.values["from_"] == "new@acme.com"


def test_who_changed_the_same_is_told_and_saves_over_it_by_choice(sender: SettingsState) -> None:
    with writing() as s:
        settings.update(s, {"name": "Acme Ltd"}, "bob")
    typed = SENDER | {"name": "Acme Inc"}
    call(sender, "save", typed)
    assert "“Acme Ltd”" in sender.errors["name"]
    assert "Saved" in effect(call(sender, "save", typed))
    with reading() as s:
        assert settings.program(s).name == "Acme Inc"


def _edited(partner_id: int) -> PartnerState:
    tab = signed_in(PartnerState)
    browse(tab, session_of(tab), f"/partners/{partner_id}")
    call(tab, "load")
    call(tab, "edit")
    return tab


def test_a_partner_changed_meanwhile_keeps_that_whoever_saves() -> None:
    with writing() as s:
        ada = factory.partner(s, "ada", fields={"tier": "one", "link": "a"})
    tab = _edited(ada)
    form = {**tab.shown, "first_name": "Ada", "field_name": "", "field_value": ""}
    said = PartnerInput(company="Engines", fields={"tier": "two", "city": "Turin"})
    with writing() as s:
        partners.update(s, ada, said, "API key")
    call(tab, "save", form | {"own:link": "b"})
    with reading() as s:
        saved = s.get_one(Partner, ada)
    assert (saved.first_name, saved.company) == ("Ada", "Engines")
    assert saved.fields == {"tier": "two", "link": "b", "city": "Turin"}
    assert not tab.editing


def test_a_custom_field_two_change_is_asked_about_at_its_place() -> None:
    with writing() as s:
        ada = factory.partner(s, "ada", fields={"tier": "one"})
    tab = _edited(ada)
    form = {**tab.shown, "own:tier": "three"}
    with writing() as s:
        partners.update(s, ada, PartnerInput(fields={"tier": "two"}), "API key")
    call(tab, "save", form)
    assert "“two”" in tab.errors["own:tier"]
    assert tab.editing
    call(tab, "save", form)
    with reading() as s:
        assert s.get_one(Partner, ada).fields == {"tier": "three"}


def test_a_tag_renamed_meanwhile_keeps_its_new_name() -> None:
    with writing() as s:
        vip = factory.tag(s, "vip")
    tab = signed_in(TagsState)
    call(tab, "load")
    call(tab, "edit", vip)
    form: dict[str, Any] = {"name": "vip", "color": "red", "description": "Our best"}
    with writing() as s:
        tag_catalog.update(s, vip, name="very important", actor="bob")
    assert "“very important” is saved" in effect(call(tab, "save", form))
    call(tab, "edit", vip)
    with writing() as s:
        tag_catalog.update(s, vip, name="important", actor="bob")
    call(tab, "save", form | {"name": "top"})
    assert "“important”" in tab.errors["name"]
    call(tab, "save", form | {"name": "top"})
    with reading() as s:
        saved = s.get_one(Tag, vip)
    assert (saved.name, saved.color, saved.description) == ("top", "red", "Our best")


def test_the_undo_time_set_meanwhile_outlives_a_new_pace() -> None:
    tab = signed_in(DeliveryState)
    call(tab, "load")
    form = {"rate": "5", "undo_seconds": tab.way.undo_seconds}
    with writing() as s:
        settings.update(s, {"undo_seconds": 90}, "bob")
    call(tab, "save_pace", form)
    assert (tab.way.rate, tab.way.undo_seconds) == ("5", "90")
    form = {"rate": "5", "undo_seconds": "60"}
    with writing() as s:
        delivery.set_rate(s, "3", "bob")
    call(tab, "save_pace", form)
    assert (tab.way.rate, tab.way.undo_seconds) == ("3", "60")
