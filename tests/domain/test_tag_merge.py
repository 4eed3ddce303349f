"""Merging two tags: held once, nobody emailed, automations go on, or a plain reason why not."""

from typing import Any

import pytest

from rxapp.db import automations as automation_reads
from rxapp.db import outbox
from rxapp.db import tag_merge as sql
from rxapp.db.engine import reading, writing
from rxapp.db.models import Assignment, AuditEntry, JobKind, Run, Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.domain import automation_words, automations, jobs, tag_catalog, tag_merge
from rxapp.domain.automation_steps import ActionInput
from rxapp.domain.automations import AutomationInput
from rxapp.domain.tags import assign_tags
from rxapp.errors import AutomationLoop, Conflict, InvalidInput, RxappError
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")
BY: dict[str, Any] = {"source": Source.DASHBOARD, "actor": "ann"}


@pytest.fixture
def old() -> int:
    with writing() as s:
        return f.tag(s, "vipp")


@pytest.fixture
def vip() -> int:
    with writing() as s:
        return f.tag(s, "vip")


def assign(tag: int, *partners: int) -> None:
    with writing() as s:
        assign_tags(s, tag, partners, **BY)


def merge(tag: int, into: int) -> tag_merge.Merging:
    with writing() as s:
        return tag_merge.merge(s, tag, into, "ann")


def held() -> list[tuple[int, int]]:
    """Who holds which tag."""
    with reading() as s:
        open_ = (one for one in f.rows(s, Assignment) if one.ended_at is None)
        return sorted((one.partner_id, one.tag_id) for one in open_)


def test_what_is_held_is_held_once_and_nobody_is_emailed(old: int, vip: int) -> None:
    with writing() as s:
        only_old, both, only_new = (f.partner(s, name) for name in ("ada", "bob", "cleo"))
        f.automation(s, vip, f.email(f.template(s)))
    with writing() as s:
        assign_tags(s, vip, [both, only_new], **BY, run_automations=False)
        assign_tags(s, old, [only_old, both], **BY)
    done = merge(old, vip)
    assert (done.moved, done.both) == (1, 1)
    assert held() == [(only_old, vip), (both, vip), (only_new, vip)]
    with reading() as s:
        assert f.rows(s, Send) == []
        assert tag_catalog.find(s, old).archived_at is not None


def test_who_was_met_before_is_not_met_again(old: int, vip: int) -> None:
    with writing() as s:
        ada, bob = f.partners(s, 2)
        number = f.automation(s, old, f.email(f.template(s)))
    assign(old, ada)
    assign(vip, bob)
    merge(old, vip)
    with writing() as s:
        # Switching on asks about those it has not met: Bob, who had the other tag.
        assert automations.count_existing(s, number) == 1
        assert [one.partner_id for one in f.rows(s, Run)] == [ada]


def test_automations_name_the_tag_that_stays_and_it_is_audited(old: int, vip: int) -> None:
    with writing() as s:
        send = ActionInput(**f.email(f.template(s)))
        gold = f.tag(s, "gold")
        starts = automations.create(s, AutomationInput(tag_id=old, actions=[send]), "ann").id
        sets = AutomationInput(
            tag_id=gold, actions=[ActionInput(**f.adds(old)), send], name="Climb", enabled=False
        )
        automations.create(s, sets, "ann")
    done = merge(old, vip)
    assert (done.starts, done.sets) == (["When vipp is assigned → send Welcome"], ["Climb"])
    with reading() as s:
        views = automation_reads.page(s)
        log = [(one.action, one.subject, one.subject_id) for one in f.rows(s, AuditEntry)]
    assert [view.name for view in views] == ["When vip is assigned → send Welcome", "Climb"]
    sentence = "When *gold* is assigned → add tag *vip* → send *Welcome*"
    assert automation_words.sentence(views[1]) == sentence
    assert [view.enabled for view in views] == [True, False]
    assert log[-5:] == [
        ("updated", "automation", starts),
        ("updated", "automation", 2),
        ("archived", "tag", old),
        ("merged", "tag", old),
        ("merged_with", "tag", vip),
    ]


def test_delayed_emails_go_on_but_for_those_who_have_both(old: int, vip: int) -> None:
    with writing() as s:
        ada, bob = f.partners(s, 2)
        f.automation(s, old, f.email(f.template(s), delay_seconds=60))
    assign(vip, bob)
    assign(old, ada, bob)
    assert merge(old, vip).skipped == 1
    with writing() as s:
        for send in f.rows(s, Send):
            send.due_at = utcnow()
    with reading() as s:
        found = {one.partner_id: one.why_not for one in outbox.due(s, utcnow(), 10, bulk=False)}
    assert found == {ada: "", bob: "tag_gone"}


@pytest.mark.parametrize(
    ("trigger", "steps"),
    [("old", ["adds new"]), ("new", ["removes old"]), ("gold", ["adds old", "removes new"])],
)
def test_an_automation_that_would_say_something_else_is_changed_by_a_person(
    old: int, vip: int, trigger: str, steps: list[str]
) -> None:
    with writing() as s:
        tags = {"old": old, "new": vip, "gold": f.tag(s, "gold")}
        does = {"adds": f.adds, "removes": f.removes}
        made = (one.split() for one in steps)
        f.automation(s, tags[trigger], *(does[verb](tags[tag]) for verb, tag in made), name="Odd")
        (ada,) = f.partners(s, 1)
    assign(old, ada)
    before = held()
    with pytest.raises(Conflict, match="“Odd”"):
        merge(old, vip)
    assert held() == before


def test_what_would_go_round_for_ever_is_refused_whole(old: int, vip: int) -> None:
    with writing() as s:
        gold = f.tag(s, "gold")
        f.automation(s, vip, f.adds(gold), name="Up")
        f.automation(s, gold, f.adds(old), f.removes(gold), name="Down")
        (ada,) = f.partners(s, 1)
        assign_tags(s, old, [ada], **BY)
    before = held()
    with pytest.raises(AutomationLoop):
        merge(old, vip)
    assert held() == before
    with reading() as s:
        assert tag_catalog.find(s, old).archived_at is None


def test_some_pairs_cannot_be_merged(old: int, vip: int) -> None:
    with pytest.raises(InvalidInput):
        merge(old, old)
    with writing() as s:
        tag_catalog.archive(s, vip, actor="ann")
    with pytest.raises(Conflict, match="archived"):
        merge(old, vip)
    with writing() as s:
        tag_catalog.unarchive(s, vip, actor="ann")
        jobs.start_bulk(s, JobKind.ASSIGN, old, f.partners(s, 1), actor="ann")
        assert sql.is_being_worked_on(s, {old, vip})
    with pytest.raises(RxappError, match="still running"):
        merge(old, vip)


def test_sends_that_wait_are_still_those_of_the_automation(old: int, vip: int) -> None:
    with writing() as s:
        (ada,) = f.partners(s, 1)
        f.automation(s, old, f.email(f.template(s)))
    assign(old, ada)
    merge(old, vip)
    with reading() as s:
        (send,) = f.rows(s, Send)
    assert send.status == SendStatus.QUEUED
