"""The rules of the one door."""

from itertools import pairwise
from typing import Any

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Assignment, Cause, Run, Send, SendStatus, Source, Tag
from rxapp.db.types import utcnow
from rxapp.domain.tags import Assigned, assign_tags, remove_tags
from rxapp.errors import Conflict, NotFound
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


def assign(tag_id: int, *partners: int, **options: Any) -> Assigned:
    options = {"source": Source.API, "actor": "a test"} | options
    with writing() as s:
        return assign_tags(s, tag_id, partners, **options)


def remove(tag_id: int, *partners: int) -> int:
    with writing() as s:
        return remove_tags(s, tag_id, partners, source=Source.API, actor="a test").removed


def sends() -> list[tuple[int, str, str]]:
    with reading() as s:
        return [(row.partner_id, row.status, row.reason) for row in f.rows(s, Send)]


def welcome() -> tuple[int, int]:
    """Partner ada and tag vip, with an automation that sends an email."""
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
    return ada, vip


def test_a_new_assignment_queues_one_email() -> None:
    ada, vip = welcome()
    done = assign(vip, ada)
    assert (done.added, done.already, done.queued) == (1, 0, 1)
    assert sends() == [(ada, "queued", "")]


def test_a_tag_already_held_changes_nothing() -> None:
    ada, vip = welcome()
    assign(vip, ada)
    done = assign(vip, ada)
    assert (done.added, done.already, done.queued, done.cause_id) == (0, 1, 0, None)
    assert len(sends()) == 1
    with reading() as s:
        assert len(f.rows(s, Assignment)) == 1
        assert len(f.rows(s, Cause)) == 1


def test_untag_and_retag_is_a_new_assignment_and_emails_again() -> None:
    ada, vip = welcome()
    assign(vip, ada)
    assert remove(vip, ada) == 1
    assert assign(vip, ada).queued == 1
    assert sends() == [(ada, "queued", ""), (ada, "queued", "")]


def test_removing_a_tag_not_held_does_nothing() -> None:
    ada, vip = welcome()
    assert remove(vip, ada) == 0


def test_two_automations_on_a_tag_both_run_in_creation_order() -> None:
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        first = f.automation(s, vip, f.email(f.template(s, "One")))
        second = f.automation(s, vip, f.email(f.template(s, "Two")))
    assert assign(vip, ada).queued == 2
    with reading() as s:
        assert [row.automation_id for row in f.rows(s, Send)] == [first, second]


def test_the_same_email_for_the_same_assignment_is_sent_once() -> None:
    with writing() as s:
        ada, vip, mail = f.partner(s), f.tag(s), f.template(s)
        f.automation(s, vip, f.email(mail))
        f.automation(s, vip, f.email(mail))
    done = assign(vip, ada)
    assert done.queued == 1
    assert done.skipped == {"same_email": 1}


def test_an_automation_switched_off_never_sends_for_assignments_made_meanwhile() -> None:
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        f.automation(s, vip, f.email(f.template(s)), enabled=False)
    assert assign(vip, ada).queued == 0
    assert sends() == []


def test_tagging_can_leave_automations_out() -> None:
    ada, vip = welcome()
    assert assign(vip, ada, run_automations=False).added == 1
    assert sends() == []


@pytest.mark.parametrize(
    ("values", "kind", "status", "reason"),
    [
        ({"email": None}, "transactional", "skipped", "no_address"),
        ({"status": "suspended"}, "transactional", "skipped", "suspended"),
        ({"status": "archived"}, "transactional", "skipped", "archived"),
        ({"consent": "unsubscribed"}, "marketing", "skipped", "unsubscribed"),
        ({"consent": "unsubscribed"}, "transactional", "queued", ""),
        ({"deliverability": "bounced"}, "transactional", "skipped", "bounced"),
        ({"deliverability": "complained"}, "marketing", "skipped", "complained"),
    ],
)
def test_who_may_not_be_emailed_is_skipped_with_the_reason(
    values: dict[str, Any], kind: Any, status: str, reason: str
) -> None:
    with writing() as s:
        ada, vip = f.partner(s, **values), f.tag(s)
        f.automation(s, vip, f.email(f.template(s, kind=kind)))
    assign(vip, ada)
    assert sends() == [(ada, status, reason)]


