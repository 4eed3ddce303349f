"""An automation's page: its runs, why emails were held back, and who changed what."""

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Job, Role, Send, SendStatus, Source
from rxapp.domain import automations, jobs
from rxapp.domain.automations import AutomationInput
from rxapp.domain.tags import assign_tags
from rxapp.state import automation_page
from rxapp.state.automation_page import AutomationPageState
from tests import factory
from tests.state.support import browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture
def vip() -> int:
    """A tag whose automation, number 1, sends an email."""
    with writing() as session:
        tag = factory.tag(session)
        factory.automation(session, tag, factory.email(factory.template(session)), name="Greet")
        return tag


def opened(path: str = "/automations/1", role: Role = Role.VIEWER) -> AutomationPageState:
    tab = signed_in(AutomationPageState, role, f"{role}@example.com")
    return at(tab, path)


def at(tab: AutomationPageState, path: str) -> AutomationPageState:
    browse(tab, session_of(tab), path)
    call(tab, "load")
    return tab


def test_each_run_says_for_whom_through_which_door_and_what_became_of_it(vip: int) -> None:
    with writing() as session:
        ada = factory.partner(session)
        out = factory.partner(session, "out", consent="unsubscribed")
        assign_tags(session, vip, [ada, out], source=Source.API, actor="crm")
    tab = opened()
    skipped, queued = tab.runs
    assert (skipped.partner, skipped.door) == ("Out", "assigned by crm through the API")
    assert [(one.status, one.why) for one in skipped.emails] == [
        ("skipped", "This partner has unsubscribed from marketing emails.")
    ]
    assert [(one.template, one.status) for one in queued.emails] == [("Welcome", "queued")]
    assert tab.facts.fired
    assert {one.label: one.number for one in tab.figures} == {
        "Sent": "0", "Waiting": "1", "Skipped": "1", "Bounced or spam": "0", "Failed": "0",
    }  # fmt: skip


def test_what_was_held_back_is_counted_by_reason_the_most_frequent_first(vip: int) -> None:
    with writing() as session:
        assign_tags(session, vip, factory.partners(session, 3), source=Source.API, actor="crm")
        first, *others = factory.rows(session, Send)
        first.status, first.reason = SendStatus.SKIPPED, "tag_gone"
        for one in others:
            one.status, one.reason, one.detail = SendStatus.FAILED, "refused", "Bad address"
    held = opened().held
    assert [(one.number, one.status, one.words) for one in held] == [
        ("2", "failed", "The email provider refused it: Bad address"),
        ("1", "skipped", "The tag had been removed by the time the email was due."),
    ]
    assert held[0].href == "/sends?automation=1&status=failed"


def test_the_runs_are_turned_page_by_page(vip: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automation_page, "PAGE", 2)
    with writing() as session:
        assign_tags(session, vip, factory.partners(session, 5), source=Source.API, actor="crm")
    tab = opened()
    assert ([one.id for one in tab.runs], tab.newer, tab.older) == ([5, 4], False, True)
    assert "before=4" in effect(call(tab, "show_older"))
    at(tab, "/automations/1?before=4")
    assert ([one.id for one in tab.runs], tab.newer, tab.older) == ([3, 2], True, True)
    assert "after=3" in effect(call(tab, "show_newer"))
    at(tab, "/automations/1?after=3")
    assert ([one.id for one in tab.runs], tab.newer, tab.older) == ([5, 4], False, True)
    at(tab, "/automations/1?before=2")
    assert ([one.id for one in tab.runs], tab.newer, tab.older) == ([1], True, False)


def test_the_edit_history_says_who_changed_what(vip: int) -> None:
    with writing() as session:
        number = automations.duplicate(session, 1, "ann").id
        gold = factory.tag(session, "gold")
        automations.update(session, number, AutomationInput(tag_id=gold, name="Gold"), "bob")
        automations.set_enabled(session, number, True, actor="cleo", include_existing=True)
        automations.delete(session, number, "dan")
    tab = opened(f"/automations/{number}")
    assert tab.deleted
    assert [(one.who, one.words) for one in tab.changes] == [
        ("dan", "deleted it"),
        ("cleo", "had it run for 0 partners who had its tag already"),
        ("cleo", "switched it on"),
        ("bob", "changed what it does and called it “Gold”"),
        ("ann", "created it"),
    ]
    changed = tab.changes[3]
    assert (changed.was, changed.now) == (
        "When vip is assigned → send Welcome",
        "When gold is assigned → send Welcome",
    )


def test_running_for_those_who_had_the_tag_shows_how_far_it_is_and_can_be_stopped(
    vip: int,
) -> None:
    with writing() as session:
        people = factory.partners(session, 3)
        assign_tags(session, vip, people, source=Source.API, actor="crm", run_automations=False)
        automations.set_enabled(
            session, 1, True, actor="ann", include_existing=True, hold_seconds=60
        )
    tab = opened(role=Role.ADMIN)
    assert (tab.existing.running, tab.existing.words) == (True, "0 of 3 partners · 0 emails")
    with writing() as session:
        jobs.run_chunk(session, session.get_one(Job, 1))
    call(tab, "refresh")
    assert {run.door for run in tab.runs} == {"had the tag already, run for them by ann"}
    assert (tab.existing.running, tab.existing.words) == (False, "3 of 3 partners · 3 emails")
    assert "3 waiting emails were canceled" in effect(call(tab, "stop"))
    with reading() as session:
        assert {one.status for one in factory.rows(session, Send)} == {"canceled"}


def test_one_that_never_was_is_missing(vip: int) -> None:
    assert opened("/automations/99").missing
    assert opened("/automations/99999999999999999999", Role.EDITOR).missing


@pytest.mark.parametrize("name", ["duplicate", "stop"])
def test_only_admins_copy_and_stop(vip: int, name: str) -> None:
    assert "admin" in effect(call(opened(role=Role.EDITOR), name))
