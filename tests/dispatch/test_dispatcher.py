"""The rules of dispatch: never lost, never doubled, and the log agrees with the provider."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    Assignment,
    Automation,
    Batch,
    Consent,
    Pace,
    Partner,
    Send,
    Source,
    Worker,
)
from rxapp.db.types import utcnow
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.resend import ResendProvider
from rxapp.dispatch.sandbox import SandboxProvider
from rxapp.domain import sends, settings, unsubscribe
from rxapp.domain.tags import assign_tags, remove_tags
from tests import factory as f
from tests.fakes.resend import FakeResend

pytestmark = pytest.mark.usefixtures("database")


def program(session: Session, number: int = 1, **action: Any) -> tuple[int, list[int]]:
    """A tag with a welcome email, and partners."""
    vip = f.tag(session)
    f.automation(session, vip, f.email(f.template(session), **action))
    return vip, f.partners(session, number)


def assign(vip: int, partners: list[int], **options: Any) -> None:
    with writing() as s:
        assign_tags(s, vip, partners, source=Source.API, actor="a test", **options)


def statuses() -> list[str]:
    with reading() as s:
        return [send.status for send in f.rows(s, Send)]


def make_everything_due_again() -> None:
    """Time passes: leases run out and batches that were put off come back."""
    with writing() as s:
        for batch in f.rows(s, Batch):
            batch.lease_until = batch.next_post_at = utcnow() - timedelta(seconds=1)
        for pace in f.all_rows(s, Pace):
            pace.next_at = utcnow()


def test_each_queued_send_reaches_the_provider_once(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s, 250)
    assign(vip, people)
    dispatcher.drain()
    assert set(statuses()) == {"sent"}
    assert len(fake.ledger()) == 250
    assert set(fake.counts("send").values()) == {1}
    with reading() as s:
        assert sorted(batch.size for batch in f.rows(s, Batch)) == [50, 100, 100]
        ids = {send.provider_id for send in f.rows(s, Send)}
        assert ids == {entry.id for entry in fake.ledger()}


def test_the_email_as_sent_is_what_the_provider_got(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s)
    assign(vip, people)
    dispatcher.drain()
    (entry,) = fake.ledger(bodies=True)
    with reading() as s:
        (send,) = f.rows(s, Send)
        email = sends.email_as_sent(s, send.id)
    assert email
    assert (email.subject, email.html, email.text) == (
        entry.subject,
        entry.html,
        entry.text,
    )
    assert email.subject == "Welcome, P1"
    assert not email.captured


def test_nobody_reads_in_the_log_how_to_unsubscribe_a_partner(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        link = "{{ unsubscribe_url }}"
        html = f'<a href="{link}">stop</a> <p>{link}</p>'
        # The name of another service stands before it, and its address is escaped.
        html += '<a href="https://track.test/?to={{ unsubscribe_url | _query }}">stop</a>'
        vip, ada = f.tag(s), f.partner(s)
        says = f.template(s, subject=f"Stop: {link}", html=html, text=f"Stop: <{link}>.")
        f.automation(s, vip, f.email(says))
    assign(vip, [ada])
    dispatcher.drain()
    (entry,) = fake.ledger(bodies=True)
    token = unsubscribe.token(ada)
    assert (str(entry.html).count(token), str(entry.text).count(token)) == (3, 1)
    with reading() as s:
        email = sends.email_as_sent(s, f.rows(s, Send)[0].id)
    assert email
    shown = f"{email.subject} {email.html} {email.text} {email.headers}"
    assert token not in shown
    # What is left is a link that is about nobody.
    assert shown.count(unsubscribe.link(unsubscribe.NOBODY)) == 5
    assert shown.count(unsubscribe.token(unsubscribe.NOBODY)) == 6


def test_single_sends_leave_before_bulk_ones(dispatcher: Dispatcher, fake: FakeResend) -> None:
    with writing() as s:
        vip, people = program(s, 201)
    assign(vip, people[:200], bulk=True)
    assign(vip, people[200:])
    dispatcher.step()
    fake.wait("accepted", 1)
    assert [entry.to for entry in fake.ledger()] == ["p201@partners.test"]


def test_a_partner_who_unsubscribed_meanwhile_is_skipped(dispatcher: Dispatcher) -> None:
    with writing() as s:
        vip, people = program(s, 2)
    assign(vip, people)
    with writing() as s:
        partner = s.get(Partner, people[0])
        assert partner
        partner.consent = Consent.UNSUBSCRIBED
    dispatcher.drain()
    assert statuses() == ["skipped", "sent"]


def test_a_delayed_email_waits_and_is_skipped_when_its_tag_is_gone(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s, 2, delay_seconds=3600)
    assign(vip, people)
    dispatcher.drain()
    assert statuses() == ["queued", "queued"]
    with writing() as s:
        remove_tags(s, vip, people[:1], source=Source.API, actor="a test")
        for send in f.rows(s, Send):
            send.due_at = utcnow()
    dispatcher.drain()
    with reading() as s:
        assert [(x.status, x.reason) for x in f.rows(s, Send)] == [
            ("skipped", "tag_gone"),
            ("sent", ""),
        ]


def test_an_immediate_email_leaves_though_the_tag_was_removed_again(
    dispatcher: Dispatcher,
) -> None:
    with writing() as s:
        vip, people = program(s)
    assign(vip, people)
    with writing() as s:
        remove_tags(s, vip, people, source=Source.API, actor="a test")
        assert all(row.ended_at for row in f.rows(s, Assignment))
    dispatcher.drain()
    assert statuses() == ["sent"]


def test_an_automation_switched_off_sends_nothing_more(dispatcher: Dispatcher) -> None:
    with writing() as s:
        vip, people = program(s)
    assign(vip, people)
    with writing() as s:
        for automation in f.rows(s, Automation):
            automation.enabled = False
    dispatcher.drain()
    with reading() as s:
        assert f.rows(s, Send)[0].reason == "automation_off"


def test_paused_sending_holds_what_is_decided(dispatcher: Dispatcher) -> None:
    with writing() as s:
        vip, people = program(s)
        settings.pause(s, "a test")
    assign(vip, people)
    dispatcher.drain()
    assert statuses() == ["queued"]
    with writing() as s:
        settings.resume(s, "a test", "send")
    dispatcher.drain()
    assert statuses() == ["sent"]


def test_held_mail_can_be_discarded_on_resuming(dispatcher: Dispatcher, fake: FakeResend) -> None:
    with writing() as s:
        vip, people = program(s)
        settings.pause(s, "a test")
    assign(vip, people)
    with writing() as s:
        settings.resume(s, "a test", "discard")
    dispatcher.drain()
    assert statuses() == ["canceled"]
    assert fake.ledger() == []


def test_a_missing_variable_fails_its_own_send_only(dispatcher: Dispatcher) -> None:
    with writing() as s:
        vip = f.tag(s)
        mail = f.template(s, text="{{ partner.company }}")
        f.automation(s, vip, f.email(mail))
        people = [f.partner(s, "ada"), f.partner(s, "bob", company="Bobs")]
    assign(vip, people)
    dispatcher.drain()
    with reading() as s:
        assert [(x.status, x.reason) for x in f.rows(s, Send)] == [
            ("failed", "missing: company"),
            ("sent", ""),
        ]


@pytest.mark.parametrize(
    "broken", ['{{ tag.name | default("\\ud83d") }}', "{{ 0x" + "f" * 9_000 + " }}", "{{ 1 / 0 }}"]
)
def test_an_email_that_cannot_be_made_fails_by_itself(dispatcher: Dispatcher, broken: str) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s, "Broken", html=broken)))
        f.automation(s, vip, f.email(f.template(s, "Whole")), name="whole")
        ada = f.partner(s, "ada")
    assign(vip, [ada])
    dispatcher.drain()
    with reading() as s:
        found = [(x.status, x.reason) for x in f.rows(s, Send)]
    assert found == [("failed", "broken_email"), ("sent", "")]


@pytest.mark.parametrize("fault", ["500", "503", "502", "429", "reset", "drop", "garbage"])
def test_a_fault_is_retried_with_the_same_bytes_and_key_and_never_doubles(
    dispatcher: Dispatcher, fake: FakeResend, fault: str
) -> None:
    with writing() as s:
        vip, people = program(s, 3)
    assign(vip, people)
    fake.fail_next(fault)
    dispatcher.drain()
    assert "failed" not in statuses()
    make_everything_due_again()
    dispatcher.drain()
    assert set(statuses()) == {"sent"}
    assert set(fake.counts("send").values()) == {1}
    requests = fake.requests()
    assert len(requests) == 2
    assert len({(r.sha256, r.key) for r in requests}) == 1


def test_one_bad_address_never_takes_down_the_others(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s, 20)
        people.append(f.partner(s, "bad", email="someone@example.com"))
    assign(vip, people)
    dispatcher.drain()
    with reading() as s:
        *good, bad = f.rows(s, Send)
    assert {send.status for send in good} == {"sent"}
    assert (bad.status, bad.reason) == ("failed", "refused")
    assert "example" in bad.detail
    assert set(fake.counts("send").values()) == {1}


def test_a_whole_refusal_is_split_until_the_bad_one_stands_alone(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    fake.configure(honour_permissive=False)
    with writing() as s:
        vip, people = program(s, 9)
        people.append(f.partner(s, "bad", email="someone@example.com"))
    assign(vip, people)
    dispatcher.drain()
    with reading() as s:
        *good, bad = f.rows(s, Send)
        assert {send.status for send in good} == {"sent"}
        assert bad.status == "failed"
        for send in good:
            email = sends.email_as_sent(s, send.id)
            assert email
            assert email.to == send.recipient
    assert set(fake.counts("send").values()) == {1}


@pytest.mark.parametrize("fault", ["401", "403", "daily_quota", "monthly_quota"])
def test_a_refused_account_stops_sending_and_loses_nothing(
    dispatcher: Dispatcher, fake: FakeResend, fault: str
) -> None:
    with writing() as s:
        vip, people = program(s, 2)
    assign(vip, people)
    fake.fail_next(fault)
    dispatcher.drain()
    with reading() as s:
        (pace,) = f.all_rows(s, Pace)
        assert pace.stop_code
        assert pace.stop_until > utcnow()
    assert statuses() == ["queued", "queued"]
    with writing() as s:
        (pace,) = f.all_rows(s, Pace)
        pace.stop_until = utcnow()
    dispatcher.drain()
    assert statuses() == ["sent", "sent"]
    with reading() as s:
        assert not f.all_rows(s, Pace)[0].stop_code


def test_no_answer_for_longer_than_the_key_is_kept_is_unknown_and_never_resent(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s)
    assign(vip, people)
    fake.fail_next("drop")
    dispatcher.drain()
    make_everything_due_again()
    with writing() as s:
        (batch,) = f.rows(s, Batch)
        batch.first_post_at = utcnow() - timedelta(hours=24)
    dispatcher.drain()
    assert statuses() == ["unknown"]
    assert len(fake.requests()) == 1


def test_a_batch_that_certainly_never_left_is_sent_however_old_it_is(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s)
    assign(vip, people)
    fake.fail_next("429")
    dispatcher.drain()
    make_everything_due_again()
    with writing() as s:
        (batch,) = f.rows(s, Batch)
        batch.created_at = batch.first_post_at = utcnow() - timedelta(days=3)
    dispatcher.drain()
    assert statuses() == ["sent"]


def test_another_worker_takes_over_what_a_dead_one_left(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    """The first worker dies after the provider accepted, before it could write that down."""
    with writing() as s:
        vip, people = program(s, 5)
    assign(vip, people)
    dead = Dispatcher(ResendProvider("re_test", fake.url), "dead")
    dead.begin()
    (post,) = dead.take_turn().posts
    dead.provider.send_batch(post.payload, post.key)
    dead.close()
    dispatcher.drain()
    assert set(statuses()) == {"sending"}
    with writing() as s:
        # Its last sign of life was 20 seconds ago; its lease still runs.
        s.get_one(Worker, "dead").seen_at = utcnow() - timedelta(seconds=20.5)
    dispatcher.drain()
    assert set(statuses()) == {"sent"}
    assert set(fake.counts("send").values()) == {1}


def test_the_sandbox_captures_and_a_real_provider_never_leaves_its_mail_to_it(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s, 2)
    assign(vip, people[:1])
    fake.fail_next("drop")
    dispatcher.drain()
    make_everything_due_again()
    sandbox = Dispatcher(SandboxProvider(), "sandbox")
    sandbox.drain()
    assert statuses() == ["unknown"]
    assign(vip, people[1:])
    sandbox.drain()
    sandbox.close()
    assert statuses() == ["unknown", "captured"]
    with reading() as s:
        captured = f.rows(s, Send)[1]
        email = sends.email_as_sent(s, captured.id)
    assert captured.sent_at is None
    assert email
    assert email.captured


def test_what_the_sandbox_captured_is_sent_again_once_the_program_is_live(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s)
    assign(vip, people)
    sandbox = Dispatcher(SandboxProvider(), "sandbox")
    sandbox.drain()
    sandbox.close()
    with writing() as s:
        first = f.rows(s, Send)[0].id
        again = sends.send_again(s, first, "ada@example.com").id
    dispatcher.drain()
    assert statuses() == ["captured", "sent"]
    assert fake.counts("send") == {("p1@partners.test", str(again)): 1}


def test_the_rate_the_provider_states_is_followed(dispatcher: Dispatcher, fake: FakeResend) -> None:
    fake.configure(rate=25)
    with writing() as s:
        vip, people = program(s)
    assign(vip, people)
    dispatcher.drain()
    with reading() as s:
        assert f.all_rows(s, Pace)[0].rate == 25


def test_starting_again_tries_at_once_whether_the_account_is_accepted(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s)
    assign(vip, people)
    fake.fail_next("401")
    dispatcher.drain()
    assert statuses() == ["queued"]
    dispatcher.begin()
    dispatcher.drain()
    assert statuses() == ["sent"]


def test_a_network_fault_does_not_take_the_banner_of_a_refused_key_away(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    with writing() as s:
        vip, people = program(s)
    assign(vip, people)
    fake.fail_next("401", "reset")
    dispatcher.drain()
    with writing() as s:
        f.all_rows(s, Pace)[0].stop_until = utcnow()
    dispatcher.drain()
    with reading() as s:
        assert f.all_rows(s, Pace)[0].stop_code == "key_refused"
