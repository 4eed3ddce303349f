"""What becomes of an email that is decided now: one place says it, for every page and answer."""

from datetime import timedelta

import pytest

from rxapp.db import batches, pace, workers
from rxapp.db import settings as stored
from rxapp.db.engine import reading, writing
from rxapp.db.models import BatchStatus, Worker
from rxapp.db.types import utcnow
from rxapp.domain import delivery, senders, settings
from rxapp.domain.leaving import Leaving, leaving
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


def now() -> Leaving:
    with reading() as s:
        return leaving(s)


def test_without_a_key_the_sandbox_captures() -> None:
    with writing() as s:
        workers.beat(s, "w", "sandbox", utcnow())
    assert now() == Leaving("", captured=True)
    assert (now().verb, now().done) == ("capture", "captured")
    assert now().note == "The sandbox captures the emails: none of them leaves."


@pytest.mark.usefixtures("live")
def test_emails_leave_unless_something_holds_them_and_it_is_said_what() -> None:
    assert now() == Leaving()
    assert (now().verb, now().note) == ("send", "")
    with writing() as s:
        f.rows(s, Worker)[0].seen_at = utcnow() - timedelta(minutes=5)
    assert now().held == "no_worker"
    with writing() as s:
        row = pace.hold(s, "resend", 1, utcnow())
        row.stop_code, row.stopped_at = "invalid_api_key", utcnow()
    assert now().held == "stopped"
    with writing() as s:
        settings.pause(s, "ada")
    # The one a person did, and can take back, is said first.
    assert now().note == "Emails wait: sending is paused."
    assert (now().verb, now().done) == ("queue", "queued")


@pytest.mark.usefixtures("live")
def test_a_sender_that_is_refused_is_said_as_what_it_is() -> None:
    with writing() as s:
        row = pace.hold(s, "resend", 1, utcnow())
        row.stop_code, row.stopped_at = delivery.DOMAIN_REFUSED, utcnow()
    assert now().held == "sender"
    assert now().note == "Emails wait: the email provider does not take the sender."


@pytest.mark.usefixtures("live")
def test_a_sender_that_was_not_verified_is_doubted_until_an_email_was_taken() -> None:
    with writing() as s:
        settings.update(s, {"from_": "Acme <hi@pending.example>"}, "ann")
        senders.note_domains(s, "re_live", {"pending.example": "pending"})
    assert now().held == ""
    assert now().note == (
        "When Resend was last asked, pending.example was not verified: emails from "
        "hi@pending.example wait until it is."
    )
    with writing() as s:
        batch = batches.new("k", b"[]", size=0, provider="resend", bulk=False, now=utcnow())
        batch.status, batch.account = BatchStatus.DONE, delivery.delivery(s).account
        s.add(batch)
    assert now() == Leaving()


@pytest.mark.usefixtures("live")
@pytest.mark.parametrize(
    ("key", "domains"),
    [
        ("re_live", {"pending.example": "verified"}),
        # Of another account it says nothing.
        ("re_other", {}),
    ],
)
def test_what_is_verified_or_said_of_another_account_is_not_doubted(
    key: str, domains: dict[str, str]
) -> None:
    with writing() as s:
        settings.update(s, {"from_": "hi@pending.example"}, "ann")
        senders.note_domains(s, key, domains)
    assert now() == Leaving()


@pytest.mark.usefixtures("live")
def test_a_key_that_cannot_be_read_any_more_holds_everything() -> None:
    with writing() as s:
        stored.store(s, {delivery.API_KEY: "sealed by another secret key"})
    assert now() == Leaving("stopped")
