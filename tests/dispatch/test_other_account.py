"""What one account may have taken is never given to another: it would arrive twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from rxapp import config
from rxapp.config import get_settings
from rxapp.db import batches, workers
from rxapp.db.engine import reading, writing
from rxapp.db.models import Batch, Send, Source
from rxapp.db.types import utcnow
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.provider import Provider
from rxapp.dispatch.resend import ResendProvider
from rxapp.dispatch.runner import Runner
from rxapp.dispatch.sandbox import SandboxProvider
from rxapp.domain import delivery, trials
from rxapp.domain.tags import assign_tags
from rxapp.errors import Conflict
from tests import factory as f
from tests.dispatch.test_dispatcher import make_everything_due_again
from tests.fakes.resend import FakeResend
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.usefixtures("database")

OURS, OTHER = "re_ours_12345678", "re_other_12345678"
Drains = Callable[[Provider], None]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, database: str) -> Iterator[FakeResend]:
    """A provider with two accounts, each with idempotency keys of its own."""
    with FakeResend(rate=0, teams={OURS: "ours", OTHER: "other"}) as running:
        monkeypatch.setenv("RESEND_API_URL", running.url)
        config.get_settings.cache_clear()
        yield running


@pytest.fixture
def drain(fake: FakeResend) -> Drains:
    """Do all that can be done now with a provider, as one start of the app would."""

    def with_(provider: Provider) -> None:
        running = Dispatcher(provider, provider.account)
        running.begin()
        running.drain()
        running.close()
        provider.close()

    return with_


def five_emails() -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, f.partners(s, 5), source=Source.API, actor="crm")


def outcome() -> set[tuple[str, str]]:
    with reading() as s:
        return {(send.status, send.reason) for send in f.rows(s, Send)}


@pytest.fixture
def unanswered(fake: FakeResend, drain: Drains) -> None:
    """Five emails that our account took, and never said so."""
    five_emails()
    fake.fail_next("drop")
    drain(ResendProvider(OURS, fake.url))
    assert outcome() == {("sending", "")}
    assert len(fake.ledger()) == 5


def test_another_key_sends_nothing_twice(unanswered: None, drain: Drains, fake: FakeResend) -> None:
    drain(ResendProvider(OTHER, fake.url))
    make_everything_due_again()
    drain(ResendProvider(OTHER, fake.url))
    assert outcome() == {("unknown", "other_account")}
    assert set(fake.counts("send").values()) == {1}


def test_a_batch_whose_worker_died_is_given_up_too_once_its_lease_ran_out(
    unanswered: None, drain: Drains, fake: FakeResend, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It shows life for as long as the first look takes, on a busy machine too.
    monkeypatch.setattr(workers, "DEAD_AFTER", timedelta(seconds=PATIENCE))
    with writing() as s:
        (batch,) = f.rows(s, Batch)
        batch.worker, batch.lease_until = "died", utcnow() + timedelta(seconds=PATIENCE)
        workers.beat(s, "died", "resend", utcnow())
    drain(ResendProvider(OTHER, fake.url))
    assert outcome() == {("sending", "")}
    make_everything_due_again()
    running = Dispatcher(ResendProvider(OTHER, fake.url), "w")
    running.drain()
    running.close()
    assert outcome() == {("unknown", "other_account")}
    assert len(fake.ledger()) == 5


def test_the_key_put_back_goes_on_where_it_was(
    unanswered: None, drain: Drains, fake: FakeResend
) -> None:
    make_everything_due_again()
    drain(ResendProvider(OURS, fake.url + "/"))
    assert outcome() == {("sent", "")}
    assert set(fake.counts("send").values()) == {1}


def test_without_a_key_the_sandbox_does_not_call_it_captured(
    unanswered: None, drain: Drains
) -> None:
    drain(SandboxProvider())
    assert outcome() == {("unknown", "other_account")}


def test_the_same_key_at_another_address_is_another_account(
    unanswered: None, drain: Drains
) -> None:
    with FakeResend(rate=0) as elsewhere:
        drain(ResendProvider(OURS, elsewhere.url))
        assert elsewhere.ledger() == []
    assert outcome() == {("unknown", "other_account")}


def test_a_key_that_cannot_be_read_gives_nothing_up(
    unanswered: None, drain: Drains, fake: FakeResend
) -> None:
    make_everything_due_again()
    drain(ResendProvider("", fake.url))
    assert outcome() == {("sending", "")}
    make_everything_due_again()
    drain(ResendProvider(OURS, fake.url))
    assert outcome() == {("sent", "")}
    assert set(fake.counts("send").values()) == {1}


def test_what_the_old_account_certainly_did_not_take_leaves_by_the_new_one(
    fake: FakeResend, drain: Drains
) -> None:
    five_emails()
    fake.fail_next("401")
    drain(ResendProvider(OURS, fake.url))
    make_everything_due_again()
    drain(ResendProvider(OTHER, fake.url))
    assert outcome() == {("sent", "")}
    assert set(fake.counts("send").values()) == {1}


def test_what_only_the_sandbox_had_leaves_by_any_key(fake: FakeResend, drain: Drains) -> None:
    five_emails()
    sandbox = Dispatcher(SandboxProvider(), "dies")
    sandbox.take_turn()
    make_everything_due_again()
    drain(ResendProvider(OURS, fake.url))
    assert outcome() == {("sent", "")}
    sandbox.close()


def test_a_test_email_that_may_be_with_another_account_is_not_called_sent(
    fake: FakeResend, drain: Drains
) -> None:
    email = {"from": "a@partners.example", "to": [], "subject": "Hello", "html": "<p>Hi</p>"}
    with writing() as s:
        test = trials.send(s, email, ["ada@partners.test"], "ann")
    fake.fail_next("drop")
    drain(ResendProvider(OURS, fake.url))
    drain(ResendProvider(OTHER, fake.url))
    with reading() as s:
        told = trials.result(s, test)
    assert told.status == "refused"
    assert "may have taken" in told.problem
    assert len(fake.ledger()) == 1


def test_who_changes_the_key_is_told_the_number_first(unanswered: None) -> None:
    with writing() as s:
        # As if it had been set in the app.
        for batch in f.rows(s, Batch):
            assert batch.account == delivery.account_of(OURS, get_settings().resend_api_url)
        assert delivery.perhaps_taken(s, OURS) == 0
        assert delivery.perhaps_taken(s, OTHER) == 5
        assert delivery.perhaps_taken(s, None) == 5
        with pytest.raises(Conflict, match="5 emails may already have been taken"):
            delivery.use_key(s, OTHER, "ann", "send", told=4)
        with pytest.raises(Conflict, match="5 emails"):
            delivery.forget_key(s, "ann", "keep")
        delivery.use_key(s, OURS, "ann", "send")
        delivery.use_key(s, OTHER, "ann", "send", told=5)


def test_emails_being_posted_are_told_of_but_stand_in_nobodys_way(
    unanswered: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "DEAD_AFTER", timedelta(seconds=PATIENCE))
    with writing() as s:
        now = utcnow()
        workers.beat(s, "w", "resend", now)
        batches.lease(f.rows(s, Batch)[0], "w", "an account", now, 90)
        s.flush()
        assert delivery.perhaps_taken(s, OTHER) == 5
        delivery.use_key(s, OTHER, "ann", "send")


def test_a_running_worker_gives_up_what_the_old_key_left_unanswered(
    unanswered: None, fake: FakeResend
) -> None:
    with writing() as s:
        delivery.use_key(s, OURS, "ann", "send")
        for batch in f.rows(s, Batch):
            batch.next_post_at = batch.lease_until = utcnow().replace(year=9000)
    runner = Runner(get_settings())
    runner.start()
    try:
        with writing() as s:
            delivery.use_key(s, OTHER, "ann", "send", told=5)
        until(lambda: outcome() == {("unknown", "other_account")})
    finally:
        runner.stop()
    assert set(fake.counts("send").values()) == {1}


def test_of_a_key_only_a_fingerprint_is_kept(unanswered: None) -> None:
    with reading() as s:
        (batch,) = f.rows(s, Batch)
    assert len(batch.account) == 64
    assert OURS not in repr(batch)
