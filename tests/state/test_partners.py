"""The list of partners: what the address asks for, who is chosen, adding one."""

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    Consent,
    Deliverability,
    PartnerStatus,
    Role,
    Send,
    SendStatus,
    Source,
)
from rxapp.domain import partners as domain
from rxapp.domain.tags import assign_tags
from rxapp.state import partners as state
from rxapp.state.partners import PAGE, PartnersState
from tests import factory
from tests.state.support import browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def opened(path: str = "/partners", role: Role = Role.ADMIN) -> PartnersState:
    """The list of a person with this role, loaded at this address."""
    return at(signed_in(PartnersState, role), path)


def at(tab: PartnersState, path: str) -> PartnersState:
    """The list, loaded at this address."""
    browse(tab, session_of(tab), path)
    call(tab, "load")
    return tab


def names(tab: PartnersState) -> list[str]:
    return [row.name for row in tab.rows]


def test_a_row_says_who_it_is_which_tags_and_whether_email_reaches_them() -> None:
    with writing() as s:
        ada = factory.partner(s, last_name="Lovelace", company="Engines Ltd")
        for name in ("a", "b", "c", "d"):
            tag = factory.tag(s, name)
            assign_tags(s, tag, [ada], source=Source.API, actor="crm")
    (row,) = opened().rows
    assert (row.name, row.company, row.state) == ("Ada Lovelace", "Engines Ltd", "subscribed")
    assert [chip.name for chip in row.tags] == ["a", "b", "c"]
    assert row.more_tags == 1


def test_the_address_filters_by_words_tag_and_status() -> None:
    with writing() as s:
        ada, vip = factory.partner(s, "ada"), factory.tag(s)
        factory.partner(s, "bob", status=PartnerStatus.SUSPENDED)
        factory.partner(s, "cy", consent=Consent.UNSUBSCRIBED)
        factory.partner(s, "dee", deliverability=Deliverability.BOUNCED)
        assign_tags(s, vip, [ada], source=Source.API, actor="crm")
    tab = opened("/partners?q=AD")
    assert names(tab) == ["Ada"]
    assert names(at(tab, f"/partners?tag={vip}")) == ["Ada"]
    assert names(at(tab, "/partners?status=suspended")) == ["Bob"]
    assert names(at(tab, "/partners?consent=unsubscribed")) == ["Cy"]
    assert names(at(tab, "/partners?mail=bounced")) == ["Dee"]
    assert names(at(tab, "/partners?consent=subscribed&mail=ok&status=active")) == ["Ada"]
    assert names(at(tab, "/partners?sort=name")) == ["Ada", "Bob", "Cy", "Dee"]
    assert names(at(tab, "/partners?sort=rubbish&page=-3&tag=x")) == ["Dee", "Cy", "Bob", "Ada"]
    assert at(tab, "/partners?q=nobody").nothing


def test_tags_are_asked_for_by_any_all_and_none_of_them() -> None:
    with writing() as s:
        ada, bob, cy = (factory.partner(s, name) for name in ("ada", "bob", "cy"))
        vip, gold, old = (factory.tag(s, name) for name in ("vip", "gold", "old"))
        for tag, held_by in ((vip, [ada, bob]), (gold, [bob, cy]), (old, [cy])):
            assign_tags(s, tag, held_by, source=Source.API, actor="crm")
    tab = opened(f"/partners?sort=name&tag={vip},{gold}")
    assert names(tab) == ["Ada", "Bob", "Cy"]
    assert names(at(tab, f"/partners?all={vip},{gold}")) == ["Bob"]
    assert names(at(tab, f"/partners?sort=name&none={old}")) == ["Ada", "Bob"]
    at(tab, f"/partners?tag={vip}&none={old},99")
    assert [(one.name, [chip.name for chip in one.tags]) for one in tab.tag_groups] == [
        ("tag", ["vip"]),
        ("all", []),
        ("none", ["old", "a deleted tag"]),
    ]
    assert f"tag={vip}%2C{gold}" in effect(call(tab, "ask_tag", "tag", str(gold)))
    assert f"none={old}" in effect(call(tab, "drop_tag", "none", 99))
    assert "no such filter" in effect(call(tab, "ask_tag", "sort", "3"))


def test_a_row_tells_the_latest_email_and_what_became_of_it() -> None:
    with writing() as s:
        ada, vip = factory.partner(s, "ada"), factory.tag(s)
        factory.partner(s, "bob")
        factory.automation(s, vip, factory.email(factory.template(s, "Hello")))
        assign_tags(s, vip, [ada], source=Source.API, actor="crm")
    tab = opened("/partners?sort=name")
    assert [(row.last_email, row.last_status) for row in tab.rows] == [
        ("Hello", "queued"),
        ("", ""),
    ]
    with writing() as s:
        s.get_one(Send, 1).status = SendStatus.DELIVERED
    call(tab, "refresh")
    assert tab.rows[0].last_status == "delivered"


