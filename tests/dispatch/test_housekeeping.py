"""What old emails said is forgotten where the program asks for it, and nothing under way."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from rxapp.db import batches, forgetting, sends
from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    AccountLink,
    Batch,
    BatchStatus,
    IdempotencyKey,
    Job,
    JobItem,
    JobKind,
    JobStatus,
    ProviderEvent,
    Send,
    SendStatus,
    Source,
)
from rxapp.db.types import utcnow
from rxapp.dispatch import housekeeping
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.domain import jobs, settings
from rxapp.domain.sends import email_as_sent
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.fakes.resend import FakeResend

DAYS_90 = timedelta(days=90)


def send_to(name: str, dispatcher: Dispatcher, days_ago: int) -> int:
    """A send to this partner, which left so many days ago."""
    with writing() as s:
        tag = f.tag(s, name)
        f.automation(s, tag, f.email(f.template(s, name)))
        assign_tags(s, tag, [f.partner(s, name)], source=Source.API, actor="ann")
    dispatcher.drain()
    with writing() as s:
        send = f.rows(s, Send)[-1]
        then = utcnow() - timedelta(days=days_ago)
        change = update(Batch).where(col(Batch.id) == send.batch_id).values(created_at=then)
        s.connection().execute(change)
        found: int = send.id
        return found


def keep(days: int) -> None:
    with writing() as s:
        settings.update(s, {"keep_days": days}, "ann")


def says_something(send_id: int) -> bool:
    with reading() as s:
        return email_as_sent(s, send_id) is not None


def test_only_what_is_older_is_forgotten_and_only_once(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "CHUNK", 1)
    old = [send_to(name, dispatcher, 100) for name in ("ada", "bob")]
    new = send_to("cyd", dispatcher, 10)
    assert housekeeping.forget_old() == 0
    assert says_something(old[0])
    with reading() as s:
        assert batches.count_forgettable(s, utcnow() - DAYS_90) == 2
    keep(90)
    assert housekeeping.forget_old() == 2
    assert [says_something(one) for one in (*old, new)] == [False, False, True]
    assert housekeeping.forget_old() == 0
    with reading() as s:
        assert batches.count_forgettable(s, utcnow() - DAYS_90) == 0
        # That it was sent, and to whom, is kept.
        send = s.get(Send, old[0])
        assert send is not None
        assert (send.status, send.recipient) == (SendStatus.SENT, "ada@partners.test")


def test_what_is_still_under_way_is_never_forgotten(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    keep(30)
    open_batch = send_to("ada", dispatcher, 100)
    fake.fail_next("drop")
    sending = send_to("bob", dispatcher, 100)
    with writing() as s:
        first, second = s.get(Send, open_batch), s.get(Send, sending)
        assert first is not None
        assert second is not None
        assert second.status == SendStatus.SENDING
        for batch_id, status in ((first.batch_id, "open"), (second.batch_id, "done")):
            change = update(Batch).where(col(Batch.id) == batch_id).values(status=status)
            s.connection().execute(change)
    assert housekeeping.forget_old() == 0
    with writing() as s:
        # So that the dispatcher does not post it once more.
        s.connection().execute(update(Batch).values(status="done"))


# how work was done


def event(days_ago: int, *, applied: bool = True, number: int = 0) -> ProviderEvent:
    then = utcnow() - timedelta(days=days_ago)
    return ProviderEvent(
        event_id=f"e-{days_ago}-{number}",
        provider_id=f"re-{days_ago}-{number}",
        kind="delivered",
        at=then,
        received_at=then,
        applied_at=then if applied else None,
    )


def job(days_ago: int, status: JobStatus = JobStatus.DONE) -> None:
    """A job about two partners, which ended (or began) so many days ago."""
    with writing() as s:
        people = [f.partner(s, f"p{days_ago}{status}{i}") for i in range(2)]
        tag = f.tag(s, f"tag {days_ago} {status}")
        made = jobs.start_bulk(s, JobKind.ASSIGN, tag, people, actor="ann")
        made.status, made.created_at = status, utcnow() - timedelta(days=days_ago)
        made.finished_at = made.created_at if status == JobStatus.DONE else None


def ages(model: type[Any], of: Callable[[Any], datetime]) -> list[int]:
    with reading() as s:
        return sorted(round((utcnow() - of(row)) / timedelta(days=1)) for row in rows_of(s, model))


def rows_of(session: Session, model: type[Any]) -> Sequence[Any]:
    return session.exec(select(model)).all()


def remember(days: int) -> None:
    with writing() as s:
        settings.update(s, {"keep_traces": days}, "ann")


@pytest.mark.usefixtures("database")
def test_lists_of_finished_work_are_forgotten_and_those_of_running_work_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(housekeeping, "TRACES_CHUNK", 1)
    for days, status in ((100, JobStatus.DONE), (100, JobStatus.RUNNING), (10, JobStatus.DONE)):
        job(days, status)
    with reading() as s:
        assert forgetting.count(s, utcnow() - DAYS_90) == (2, 0)
    assert housekeeping.forget_traces() == 2
    with reading() as s:
        assert [item.job_id for item in rows_of(s, JobItem)] == [2, 2, 3, 3]
        assert len(f.rows(s, Job)) == 3


@pytest.mark.usefixtures("database")
def test_a_list_is_kept_while_an_email_sent_again_by_it_waits(dispatcher: Dispatcher) -> None:
    first = send_to("ada", dispatcher, 0)
    with writing() as s:
        repeated = select(col(Send.id)).where(col(Send.id) == first)
        assert sends.repeat(s, repeated, actor="ann", now=utcnow(), bulk=True) == 1
    job(100)
    with writing() as s:
        s.add(JobItem(job_id=1, position=3, send_id=first))
    housekeeping.forget_traces()
    with reading() as s:
        assert [item.send_id for item in rows_of(s, JobItem)] == [first]


@pytest.mark.usefixtures("database")
def test_events_are_forgotten_unless_an_answer_may_still_need_them() -> None:
    with writing() as s:
        s.add_all([event(100), event(100, applied=False, number=1), event(10), event(0)])
        waits = batches.new("k", b"[{}]", size=1, provider="resend", bulk=False, now=utcnow())
        s.add(waits)
    housekeeping.forget_traces()
    assert ages(ProviderEvent, lambda row: row.received_at) == [0, 10, 100]
    with writing() as s:
        f.rows(s, Batch)[0].status = BatchStatus.DONE
    housekeeping.forget_traces()
    assert ages(ProviderEvent, lambda row: row.received_at) == [0, 10]


@pytest.mark.usefixtures("database")
def test_the_last_event_stays_because_a_page_tells_of_it() -> None:
    with writing() as s:
        s.add(event(400))
    housekeeping.forget_traces()
    assert ages(ProviderEvent, lambda row: row.received_at) == [400]


@pytest.mark.usefixtures("database")
def test_answers_to_writes_are_kept_for_a_day_and_links_as_long_as_is_set() -> None:
    with writing() as s:
        for hours in (1, 23, 25, 1000):
            then = utcnow() - timedelta(hours=hours)
            s.add(IdempotencyKey(owner="k", key=str(hours), request_hash="h", created_at=then))
        for days in (10, 100):
            then = utcnow() - timedelta(days=days)
            s.add(AccountLink(token_hash=str(days), actor="ann", expires_at=then))
    housekeeping.forget_traces()
    with reading() as s:
        assert sorted(row.key for row in rows_of(s, IdempotencyKey)) == ["1", "23"]
        assert [row.token_hash for row in f.rows(s, AccountLink)] == ["10"]


@pytest.mark.usefixtures("database")
def test_for_ever_forgets_no_list_and_no_event() -> None:
    remember(0)
    job(4000)
    with writing() as s:
        s.add_all([event(4000), event(1)])
    assert housekeeping.forget_traces() == 0
