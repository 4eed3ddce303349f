"""The list of tags: what it shows, and making, changing and retiring them."""

from typing import Any

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Role, Source, Tag
from rxapp.domain import tag_catalog
from rxapp.domain.tags import assign_tags
from rxapp.state.tags import TagsState
from tests import factory
from tests.state.support import browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

FORM = {"name": "First sale", "color": "green", "description": "Once, after the first sale."}


def opened(path: str = "/tags", role: Role = Role.EDITOR) -> TagsState:
    """The page of a person with this role, loaded at this address."""
    return at(signed_in(TagsState, role), path)


def at(tab: TagsState, path: str) -> TagsState:
    """The page, loaded at this address."""
    browse(tab, session_of(tab), path)
    call(tab, "load")
    return tab


def stored(name: str) -> Any:
    with reading() as s:
        return s.get_one(Tag, tag_catalog.find(s, name).id)


def test_each_tag_shows_how_much_it_is_used_and_when_last() -> None:
    with writing() as s:
        vip, ids = factory.tag(s), factory.partners(s, 3)
        factory.tag(s, "unused")
        factory.automation(s, vip, factory.email(factory.template(s)))
        assign_tags(s, vip, ids, source=Source.API, actor="crm")
    tab = opened()
    assert [(row.name, row.partners, row.automations) for row in tab.rows] == [
        ("unused", 0, 0),
        ("vip", 3, 1),
    ]
    assert [bool(row.assigned_at) for row in tab.rows] == [False, True]


def test_the_address_says_what_is_searched_and_whether_archived_ones_are_shown() -> None:
    with writing() as s:
        for name in ("vip", "gold", "golden age"):
            factory.tag(s, name)
        tag_catalog.archive(s, tag_catalog.find(s, "golden age").id, actor="ada")
    tab = opened("/tags?q=GOL")
    assert [row.name for row in tab.rows] == ["gold"]
    at(tab, "/tags?archived=1&q=gol")
    assert [row.name for row in tab.rows] == ["golden age"]
    back = effect(call(tab, "show_archived", "active"))
    assert "/tags?q=gol" in back
    assert "archived" not in back


def test_a_new_tag_is_made_from_the_form() -> None:
    tab = opened()
    call(tab, "new")
    assert "saved" in effect(call(tab, "save", FORM))
    assert not tab.editing
    assert [row.name for row in tab.rows] == ["First sale"]
    assert (stored("first sale").color, stored("first sale").description) == (
        "green",
        "Once, after the first sale.",
    )


@pytest.mark.parametrize("name", ["", "12", "VIP "])
def test_a_name_that_cannot_be_taken_is_told_at_the_field(name: str) -> None:
    with writing() as s:
        factory.tag(s, "vip")
    tab = opened()
    call(tab, "new")
    assert call(tab, "save", FORM | {"name": name}) is None
    assert "name" in tab.errors
    assert tab.editing


def test_editing_changes_the_tag_that_was_opened() -> None:
    with writing() as s:
        vip = factory.tag(s)
    tab = opened()
    call(tab, "edit", vip)
    assert tab.tag.name == "vip"
    call(tab, "save", FORM)
    assert stored("First sale").id == vip


def test_a_tag_that_is_used_is_not_deleted_and_it_is_said_by_whom() -> None:
    with writing() as s:
        vip = factory.tag(s)
        assign_tags(s, vip, [factory.partner(s)], source=Source.API, actor="crm")
    tab = opened()
    call(tab, "ask_delete", vip)
    assert call(tab, "delete") is None
    assert "one partner who has it" in tab.refusal
    assert tab.deleting
    call(tab, "archive", vip)
    assert not tab.deleting
    assert stored("vip").archived_at is not None
    assert tab.rows == []


def test_a_tag_that_was_never_used_is_deleted() -> None:
    with writing() as s:
        vip = factory.tag(s)
    tab = opened()
    call(tab, "ask_delete", vip)
    assert "“vip” is deleted" in effect(call(tab, "delete"))
    assert tab.rows == []


def test_an_archived_tag_is_restored() -> None:
    with writing() as s:
        vip = factory.tag(s)
        tag_catalog.archive(s, vip, actor="ada")
    tab = opened("/tags?archived=1")
    call(tab, "restore", vip)
    assert stored("vip").archived_at is None


def test_who_only_looks_changes_nothing() -> None:
    with writing() as s:
        vip = factory.tag(s)
    tab = opened(role=Role.VIEWER)
    for name, args in (("save", [FORM]), ("archive", [vip]), ("ask_delete", [vip])):
        assert "You have the role “viewer”" in effect(call(tab, name, *args))
    assert stored("vip").archived_at is None
