"""Recipes: a tag, an email and the automation that joins them, in two clicks."""

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Automation, Role, Send, Source, Tag, Template
from rxapp.domain import recipes, tag_catalog, templates
from rxapp.domain.starters import starters
from rxapp.domain.tags import assign_tags
from rxapp.errors import Conflict
from rxapp.state.recipes import RecipesState
from tests import factory
from tests.state.support import call, effect, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture
def gallery() -> RecipesState:
    tab = signed_in(RecipesState)
    call(tab, "load")
    return tab


def test_there_is_a_recipe_for_every_use_case(gallery: RecipesState) -> None:
    assert {card.slug for card in gallery.cards} == {one.slug for one in starters()}
    assert all(card.title and card.about and card.tag and card.color for card in gallery.cards)


def test_using_one_makes_tag_email_and_automation_switched_on(gallery: RecipesState) -> None:
    call(gallery, "open", "vip-welcome")
    assert "Welcome to VIP" in gallery.shown.subject
    assert gallery.shown.html
    assert gallery.notes == [
        "The tag “vip” is made. Nobody has it yet, so nobody is emailed now.",
        "The email “VIP Welcome” is added to your emails, yours to change.",
    ]
    assert "/automations/1" in effect(call(gallery, "use"))
    with reading() as session:
        (tag,), (email,) = factory.rows(session, Tag), factory.rows(session, Template)
        (made,) = factory.rows(session, Automation)
    assert (tag.name, tag.color, email.name) == ("vip", "violet", "VIP Welcome")
    assert (made.name, made.enabled) == ("When vip is assigned → send VIP Welcome", True)


def test_what_is_there_is_used_as_it_is_and_nobody_is_emailed(gallery: RecipesState) -> None:
    with writing() as session:
        vip = factory.tag(session, "VIP")
        factory.template(session, "VIP Welcome", subject="Mine")
        people = factory.partners(session, 2)
        assign_tags(session, vip, people, source=Source.API, actor="crm")
    call(gallery, "open", "vip-welcome")
    assert gallery.notes == [
        "2 partners have “VIP” already: they are not emailed.",
        "Your email “VIP Welcome” is used as it is.",
    ]
    call(gallery, "use")
    with reading() as session:
        assert len(factory.rows(session, Tag)) == len(factory.rows(session, Template)) == 1
        assert factory.rows(session, Send) == []


def test_the_tag_can_be_another_one_that_is_made(gallery: RecipesState) -> None:
    call(gallery, "open", "win-back")
    call(gallery, "new_tag", "Left us")
    assert "“Left us”" in gallery.notes[0]
    call(gallery, "use")
    with reading() as session:
        assert [tag.name for tag in factory.rows(session, Tag)] == ["Left us"]


def test_the_same_is_not_made_twice(gallery: RecipesState) -> None:
    call(gallery, "open", "win-back")
    call(gallery, "use")
    call(gallery, "open", "win-back")
    assert "Choose another tag" in gallery.taken
    assert "is there already" in effect(call(gallery, "use"))
    with writing() as session, pytest.raises(Conflict):
        recipes.use(session, "win-back", tag_name="Win-Back", actor="ann")


def test_an_archived_email_keeps_its_name_and_an_archived_tag_is_refused(
    gallery: RecipesState,
) -> None:
    with writing() as session:
        old = factory.template(session, "Win Back")
        templates.archive(session, old, "ann")
        tag_catalog.archive(session, factory.tag(session, "gold"), actor="ann")
    call(gallery, "open", "win-back")
    call(gallery, "use")
    call(gallery, "open", "tier-upgrade")
    assert "archived" in effect(call(gallery, "use"))
    with reading() as session:
        names = [one.name for one in factory.rows(session, Template)]
    assert names == ["Win Back", "Win Back 2"]


def test_only_admins_use_recipes(gallery: RecipesState) -> None:
    tab = signed_in(RecipesState, Role.EDITOR, "eve@example.com")
    for name, arguments in (("open", ["win-back"]), ("use", [])):
        assert "admin" in effect(call(tab, name, *arguments))
