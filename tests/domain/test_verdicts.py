"""Why an automation's email reached a partner, or did not."""

from typing import Any

import pytest
from sqlmodel import col, select

from rxapp.db.engine import reading, writing
from rxapp.db.models import Consent, Send, SendStatus, Source
from rxapp.domain import automations, settings, tag_catalog, verdicts
from rxapp.domain.automations import AutomationInput
from rxapp.domain.tags import assign_tags, remove_tags
from rxapp.domain.verdicts import Verdict
from rxapp.errors import NotFound
from tests import factory

pytestmark = pytest.mark.usefixtures("database")


class Program:
    """A partner, a tag, and an automation that sends “Welcome” for it."""

    def __init__(self, *, enabled: bool = True, **partner: Any) -> None:
        with writing() as s:
            self.ada = factory.partner(s, **partner)
            self.vip = factory.tag(s)
            self.email = factory.template(s)
            self.automation = factory.automation(
                s, self.vip, factory.email(self.email), enabled=enabled
            )

    def assign(self, *, run: bool = True) -> None:
        with writing() as s:
            assign_tags(
                s, self.vip, [self.ada], source=Source.API, actor="crm", run_automations=run
            )

    def remove(self) -> None:
        with writing() as s:
            remove_tags(s, self.vip, [self.ada], source=Source.API, actor="crm")

    def change(self, **changes: Any) -> None:
        with writing() as s:
            automations.update(s, self.automation, AutomationInput(**changes), "ada")

    def settle(self, status: SendStatus, reason: str = "", detail: str = "") -> None:
        with writing() as s:
            send = s.exec(select(Send).order_by(col(Send.id).desc())).first()
            assert send is not None
            send.status, send.reason, send.detail = status, reason, detail

    def verdict(self) -> Verdict:
        with reading() as s:
            return verdicts.verdict(s, self.ada, self.automation)


def said(verdict: Verdict) -> tuple[str, str, str]:
    return verdict.answer, verdict.sentence, verdict.advice


@pytest.mark.usefixtures("live")
def test_without_the_tag_the_answer_is_no_and_how_to_send_it() -> None:
    assert said(Program().verdict()) == (
        "no",
        "The partner never had the tag “vip”, which starts it.",
        "To send it, assign the tag “vip”.",
    )


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (SendStatus.QUEUED, "waiting", "in line"),
        (SendStatus.SENDING, "waiting", "right now"),
        (SendStatus.SENT, "yes", "“Welcome” was sent."),
        (SendStatus.DELIVERED, "yes", "“Welcome” was delivered."),
        (SendStatus.BOUNCED, "no", "came back"),
        (SendStatus.FAILED, "no", "“Welcome” was not sent."),
        (SendStatus.CANCELED, "no", "“Welcome” was not sent."),
        (SendStatus.UNKNOWN, "no", "Nobody can say whether “Welcome” was sent."),
        (SendStatus.CAPTURED, "no", "“Welcome” was captured in the sandbox, so it was not sent."),
    ],
)
def test_what_became_of_the_email_answers(status: SendStatus, answer: str, words: str) -> None:
    program = Program()
    program.assign()
    program.settle(status)
    found = program.verdict()
    assert found.answer == answer
    assert words in found.sentence
    assert [one.status for one in found.sends] == [status]


def test_a_withheld_email_tells_its_reason_and_that_it_still_holds() -> None:
    program = Program(consent=Consent.UNSUBSCRIBED)
    program.assign()
    assert said(program.verdict()) == (
        "no",
        "“Welcome” was not sent. This partner has unsubscribed from marketing emails.",
        "Today it would not be sent either. This partner has unsubscribed from marketing emails.",
    )


def test_the_latest_assignment_counts_and_earlier_emails_are_told() -> None:
    program = Program()
    program.assign()
    program.settle(SendStatus.DELIVERED)
    program.remove()
    program.change(enabled=False)
    program.assign()
    found = program.verdict()
    assert found.answer == "no"
    assert "switched off when the tag was assigned" in found.sentence
    assert found.earlier == 1
    assert "switched off" in found.advice


@pytest.mark.usefixtures("live")
def test_switching_on_later_does_not_change_what_decided() -> None:
    program = Program(enabled=False)
    program.assign()
    program.change(enabled=True)
    found = program.verdict()
    assert "switched off when the tag was assigned" in found.sentence
    assert found.advice == "To send it, remove the tag “vip” and assign it again."


@pytest.mark.usefixtures("live")
def test_what_to_do_promises_nothing_that_would_not_happen() -> None:
    program = Program()
    with writing() as s:
        settings.pause(s, "ada")
    assert program.verdict().advice.endswith("Emails wait: sending is paused.")
    with writing() as s:
        tag_catalog.archive(s, program.vip, actor="ada")
    assert "nobody can be given it" in program.verdict().advice


def test_in_the_sandbox_what_to_do_has_it_captured_not_sent() -> None:
    advice = Program().verdict().advice
    assert advice.startswith("To have it captured, assign the tag “vip”.")


def test_a_tag_put_on_without_automations_is_told_apart_from_a_switch_that_was_off() -> None:
    program = Program()
    program.assign(run=False)
    assert "with its automations left out" in program.verdict().sentence


def test_an_automation_made_later_says_so() -> None:
    program = Program()
    program.assign()
    with writing() as s:
        later = factory.automation(s, program.vip, factory.email(program.email), name="later")
    with reading() as s:
        found = verdicts.verdict(s, program.ada, later)
    assert found.sentence == "The tag was assigned before this automation was made."


def test_an_automation_that_listened_to_another_tag_then_says_so() -> None:
    program = Program()
    with writing() as s:
        gold = factory.tag(s, "gold")
        assign_tags(s, gold, [program.ada], source=Source.API, actor="crm")
    program.change(tag_id=gold)
    assert "started by another tag" in program.verdict().sentence


def test_an_automation_without_an_email_says_so() -> None:
    with writing() as s:
        ada, vip, gold = factory.partner(s), factory.tag(s), factory.tag(s, "gold")
        automation = factory.automation(s, vip, factory.adds(gold))
        found = verdicts.verdict(s, ada, automation)
    assert (found.answer, found.advice) == ("no", "")
    assert "sends no email" in found.sentence


def test_a_pause_is_told_as_what_the_email_waits_for() -> None:
    program = Program()
    program.assign()
    with writing() as s:
        settings.pause(s, "ada")
    assert program.verdict().sentence == "“Welcome” waits, because sending is paused."


def test_there_is_no_verdict_on_an_automation_that_is_not_there() -> None:
    with reading() as s, pytest.raises(NotFound):
        verdicts.verdict(s, 1, 99)
