"""Mail that is due and has not left for two minutes is said, with its reason, whatever it is."""

from datetime import timedelta

import pytest

from rxapp.db import batches, workers
from rxapp.db import pace as pace_sql
from rxapp.db.engine import reading, writing
from rxapp.db.models import Batch, BatchStatus, Send, Source, Worker
from rxapp.db.types import utcnow
from rxapp.dispatch import pace
from rxapp.dispatch.provider import Stop
from rxapp.domain import settings
from rxapp.domain.delivery import delivery
from rxapp.domain.overdue import overdue
from rxapp.domain.tags import assign_tags
from rxapp.state.notices import notices
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")
LATE = timedelta(minutes=3, seconds=5)


@pytest.fixture(autouse=True)
def due(database: str) -> None:
    """Three emails that are due for three minutes, and a worker that lives."""
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, f.partners(s, 3), source=Source.API, actor="a test")
        for send in f.rows(s, Send):
            send.due_at = utcnow() - LATE
        workers.beat(s, "w", "sandbox", utcnow(), {"dispatcher": "ok"})
        s.get_one(Worker, "w").started_at = utcnow() - LATE


def said() -> str:
    with reading() as s:
        late = overdue(s)
    return late.sentence(utcnow()) if late else ""


def banner() -> list[str]:
    with reading() as s:
        return [one.text for one in notices(s, settings.program(s), delivery(s))]


def batch(**values: object) -> None:
    with writing() as s:
        one = batches.new("k", b"[]", size=100, provider="sandbox", bulk=True, now=utcnow())
        for name, value in values.items():
            setattr(one, name, value)
        s.add(one)


BEGINS = "3 emails are due and have not left, the oldest for 3 minutes. "


def test_without_any_reason_that_is_what_it_says() -> None:
    assert said() == f"{BEGINS}Nothing is known that holds them. Settings, System shows more."
    assert banner() == [said()]


def test_what_waited_for_the_program_to_start_is_about_to_leave() -> None:
    with writing() as s:
        s.get_one(Worker, "w").started_at = utcnow() - timedelta(seconds=10)
    assert said() == f"{BEGINS}A worker has just started, so they are about to leave."


def test_two_minutes_are_no_time() -> None:
    with writing() as s:
        for send in f.rows(s, Send):
            send.due_at = utcnow() - timedelta(seconds=110)
    assert (said(), banner()) == ("", [])


def test_paused() -> None:
    with writing() as s:
        settings.pause(s, "ann")
    assert said() == f"{BEGINS}Sending is paused."
    assert len(banner()) == 1, "the banner of pausing says it already"


def test_no_worker() -> None:
    with writing() as s:
        workers.leave(s, "w")
    assert said() == f"{BEGINS}No worker is running."
    (told,) = banner()
    assert "the worker does not run" in told


def test_a_thread_that_does_not_work() -> None:
    with writing() as s:
        workers.beat(s, "w", "sandbox", utcnow(), {"dispatcher": "stuck"})
    assert said() == f"{BEGINS}The part of the app that sends is stuck."
    assert banner() == [said()]


def test_a_provider_that_refuses_us() -> None:
    with writing() as s:
        held = pace_sql.hold(s, "sandbox", 10, utcnow())
        pace.stop(held, Stop("key_refused", "API key is invalid."), utcnow())
    assert said() == f"{BEGINS}The email provider refuses to send: API key is invalid."


def test_a_provider_that_cannot_be_reached() -> None:
    """The emails of its requests count, however long they are under way."""
    batch(created_at=utcnow() - timedelta(minutes=9), last_problem="Resend cannot be reached.")
    assert said() == (
        "103 emails are due and have not left, the oldest for 9 minutes. "
        "Resend cannot be reached. They are tried again by themselves."
    )


def test_a_provider_that_asked_to_wait() -> None:
    with writing() as s:
        held = pace_sql.hold(s, "sandbox", 10, utcnow())
        pace.hold_back(held, utcnow(), 3_600)
    assert "The email provider asked to wait for another 59 minutes" in said()


def test_a_long_drain_is_no_alarm_but_told_as_it_is() -> None:
    with writing() as s:
        pace_sql.hold(s, "sandbox", 10, utcnow())
    batch(status=BatchStatus.DONE)
    assert said() == (
        f"{BEGINS}They are leaving, 100 in the last minute. "
        "The limit is 10 requests a second, each with up to 100 emails."
    )
    with reading() as s:
        assert f.rows(s, Batch)
