"""Nothing waits longer than the provider or a person could have asked for.

A clock that was ahead and is right again, a pace that was a slip of the finger: neither stops
sending for long.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from rxapp.config import FASTEST, SLOWEST
from rxapp.db import clock, types
from rxapp.db import pace as pace_sql
from rxapp.db.engine import reading, writing
from rxapp.db.models import Batch, Job, JobKind, JobStatus, LoginAttempt, Pace, Send, Source
from rxapp.db.types import utcnow
from rxapp.dispatch import pace
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.jobs import JobRunner
from rxapp.dispatch.provider import RateLimit, RetryLater
from rxapp.dispatch.settle import LONGEST_ASKED_SECONDS, settle
from rxapp.domain import delivery, jobs
from rxapp.domain.tags import assign_tags
from rxapp.errors import InvalidInput
from tests import factory as f
from tests.fakes.resend import FakeResend

pytestmark = pytest.mark.usefixtures("database")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ahead() -> Iterator[Callable[[], None]]:
    """The machine's clock is an hour ahead, until the returned function is called."""

    class Ahead:
        @staticmethod
        def now(zone: tzinfo) -> datetime:
            return datetime.now(zone) + HOUR

    patch = pytest.MonkeyPatch()
    patch.setattr(types, "datetime", Ahead)
    yield patch.undo
    patch.undo()


def tag_one(name: str) -> None:
    with writing() as s:
        tag = f.tag(s, name)
        f.automation(s, tag, f.email(f.template(s, name)))
        assign_tags(s, tag, [f.partner(s, name)], source=Source.API, actor="a test")


def statuses() -> list[str]:
    with reading() as s:
        return [str(send.status) for send in f.rows(s, Send)]


def put_right() -> int:
    with writing() as s:
        return clock.put_right(s, utcnow())


def test_a_clock_ahead_for_one_email_and_right_again_stops_nothing(
    dispatcher: Dispatcher, ahead: Callable[[], None]
) -> None:
    tag_one("ada")
    dispatcher.drain()
    tag_one("bob")
    ahead()
    tag_one("cyd")
    assert put_right() == 2, "the pace, and the email that was decided in an hour"
    dispatcher.drain()
    assert statuses() == ["sent", "sent", "sent"]
    assert put_right() == 0


def test_a_batch_put_off_by_a_clock_that_was_ahead_goes_out_again(
    dispatcher: Dispatcher, fake: FakeResend, ahead: Callable[[], None]
) -> None:
    tag_one("ada")
    fake.fail_next("503")
    dispatcher.drain()
    ahead()
    assert statuses() == ["sending"]
    assert put_right() == 2
    dispatcher.drain()
    assert statuses() == ["sent"]
    with reading() as s:
        (batch,) = f.rows(s, Batch)
        assert batch.first_post_at is not None
        assert batch.first_post_at <= utcnow()


def test_a_refused_account_is_tried_again_though_the_clock_was_ahead(
    dispatcher: Dispatcher, fake: FakeResend, ahead: Callable[[], None]
) -> None:
    tag_one("ada")
    fake.fail_next("daily_quota")
    dispatcher.drain()
    ahead()
    put_right()
    dispatcher.drain()
    assert statuses() == ["sent"]


def test_bulk_work_of_a_clock_that_was_ahead_waits_its_own_time_only(
    ahead: Callable[[], None],
) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        people = f.partners(s, 3)
        job_id = jobs.start_bulk(s, JobKind.ASSIGN, vip, people, actor="a test", hold_seconds=30).id
        job = s.get_one(Job, job_id)
        job.status, job.worker, job.lease_until = JobStatus.RUNNING, "gone", utcnow() + MINUTE
        jobs.run_chunk(s, job)
        job.status = JobStatus.RUNNING
    ahead()
    put_right()
    with reading() as s:
        job = s.get_one(Job, job_id)
        assert job.hold_until is not None
        assert job.hold_until <= utcnow() + timedelta(seconds=30)
        assert {send.due_at for send in f.rows(s, Send)} == {job.hold_until}
    assert JobRunner("w").work_off_one()


def test_a_sign_in_that_failed_in_an_hour_makes_nobody_wait_for_it(
    ahead: Callable[[], None],
) -> None:
    with writing() as s:
        s.add(LoginAttempt(subject="ada", at=utcnow()))
    ahead()
    assert put_right() == 1
    with reading() as s:
        assert f.rows(s, LoginAttempt)[0].at <= utcnow()


def test_what_was_asked_for_by_a_right_clock_is_left_as_it_is(
    dispatcher: Dispatcher,
) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s), delay_seconds=86_400))
        assign_tags(s, vip, [f.partner(s)], source=Source.API, actor="a test")
        held = pace_sql.hold(s, "resend", 10, utcnow())
        pace.hold_back(held, utcnow(), 7_200)
    assert put_right() == 0
    assert dispatcher.step().posts == ()
    assert statuses() == ["queued"]


def test_a_provider_that_asks_to_wait_for_ever_is_asked_again_after_a_day(
    dispatcher: Dispatcher,
) -> None:
    tag_one("ada")
    (post,) = dispatcher.take_turn().posts
    for_ever = RetryLater("busy", after=float("9" * 400), throttled=True)
    with writing() as s:
        held = pace_sql.hold(s, "resend", 10, utcnow())
        settle(s, post, for_ever, held, faults=0, now=utcnow())
        assert held.next_at - utcnow() <= timedelta(seconds=LONGEST_ASKED_SECONDS)


@pytest.mark.parametrize("said", [1e-300, 0.001, 1e300])
def test_whoever_says_the_pace_it_has_bounds(said: float) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    row = Pace(provider="resend", rate=said, next_at=now)
    pace.take(row, now)
    assert row.next_at - now <= timedelta(seconds=10.2)
    pace.adjust(row, RateLimit(said))
    assert SLOWEST <= row.rate <= FASTEST


@pytest.mark.parametrize("typed", ["0.001", "1e-300", "0", "-1", "nan", "inf", "1e9", "many"])
def test_a_pace_nobody_means_is_refused_in_a_sentence(typed: str) -> None:
    with writing() as s, pytest.raises(InvalidInput, match=r"from 0\.1 to 1000"):
        delivery.set_rate(s, typed, "ann")


def test_a_corrected_pace_counts_at_once() -> None:
    now = utcnow()
    with writing() as s:
        row = pace_sql.hold(s, "resend", 10, now)
        row.ceiling = row.rate = 0.001  # as an earlier version took it
        row.next_at = now + timedelta(minutes=17)
    with writing() as s:
        delivery.set_rate(s, "10", "ann")
        row = pace_sql.hold(s, "resend", 10, now)
        assert pace.wait(row, utcnow()) <= timedelta()
