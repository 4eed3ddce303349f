"""Two people on one automation: the later save shows both, and nothing is dropped silently."""

from typing import Any

import pytest

from rxapp.db import automations as reads
from rxapp.db.automations import AutomationView
from rxapp.db.engine import reading, writing
from rxapp.db.models import Automation
from rxapp.domain import automations
from rxapp.domain.automations import AutomationInput
from rxapp.state.automation import AutomationState
from tests import factory
from tests.state.support import browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


class World:
    """An automation that ada has open, and that bob changes."""

    def __init__(self) -> None:
        with writing() as s:
            self.vip, self.gold = factory.tag(s, "vip"), factory.tag(s, "gold")
            self.welcome, self.bye = factory.template(s), factory.template(s, "Bye")
            self.number = factory.automation(s, self.vip, factory.email(self.welcome), name="Greet")
        self.tab = signed_in(AutomationState)
        browse(self.tab, session_of(self.tab), f"/automations/{self.number}/edit")
        call(self.tab, "load")
        call(self.tab, "add_step", "add_tag")
        call(self.tab, "pick_target", self.tab.steps[1].key, str(self.gold))

    def bob(self, **changes: Any) -> None:
        with writing() as s:
            data = AutomationInput.model_validate(changes)
            automations.update(s, self.number, data, "bob@example.com")

    def saved(self) -> AutomationView:
        with reading() as s:
            view = reads.view(s, self.number)
        assert view is not None
        return view

    def does(self) -> list[str | None]:
        return [step.template or step.tag for step in self.saved().actions]


@pytest.fixture
def world() -> World:
    return World()


def later(world: World) -> dict[str, Any]:
    """The welcome is put off, and another email comes first."""
    welcome = {"kind": "send_email", "template_id": world.welcome, "delay_seconds": 86400}
    return {"actions": [{"kind": "send_email", "template_id": world.bye}, welcome]}


def test_both_are_shown_with_what_each_changed(world: World) -> None:
    world.bob(**later(world), name="Part", enabled=False)
    assert effect(call(world.tab, "save")) == ""
    found = world.tab.clash
    assert (found.author, found.version) == ("bob@example.com", 2)
    assert [(one.words, one.target, one.mark) for one in found.theirs.steps] == [
        ("send", "Bye", "new"),
        ("after 1 day send", "Welcome", "changed"),
    ]
    assert found.theirs.facts == ["Called “Part”.", "Switched off."]
    assert [(one.target, one.mark) for one in found.mine.steps] == [
        ("Welcome", ""),
        ("gold", "new"),
    ]
    assert (found.mine.tag, found.mine.facts) == ("vip", [])
    # Nothing is saved, nothing is lost, and saving asks again.
    assert world.does() == ["Bye", "Welcome"]
    call(world.tab, "set_clashing", False)
    assert (world.tab.clash.author, world.tab.dirty, len(world.tab.steps)) == ("", True, 2)
    call(world.tab, "save")
    assert world.tab.clash.author == "bob@example.com"


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"enabled": False}, "Switched off."),
        ({"name": ""}, "Without a name of its own."),
        ({"tag_id": 2}, "Set off by “gold” instead of “vip”."),
    ],
)
def test_every_kind_of_change_counts(world: World, change: dict[str, Any], fact: str) -> None:
    world.bob(**change)
    call(world.tab, "save")
    assert world.tab.clash.theirs.facts == [fact]
    assert world.does() == ["Welcome"]


def test_mine_is_saved_over_theirs_by_choice_alone(world: World) -> None:
    world.bob(**later(world), enabled=False)
    call(world.tab, "save")
    assert "/automations" in effect(call(world.tab, "save_over"))
    assert world.does() == ["Welcome", "gold"]
    # Whether it is on is no part of what is edited here.
    assert (world.saved().enabled, world.saved().version) == (False, 3)


def test_who_is_overtaken_again_while_choosing_is_asked_again(world: World) -> None:
    world.bob(enabled=False)
    call(world.tab, "save")
    world.bob(**later(world))
    call(world.tab, "save_over")
    assert world.tab.clash.version == 3
    assert world.does() == ["Bye", "Welcome"]


def test_theirs_is_taken_and_mine_dropped(world: World) -> None:
    world.bob(**later(world))
    call(world.tab, "save")
    call(world.tab, "take_theirs")
    assert [step.target for step in world.tab.steps] == [str(world.bye), str(world.welcome)]
    assert (world.tab.dirty, world.tab.clash.author) == (False, "")
    call(world.tab, "set_name", "Mine")
    assert "Saved" in effect(call(world.tab, "save"))


def test_one_that_was_deleted_meanwhile_can_be_saved_as_a_new_one(world: World) -> None:
    with writing() as s:
        automations.delete(s, world.number, "bob@example.com")
    call(world.tab, "save")
    assert (world.tab.clash.author, world.tab.clash.version) == ("bob@example.com", 0)
    call(world.tab, "save_over")
    with reading() as s:
        old, new = factory.rows(s, Automation)
    assert old.deleted_at is not None
    assert (new.name, new.deleted_at) == ("Greet", None)


def test_nobody_saves_over_what_they_were_not_shown(world: World) -> None:
    world.bob(**later(world))
    call(world.tab, "save_over")
    assert world.does() == ["Bye", "Welcome"]
