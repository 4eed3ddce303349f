"""The promise itself, under the worst: killed workers, and a provider that fails in every way.

The fake provider's ledger is the truth: it holds what would have reached inboxes.
"""

import os
import random
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from rxapp.db.engine import get_engine, reading, writing
from rxapp.db.models import Batch, BatchStatus, Pace, Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.dispatch import dispatcher as dispatching
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.fakes.resend import FakeProcess, FakeResend
from tests.patience import PATIENCE, until

pytestmark = pytest.mark.slow
KILLS = 20
EMAILS = 2_000
WORKER = (
    "from rxapp.config import get_settings; from rxapp.dispatch.runner import run_until_stopped;"
    "run_until_stopped(get_settings())"
)


def queue(number: int) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        people = f.partners(s, number)
        assign_tags(s, vip, people, source=Source.API, actor="a test", bulk=True)


def let_leases_run_out() -> None:
    """Time passes: nobody holds a batch any more, and what was put off is due."""
    past = utcnow() - timedelta(seconds=1)
    with writing() as s:
        s.connection().execute(
            update(Batch)
            .where(Batch.status == BatchStatus.OPEN)  # type: ignore[arg-type]
            .values(lease_until=past, next_post_at=past)
        )
        s.connection().execute(update(Pace).values(next_at=past))


def unsettled() -> int:
    with reading() as s:
        waiting = col(Send.status).in_([SendStatus.QUEUED, SendStatus.SENDING])
        return s.connection().scalar(select(func.count()).where(waiting)) or 0


def assert_history_agrees(fake: FakeResend | FakeProcess, number: int) -> None:
    """0 lost, 0 doubled, and every send of the history is the one in the ledger."""
    accepted = {entry.id: int(entry.tags["send"]) for entry in fake.ledger()}
    counts = fake.counts("send")
    assert len(counts) == number, "lost"
    assert set(counts.values()) == {1}, "doubled"
    with reading() as s:
        history = {send.provider_id: send.id for send in f.rows(s, Send)}
        assert {send.status for send in f.rows(s, Send)} == {"sent"}
    assert history == accepted


def test_killing_the_worker_at_random_moments_loses_and_doubles_nothing(database: str) -> None:
    queue(EMAILS)
    get_engine(database).dispose()
    chance = random.Random(7)
    with FakeProcess(rate=20, latency=0.05) as fake:
        environment = os.environ | {"RESEND_API_KEY": "re_test", "RESEND_API_URL": fake.url}
        for _ in range(KILLS):
            seen = fake.stats()["requests"]
            worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environment)
            try:
                if unsettled():
                    fake.wait("requests", seen + 1)
                time.sleep(chance.uniform(0, 0.15))  # the random moment is the point of it
            finally:
                worker.kill()
                worker.wait()
            let_leases_run_out()
        last = subprocess.Popen([sys.executable, "-c", WORKER], env=environment)
        try:
            fake.wait("accepted", EMAILS)
        finally:
            last.terminate()
            assert last.wait(PATIENCE) == 0
        assert_history_agrees(fake, EMAILS)


def test_what_a_killed_worker_had_under_way_is_taken_over_by_the_next_one(database: str) -> None:
    """No clock is moved: the dead worker's leases end 20 seconds after its last sign of life."""
    queue(600)
    get_engine(database).dispose()
    with FakeProcess(rate=20, latency=1.0) as fake:
        environment = os.environ | {"RESEND_API_KEY": "re_test", "RESEND_API_URL": fake.url}
        worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environment)
        try:
            fake.wait("requests", 2)
        finally:
            worker.kill()
            worker.wait()
        assert unsettled()
        last = subprocess.Popen([sys.executable, "-c", WORKER], env=environment)
        try:
            until(lambda: not unsettled())
        finally:
            last.terminate()
            assert last.wait(PATIENCE) == 0
        assert_history_agrees(fake, 600)


def test_a_provider_that_fails_in_every_way_loses_and_doubles_nothing(
    dispatcher: Dispatcher, fake: FakeResend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "BATCH_SIZE", 10)
    queue(600)
    before = ("500", "503", "502", "429", "reset")
    after = ("drop", "accept_500", "accept_502", "truncate", "garbage", "short")
    fake.fail_sometimes(dict.fromkeys((*before, *after), 0.04), seed=7)
    while unsettled():
        dispatcher.drain()
        let_leases_run_out()
    assert_history_agrees(fake, 600)
    assert len(fake.requests()) > 80, "the faults did not happen"
