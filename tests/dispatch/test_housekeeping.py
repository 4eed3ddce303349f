"""What old emails said is forgotten where the program asks for it, and nothing under way."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.models import Batch, Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.dispatch import housekeeping
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.domain import settings
from rxapp.domain.sends import email_as_sent
from rxapp.domain.tags import assign_tags
from tests import factory as f

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


def test_what_is_still_under_way_is_never_forgotten(dispatcher: Dispatcher) -> None:
    keep(30)
    open_batch, sending = send_to("ada", dispatcher, 100), send_to("bob", dispatcher, 100)
    with writing() as s:
        first, second = s.get(Send, open_batch), s.get(Send, sending)
        assert first is not None
        assert second is not None
        s.connection().execute(
            update(Batch).where(col(Batch.id) == first.batch_id).values(status="open")
        )
        second.status = SendStatus.SENDING
        s.add(second)
    assert housekeeping.forget_old() == 0
    with writing() as s:
        # So that the dispatcher does not post it once more.
        s.connection().execute(update(Batch).values(status="done"))