def test_a_chain_runs_in_the_same_transaction_and_keeps_what_led_to_it() -> None:
    with writing() as s:
        ada, vip, gold = f.partner(s), f.tag(s), f.tag(s, "gold")
        first = f.automation(s, vip, f.adds(gold))
        f.automation(s, gold, f.email(f.template(s)))
    done = assign(vip, ada)
    assert (done.added, done.queued, dict(done.tally.tags_added)) == (1, 1, {gold: 1})
    with reading() as s:
        root, second = f.rows(s, Cause)
        assert (second.parent_id, second.root_id, second.depth) == (root.id, root.id, 1)
        assert (second.source, second.automation_id) == (Source.AUTOMATION, first)
        assert second.actor == "a test"


def test_a_chain_does_not_follow_a_tag_already_held() -> None:
    with writing() as s:
        ada, vip, gold = f.partner(s), f.tag(s), f.tag(s, "gold")
        f.automation(s, vip, f.adds(gold))
        f.automation(s, gold, f.email(f.template(s)))
    assign(gold, ada)
    assert assign(vip, ada).queued == 0


def test_an_automation_fires_once_per_partner_per_chain() -> None:
    """Tag vip puts gold on again and again; gold mails and puts vip on again and again."""
    with writing() as s:
        ada, vip, gold = f.partner(s), f.tag(s), f.tag(s, "gold")
        f.automation(s, vip, f.removes(gold), f.adds(gold))
        f.automation(s, gold, f.email(f.template(s)), f.removes(vip), f.adds(vip))
    assert assign(vip, ada).queued == 1
    with reading() as s:
        assert [run.outcome for run in f.rows(s, Run)] == ["fired", "fired", "loop"]


def test_an_email_stopped_by_the_loop_guard_is_logged_as_skipped() -> None:
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        f.automation(s, vip, f.email(f.template(s)), f.removes(vip), f.adds(vip))
    assign(vip, ada)
    assert sends() == [(ada, "queued", ""), (ada, "skipped", "loop")]


def test_a_chain_ends_at_depth_ten() -> None:
    with writing() as s:
        ada = f.partner(s)
        tags = [f.tag(s, f"t{i}") for i in range(13)]
        for this, following in pairwise(tags):
            f.automation(s, this, f.adds(following))
    assign(tags[0], ada)
    with reading() as s:
        assert len(f.rows(s, Assignment)) == 11
        assert f.rows(s, Run)[-1].outcome == "loop"


def test_a_delayed_email_is_due_later() -> None:
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        f.automation(s, vip, f.email(f.template(s), delay_seconds=3600))
    assign(vip, ada)
    with reading() as s:
        (send,) = f.rows(s, Send)
        assert 3590 < (send.due_at - utcnow()).total_seconds() <= 3600


def test_unknown_partners_are_not_invented() -> None:
    ada, vip = welcome()
    done = assign(vip, ada, ada + 99)
    assert (done.added, done.already) == (1, 0)


def test_an_unknown_tag_is_refused() -> None:
    ada, vip = welcome()
    with pytest.raises(NotFound):
        assign(vip + 99, ada)


def test_an_archived_tag_is_refused() -> None:
    ada, vip = welcome()
    with writing() as s:
        row = s.get(Tag, vip)
        assert row
        row.archived_at = utcnow()
    with pytest.raises(Conflict, match="archived"):
        assign(vip, ada)


def test_an_error_in_the_transaction_leaves_nothing_behind() -> None:
    ada, vip = welcome()

    def assign_and_fail() -> None:
        with writing() as s:
            assign_tags(s, vip, [ada], source=Source.API, actor="a test")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        assign_and_fail()
    assert sends() == []


def test_a_set_is_decided_partner_by_partner() -> None:
    with writing() as s:
        ok, out, held = f.partner(s, "a"), f.partner(s, "b", consent="unsubscribed"), f.partner(s)
        vip = f.tag(s)
    assign(vip, held)
    with writing() as s:
        f.automation(s, vip, f.email(f.template(s)))
    done = assign(vip, ok, out, held)
    assert (done.added, done.already, done.queued) == (2, 1, 1)
    assert done.skipped == {"unsubscribed": 1}
    assert sends() == [(ok, SendStatus.QUEUED, ""), (out, SendStatus.SKIPPED, "unsubscribed")]
