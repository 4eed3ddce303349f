"""The list of tags: what it shows, and making, changing and retiring them."""

from typing import Any

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Assignment, Role, Send, Source, Tag
from rxapp.domain import tag_catalog
from rxapp.domain.tags import assign_tags, remove_tags
from rxapp.state import tags as tags_state
from rxapp.state.tag_merge import TagMergeState
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
        unused = factory.tag(s, "unused")
        send = factory.email(factory.template(s))
        factory.automation(s, vip, send, factory.removes(unused))
        assign_tags(s, vip, ids, source=Source.API, actor="crm")
    tab = opened()
    assert [(row.name, row.partners, row.starts, row.sets) for row in tab.rows] == [
        ("unused", 0, 0, 1),
        ("vip", 3, 1, 0),
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


def test_the_address_says_how_they_are_sorted_and_which_page_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with writing() as s:
        a, b, c = (factory.tag(s, name) for name in "abc")
        ada, bob = factory.partner(s), factory.partner(s, "bob")
        assign_tags(s, b, [ada, bob], source=Source.API, actor="crm")
        assign_tags(s, a, [ada], source=Source.API, actor="crm")
    tab = opened()
    shown = {}
    for sort in ("", "-name", "-partners", "partners", "-assigned", "-id"):
        shown[sort] = "".join(row.name for row in at(tab, f"/tags?sort={sort}").rows)
    assert shown == {
        "": "abc", "-name": "cba", "-partners": "bac", "partners": "cab", "-assigned": "abc",
        "-id": "cba",
    }  # fmt: skip
    at(tab, "/tags")
    assert "sort=-partners" in effect(call(tab, "sort_by", "partners"))
    assert "sort=-name" in effect(call(tab, "sort_by", "name"))
    at(tab, "/tags?sort=-partners&page=2")
    told = effect(call(tab, "sort_by", "partners"))
    assert "sort=partners" in told
    assert "page" not in told
    monkeypatch.setattr(tags_state, "PAGE", 2)
    at(tab, "/tags?page=2")
    assert ([row.id for row in tab.rows], tab.shown) == ([c], "3–3 of 3")
    assert (tab.has_previous, tab.has_next) == (True, False)


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
        factory.automation(s, vip, factory.email(factory.template(s)), name="Greet")
        assign_tags(s, vip, [factory.partner(s)], source=Source.API, actor="crm")
    tab = opened()
    call(tab, "ask_delete", vip)
    assert tab.refusal == "“vip” cannot be deleted, because it is used:"
    assert [(one.words, one.href) for one in tab.users] == [
        ("the automation “Greet”", "/automations/1"),
        ("1 partner who has it", f"/partners?tag={vip}"),
        ("1 email waiting to leave", f"/sends?tag={vip}&status=waiting"),
    ]
    assert call(tab, "delete") is None
    assert tab.deleting
    call(tab, "archive", vip)
    assert not tab.deleting
    assert stored("vip").archived_at is not None
    assert tab.rows == []


def test_a_tag_the_history_names_is_not_deleted_either() -> None:
    with writing() as s:
        vip, ada = factory.tag(s), factory.partner(s)
        assign_tags(s, vip, [ada], source=Source.API, actor="crm")
        remove_tags(s, vip, [ada], source=Source.API, actor="crm")
    tab = opened()
    call(tab, "ask_delete", vip)
    assert "the history of tags and emails names it" in tab.refusal
    assert tab.users == []


def test_one_that_somebody_began_to_use_meanwhile_is_not_deleted() -> None:
    with writing() as s:
        vip = factory.tag(s)
    tab = opened()
    call(tab, "ask_delete", vip)
    assert tab.refusal == ""
    with writing() as s:
        assign_tags(s, vip, [factory.partner(s)], source=Source.API, actor="crm")
    assert call(tab, "delete") is None
    assert "one partner who has it" in tab.refusal


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


def merging(*, role: Role = Role.ADMIN) -> tuple[TagMergeState, int, int]:
    """Two tags that mean the same: one partner has both, one only the first."""
    with writing() as s:
        old, new = factory.tag(s, "vipp"), factory.tag(s)
        ada, bob = factory.partner(s), factory.partner(s, "bob")
        assign_tags(s, old, [ada, bob], source=Source.API, actor="crm")
        assign_tags(s, new, [ada], source=Source.API, actor="crm")
        factory.automation(s, old, factory.email(factory.template(s)), name="Greet")
    tab = signed_in(TagMergeState, role)
    call(tab, "open", old)
    return tab, old, new


def test_merging_says_in_numbers_what_it_does_before_it_does_it() -> None:
    tab, _, new = merging()
    assert [one.label for one in tab.tags] == ["vip"]
    call(tab, "pick", str(new))
    assert tab.answer.headline == "1 partner with “vipp” gets “vip” instead."
    assert [line.words for line in tab.answer.lines] == [
        "No email is sent.",
        "1 partner has both, and “vip” stays once.",
        "1 automation starts with “vip” instead: whoever is given it from now on sets it off.",
        "“vipp” is archived: imports and programs that still assign it are refused.",
    ]
    with reading() as s:
        assert factory.rows(s, Tag)[0].archived_at is None
    assert "Nobody was emailed" in effect(call(tab, "merge"))
    assert not tab.opened
    with reading() as s:
        assert factory.rows(s, Send) == []
        held = [(one.partner_id, one.tag_id) for one in factory.rows(s, Assignment)
                if one.ended_at is None]  # fmt: skip
    assert held == [(2, new), (1, new)]
    assert stored("vipp").archived_at is not None


def test_what_cannot_be_merged_says_why() -> None:
    tab, old, new = merging()
    with writing() as s:
        factory.automation(s, new, factory.removes(old), name="Tidy up")
    call(tab, "pick", str(new))
    assert "“Tidy up” starts with one of the two tags" in tab.refusal
    assert not tab.ready
    assert "Choose the tag" in effect(call(tab, "merge"))
    with reading() as s:
        assert s.get_one(Tag, old).archived_at is None


def test_only_admins_merge() -> None:
    tab, _, new = merging(role=Role.EDITOR)
    for name, args in (("open", [1]), ("pick", [str(new)]), ("merge", [])):
        assert "You have the role “editor”" in effect(call(tab, name, *args))