def test_a_filter_goes_into_the_address_and_back_to_the_first_page() -> None:
    tab = opened("/partners?q=ada&page=3&sort=name")
    told = effect(call(tab, "narrow", "status", "suspended"))
    assert "/partners?q=ada&status=suspended&sort=name" in told
    assert "page" not in told
    assert "/partners?status=suspended&sort=name" in effect(call(tab, "search", "  "))
    assert "sort=-name" in effect(call(tab, "sort_by", "name"))
    assert "page=2" in effect(call(tab, "turn", 1))
    assert "'/partners'" in effect(call(tab, "clear"))
    assert "no such filter" in effect(call(tab, "narrow", "rubbish", "x"))


def test_the_answer_is_shown_before_the_address_has_it_and_read_only_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with writing() as s:
        factory.partner(s, "ada")
        factory.partner(s, "bob")
    tab = opened()
    call(tab, "choose_page")
    call(tab, "search", "bob")
    assert (names(tab), tab.chosen_number) == (["Bob"], 0)
    with writing() as s:
        factory.partner(s, "bobby")
    assert names(at(tab, "/partners?q=bob")) == ["Bob"]
    monkeypatch.setattr(state, "JUST_NOW", 0.0)
    assert names(at(tab, "/partners?q=bob")) == ["Bobby", "Bob"]


def test_pages_are_turned_and_say_where_they_stand() -> None:
    with writing() as s:
        factory.partners(s, PAGE + 7)
    tab = opened()
    assert (tab.shown, tab.has_previous, tab.has_next) == ("1–50 of 57", False, True)
    at(tab, "/partners?page=2")
    assert (len(tab.rows), tab.shown, tab.has_next) == (7, "51–57 of 57", False)


def test_partners_are_chosen_one_by_one_by_page_and_across_pages() -> None:
    with writing() as s:
        ids = factory.partners(s, PAGE + 2)
    tab = opened("/partners?sort=id")
    call(tab, "choose", ids[0])
    call(tab, "choose", ids[1])
    call(tab, "choose", ids[0])
    assert tab.chosen == [ids[1]]
    call(tab, "choose_page")
    assert (tab.chosen_number, tab.page_chosen) == (PAGE, True)
    at(tab, "/partners?sort=id&page=2")
    assert (tab.chosen_number, tab.page_chosen) == (PAGE, False)
    call(tab, "choose_page")
    assert tab.chosen_number == PAGE + 2
    call(tab, "choose_page")
    assert tab.chosen_number == PAGE


def test_choosing_all_keeps_the_filter_not_the_partners() -> None:
    with writing() as s:
        factory.partners(s, PAGE + 2)
    tab = opened("/partners?q=partners.test")
    call(tab, "choose_all")
    assert (tab.chosen, tab.all_chosen, tab.chosen_number) == ([], True, PAGE + 2)
    assert tab.chosen_words == "52 chosen"
    call(tab, "choose", tab.rows[0].id)
    assert not tab.all_chosen
    assert tab.chosen == [row.id for row in tab.rows[1:]]


def test_another_filter_makes_the_choice_void_and_sorting_does_not() -> None:
    with writing() as s:
        factory.partners(s, 3)
    tab = opened()
    call(tab, "choose_page")
    assert at(tab, "/partners?sort=name").chosen_number == 3
    assert at(tab, "/partners?q=p1&sort=name").chosen_number == 0


def test_adding_a_partner_leads_to_their_page() -> None:
    tab = opened(role=Role.EDITOR)
    call(tab, "new")
    told = effect(call(tab, "add", {"email": "Ada@Example.com", "first_name": "Ada"}))
    with reading() as s:
        ada = domain.find(s, "ada@example.com")
    assert f"/partners/{ada.id}" in told
    assert not tab.adding


def test_what_is_wrong_with_a_new_partner_is_told_at_its_field() -> None:
    with writing() as s:
        factory.partner(s, "ada", key="A-1")
    tab = opened()
    call(tab, "new")
    assert call(tab, "add", {"email": "not an address"}) is None
    assert "is not an email address" in tab.errors["email"]
    call(tab, "add", {"email": "ADA@partners.test"})
    assert "Another partner has the address" in tab.errors["email"]
    call(tab, "add", {"email": "new@partners.test", "key": "A-1"})
    assert set(tab.errors) == {"key"}
    assert tab.adding


def test_choosing_many_is_for_admins_and_adding_for_editors() -> None:
    with writing() as s:
        ada = factory.partner(s)
    editor = opened(role=Role.EDITOR)
    assert "“editor”" in effect(call(editor, "choose", ada))
    viewer = signed_in(PartnersState, Role.VIEWER, "viewer@example.com")
    assert "“viewer”" in effect(call(viewer, "add", {"email": "x@example.com"}))
