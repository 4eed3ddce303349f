"""An email that waits is told as dispatch would decide it: when it leaves, or why it will not."""

from datetime import timedelta
from typing import Any

import pytest

from rxapp.db import automation_log, outbox, send_log
from rxapp.db import automations as automation_reads
from rxapp.db.engine import reading, writing
from rxapp.db.models import Automation, Consent, Partner, PartnerStatus, Send, Source
from rxapp.db.send_log import SendFilter
from rxapp.db.types import utcnow
from rxapp.domain import automations, settings, verdicts
from rxapp.domain.leaving import Leaving
from rxapp.domain.reasons import told
from rxapp.domain.tags import assign_tags, remove_tags
from rxapp.state import automation_page, partner_log, send, sends, verdict
from tests import factory

pytestmark = pytest.mark.usefixtures("database", "live")

DAYS = 3 * 86400
BY: dict[str, Any] = {"source": Source.DASHBOARD, "actor": "ada"}


class World:
    """A partner with *vip*, whose email leaves in three days."""

    def __init__(self) -> None:
        with writing() as s:
            self.vip, self.ada = factory.tag(s), factory.partner(s)
            email = factory.email(factory.template(s), delay_seconds=DAYS)
            self.automation = factory.automation(s, self.vip, email)
            assign_tags(s, self.vip, [self.ada], **BY)

    def untag(self) -> None:
        with writing() as s:
            remove_tags(s, self.vip, [self.ada], **BY)

    def switch_off(self) -> None:
        with writing() as s:
            s.get_one(Automation, self.automation).enabled = False

    def delete(self) -> None:
        with writing() as s:
            automations.delete(s, self.automation, "ada")

    def suspend(self) -> None:
        with writing() as s:
            s.get_one(Partner, self.ada).status = PartnerStatus.SUSPENDED

    def unsubscribe(self) -> None:
        with writing() as s:
            s.get_one(Partner, self.ada).consent = Consent.UNSUBSCRIBED


@pytest.fixture
def world() -> World:
    return World()


def test_an_email_that_may_leave_says_when_everywhere(world: World) -> None:
    with reading() as s:
        (row,) = send_log.page(s, SendFilter())
        log = partner_log.read_log(s, world.ada, 1).lines[0]
        answer = verdict._told(s, world.ada, world.automation)
    due = row.due_at.isoformat()
    assert (log.due, log.reason) == (due, "")
    assert (sends._line(row, Leaving()).due, sends._line(row, Leaving()).why) == (due, "")
    assert [(one.what, one.at) for one in send._steps(row) if one.ahead] == [("Leaves", due)]
    assert (answer.answer, answer.facts[0].at, answer.facts[0].ahead) == ("waiting", due, True)


@pytest.mark.parametrize(
    ("change", "why_not"),
    [
        ("untag", "tag_gone"),
        ("switch_off", "automation_off"),
        ("delete", "automation_off"),
        ("suspend", "suspended"),
        ("unsubscribe", "unsubscribed"),
    ],
)
def test_one_that_will_not_leave_says_so_with_the_words_of_dispatch(
    world: World, change: str, why_not: str
) -> None:
    getattr(world, change)()
    with reading() as s:
        (row,) = send_log.page(s, SendFilter())
        assert row.why_not == why_not
        # What is said is what will be done.
        (decided,) = outbox.due(s, utcnow() + timedelta(seconds=DAYS + 1), 9, bulk=False)
        assert decided.why_not == why_not
        words = told("", "", why_not)
        log = partner_log.read_log(s, world.ada, 1).lines[0]
        assert (log.due, log.reason) == ("", words)
        assert (sends._line(row, Leaving()).due, sends._line(row, Leaving()).why) == ("", words)
        assert not [one for one in send._steps(row) if one.ahead]
        if automation_reads.view(s, world.automation) is None:
            return
        found = verdicts.verdict(s, world.ada, world.automation)
        assert (found.answer, found.sentence) == ("no", f"“Welcome”: {words}")
        runs = automation_log.runs(s, world.automation, limit=1)
        (email,) = automation_log.run_emails(s, world.automation, runs)[runs[0].assignment_id]
        shown = automation_page._email(email)
        assert (shown.due, shown.why) == ("", words)


def test_one_that_was_asked_for_by_hand_is_only_held_against_the_partner(world: World) -> None:
    with writing() as s:
        factory.rows(s, Send)[0].resend_of = factory.rows(s, Send)[0].id
    world.untag()
    with reading() as s:
        assert send_log.page(s, SendFilter())[0].why_not == ""


@pytest.mark.usefixtures("live")
def test_one_for_later_says_what_has_to_end_before_it_leaves(world: World) -> None:
    with reading() as s:
        assert partner_log.read_log(s, world.ada, 1).lines[0].reason == ""
    with writing() as s:
        settings.pause(s, "ada")
    with reading() as s:
        (line,) = partner_log.read_log(s, world.ada, 1).lines
        assert (line.reason, bool(line.due)) == ("Leaves only once sending is resumed.", True)
        assert send._detail(line.id).why == line.reason


def test_one_whose_time_has_come_says_what_it_waits_for(world: World) -> None:
    with writing() as s:
        factory.rows(s, Send)[0].due_at = utcnow() - timedelta(minutes=5)
        settings.pause(s, "ada")
    with reading() as s:
        assert partner_log.read_log(s, world.ada, 1).lines[0].reason == "Waits: sending is paused."
        answer = verdicts.verdict(s, world.ada, world.automation)
    assert answer.sentence == "“Welcome” waits, because sending is paused."
