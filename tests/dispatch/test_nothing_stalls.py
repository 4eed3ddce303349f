"""One process that freezes, or a database that has its moments, holds nobody up for long."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlmodel import Session

from rxapp.config import get_settings
from rxapp.db import postgres, workers
from rxapp.db.engine import get_engine, reading, writing
from rxapp.db.models import JobKind, JobStatus, Send, SendStatus, Worker
from rxapp.db.postgres import IDLE_SECONDS, take_time
from rxapp.db.types import utcnow
from rxapp.dispatch.runner import Runner
from rxapp.domain import jobs
from tests import factory as f
from tests.dispatch.test_never_lost_never_doubled import WORKER, assert_history_agrees, queue
from tests.fakes.resend import FakeProcess
from tests.patience import PATIENCE, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("database", ["postgres"], indirect=True),
    pytest.mark.usefixtures("database"),
]
EMAILS = 4_000


@pytest.fixture(autouse=True)
def limited(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections as the app makes them: those of other tests have more time."""
    monkeypatch.setattr(postgres, "IDLE_SECONDS", IDLE_SECONDS)
    get_engine().dispose()
    yield
    get_engine().dispose()


def administer(statement: str) -> list[object]:
    """Ask PostgreSQL as the one who runs it."""
    with get_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        result = connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


@contextmanager
def worker(url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"RESEND_API_KEY": "re_test", "RESEND_API_URL": url}
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        assert process.wait(PATIENCE) == 0


def rests_in_a_transaction() -> bool:
    others = "state = 'idle in transaction' AND pid <> pg_backend_pid()"
    return bool(administer(f"SELECT pid FROM pg_stat_activity WHERE {others}"))


def freeze_within_a_transaction(process: subprocess.Popen[bytes]) -> None:
    while True:
        process.send_signal(signal.SIGSTOP)
        if rests_in_a_transaction():
            time.sleep(0.2)
            if rests_in_a_transaction():  # it was not just on its way
                return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.01)


def all_ok() -> list[bool]:
    with reading() as s:
        now = utcnow()
        return [
            workers.is_alive(one, now) and {*one.threads.values()} == {"ok"}
            for one in f.all_rows(s, Worker)
        ]


def test_a_worker_frozen_within_a_transaction_stops_nobody_and_goes_on_afterwards() -> None:
    queue(EMAILS)
    with FakeProcess(rate=0) as fake, worker(fake.url) as frozen:
        fake.wait("requests", 3)
        freeze_within_a_transaction(frozen)
        with worker(fake.url):
            fake.wait("accepted", EMAILS, PATIENCE)
            frozen.send_signal(signal.SIGCONT)
            until(lambda: all_ok() == [True, True])
            until(lambda: not unsettled())
        until(lambda: all_ok() == [True])
        assert_history_agrees(fake, EMAILS)


def unsettled() -> bool:
    with reading() as s:
        waiting = (SendStatus.QUEUED, SendStatus.SENDING)
        return any(send.status in waiting for send in f.rows(s, Send))


@pytest.fixture
def runner() -> Iterator[Runner]:
    running = Runner(get_settings())
    running.start()
    yield running
    running.stop()


def bulk(number: int) -> int:
    with writing() as s:
        vip = f.tag(s)
        people = f.partners(s, number)
        return jobs.start_bulk(s, JobKind.ASSIGN, vip, people, actor="a test").id


def job(job_id: int) -> tuple[str, int]:
    with reading() as s:
        found = jobs.find(s, job_id)
        return found.status, found.done


def test_bulk_goes_on_by_itself_after_the_database_was_read_only(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 10)
    until(lambda: all_ok() == [True])
    job_id = bulk(3_000)
    until(lambda: job(job_id)[1] > 0)
    administer("ALTER SYSTEM SET default_transaction_read_only = on")
    administer("SELECT pg_reload_conf()")
    try:
        until(lambda: {*runner.conditions().values()} == {"ok", "failing"})
        until(lambda: runner.conditions()["jobs"] == "failing")
        assert job(job_id)[0] == JobStatus.RUNNING
    finally:
        administer("ALTER SYSTEM RESET default_transaction_read_only")
        administer("SELECT pg_reload_conf()")
    until(lambda: job(job_id) == (JobStatus.DONE, 3_000))
    until(lambda: all_ok() == [True])


def test_bulk_goes_on_by_itself_after_the_database_let_go_of_every_connection(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 10)
    until(lambda: all_ok() == [True])
    job_id = bulk(2_000)
    for after in (1, 500, 1_000):
        until(lambda after=after: job(job_id)[1] >= after)  # type: ignore[misc]
        administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    until(lambda: job(job_id) == (JobStatus.DONE, 2_000))
    until(lambda: all_ok() == [True])
    # Said in a line: a database that restarts is no mistake of ours.
    assert [one.message for one in caplog.records if one.exc_info] == []


def limits(session: Session) -> list[object]:
    names = ("idle_in_transaction_session_timeout", "lock_timeout")
    return [session.connection().exec_driver_sql(f"SHOW {name}").scalar() for name in names]


def test_every_transaction_is_bounded_but_one_that_was_given_time() -> None:
    for _ in range(2):
        with writing() as s:
            assert limits(s) == ["5s", "30s"]
            take_time(s.connection())
            assert limits(s) == ["0", "0"]
    with reading() as s:
        assert limits(s) == ["5s", "30s"]
