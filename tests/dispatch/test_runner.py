"""A worker follows the key in force, whichever process changed it, and mixes no two."""

import time

import pytest
from sqlmodel import select

from rxapp import config
from rxapp.config import get_settings
from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.models import Pace, Send, SendStatus, Source, Worker
from rxapp.dispatch.runner import Runner
from rxapp.domain import delivery
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.fakes.resend import FakeResend
from tests.patience import until


def tag_one_more() -> int:
    """The send of one more assignment."""
    with writing() as s:
        new = f"n{time.monotonic_ns()}"
        vip, ada = f.tag(s, new), f.partner(s, new)
        f.automation(s, vip, f.email(f.template(s, new)))
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")
        found: int = f.rows(s, Send)[-1].id
        return found


def left_by(send_id: int) -> str:
    """The provider a send left by; empty while it has not."""
    with reading() as s:
        send = s.get(Send, send_id)
        assert send is not None
        left = send.status in (SendStatus.SENT, SendStatus.CAPTURED)
        if not left or send.batch_id is None:
            return ""
        return batches.provider(s, send.batch_id)


@pytest.fixture
def runner(database: str, fake: FakeResend, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("RESEND_API_URL", fake.url)
    config.get_settings.cache_clear()
    return Runner(get_settings())


def test_a_new_key_takes_effect_without_a_restart_and_so_does_removing_it(
    runner: Runner, fake: FakeResend
) -> None:
    runner.start()
    try:
        first = tag_one_more()
        until(lambda: left_by(first) == "sandbox")
        with writing() as s:
            delivery.use_key(s, "re_live", "ann", "send")
        second = tag_one_more()
        until(lambda: left_by(second) == "resend")
        assert len(fake.ledger()) == 1
        with writing() as s:
            delivery.forget_key(s, "ann", "keep")
        third = tag_one_more()
        until(lambda: left_by(third) == "sandbox")
        assert len(fake.ledger()) == 1
    finally:
        runner.stop()
    with reading() as s:
        assert s.exec(select(Worker)).all() == []


def test_a_key_that_cannot_be_read_any_more_holds_emails_instead_of_capturing_them(
    runner: Runner, fake: FakeResend, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing() as s:
        delivery.use_key(s, "re_live", "ann", "send")
    monkeypatch.setenv("RXAPP_SECRET_KEY", "another key")
    config.get_settings.cache_clear()
    send_id = tag_one_more()
    runner.start()
    try:

        def refused() -> bool:
            with reading() as s:
                return any("RXAPP_SECRET_KEY" in row.stop_message for row in s.exec(select(Pace)))

        until(refused)
        assert left_by(send_id) == ""
        assert not fake.ledger()
        with writing() as s:
            delivery.use_key(s, "re_live", "ann", "send")
        until(lambda: left_by(send_id) == "resend")
    finally:
        runner.stop()
