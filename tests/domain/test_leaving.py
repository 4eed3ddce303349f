"""What becomes of an email that is decided now: one place says it, for every page and answer."""

from datetime import timedelta

import pytest

from rxapp.db import pace, workers
from rxapp.db import settings as stored
from rxapp.db.engine import reading, writing
from rxapp.db.models import Worker
from rxapp.db.types import utcnow
from rxapp.domain import delivery, settings
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
def test_a_key_that_cannot_be_read_any_more_holds_everything() -> None:
    with writing() as s:
        stored.store(s, {delivery.API_KEY: "sealed by another secret key"})
    assert now() == Leaving("stopped")
