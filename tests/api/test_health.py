"""What monitoring sees."""

import sqlite3
import time
from datetime import timedelta

import pytest
from httpx import Response
from sqlalchemy import text

from rxapp.api import health
from rxapp.db import workers
from rxapp.db.engine import get_engine, sqlite_file, writing
from rxapp.db.models import Send, Source
from rxapp.db.types import utcnow
from rxapp.domain import disk, settings
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.api.conftest import Client


def beat(seconds_ago: float = 0, worker: str = "w1", **threads: str) -> None:
    with writing() as s:
        workers.beat(s, worker, "sandbox", utcnow() - timedelta(seconds=seconds_ago), threads)


def test_anybody_may_ask_whether_the_process_is_alive(anybody: Client) -> None:
    answer = anybody.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_is_a_database_of_this_version_with_a_worker(client: Client) -> None:
    beat(dispatcher="ok", jobs="ok")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "status": "ready",
            "database": "ok",
            "writable": "ok",
            "migrations": "ok",
            "disk": "ok",
            "worker": "ok",
            "threads": {"dispatcher": "ok", "jobs": "ok"},
            "overdue": None,
        },
    )


@pytest.mark.parametrize("condition", ["failing", "stuck", "dead"])
def test_a_thread_that_does_not_work_is_named(client: Client, condition: str) -> None:
    beat(dispatcher="ok", jobs=condition)
    beat(dispatcher="ok", jobs="ok", worker="w2")
    beat(60, dispatcher="dead", worker="gone")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["threads"] == {"dispatcher": "ok", "jobs": condition}
    said = client.get("/metrics").text
    assert 'rxapp_thread_ok{thread="jobs"} 0.0' in said
    assert 'rxapp_thread_ok{thread="dispatcher"} 1.0' in said


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_that_another_process_holds_is_not_ready(
    client: Client, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.05)
    beat()
    other = sqlite3.connect(sqlite_file(database) or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = client.get("/readyz")
    finally:
        other.close()
    assert (answer.status_code, answer.json()["writable"]) == (503, "failed")
    assert answer.json()["database"] == "ok"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_database_that_is_read_only_is_not_ready(client: Client) -> None:
    beat()
    administer = get_engine().connect().execution_options(isolation_level="AUTOCOMMIT")
    with administer as connection:
        connection.execute(text("ALTER SYSTEM SET default_transaction_read_only = on"))
        connection.execute(text("SELECT pg_reload_conf()"))
        try:
            answer = until_writable(client, "failed")
        finally:
            connection.execute(text("ALTER SYSTEM RESET default_transaction_read_only"))
            connection.execute(text("SELECT pg_reload_conf()"))
    assert (answer.status_code, answer.json()["database"]) == (503, "ok")
    assert until_writable(client, "ok").status_code == 200


def until_writable(client: Client, result: str) -> Response:
    """The answer once PostgreSQL has read its settings anew."""
    deadline = time.monotonic() + 60
    while (answer := client.get("/readyz")).json()["writable"] != result:
        assert time.monotonic() < deadline
    return answer


def test_a_full_disk_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    beat()
    monkeypatch.setattr(disk, "LEAST_BYTES", disk.free() * 2)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["disk"]) == (503, "failed")


def test_mail_that_is_overdue_is_said_with_its_reason(client: Client) -> None:
    beat(dispatcher="ok")
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, [f.partner(s)], source=Source.API, actor="a test")
        settings.pause(s, "ann")
        f.rows(s, Send)[0].due_at = utcnow() - timedelta(minutes=5, seconds=1)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["overdue"] == (
        "One email has been due for 5 minutes and has not left. Sending is paused."
    )
    assert "rxapp_overdue 1.0" in client.get("/metrics").text


@pytest.mark.parametrize("seconds_ago", [None, 120])
def test_without_a_living_worker_it_is_not_ready(client: Client, seconds_ago: float | None) -> None:
    if seconds_ago:
        beat(seconds_ago)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["worker"]) == (503, "failed")


def test_an_older_database_is_not_ready(client: Client, database: str) -> None:
    beat()
    engine = get_engine(database)
    with engine.begin() as connection:
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    try:
        answer = client.get("/readyz")
    finally:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": head})
    assert (answer.status_code, answer.json()["migrations"]) == (503, "failed")
    assert answer.json()["database"] == "ok"


def test_metrics_count_sends_and_tell_how_long_the_oldest_waits(client: Client) -> None:
    beat(5)
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        ada, bob = f.partner(s), f.partner(s, "bob", email=None)
        assign_tags(s, vip, [ada, bob], source=Source.API, actor="a test")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    values = dict(
        line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")
    )
    assert values['rxapp_sends{status="queued"}'] == "1.0"
    assert values['rxapp_sends{status="skipped"}'] == "1.0"
    assert values["rxapp_queue_due"] == "1.0"
    assert 0 <= float(values["rxapp_queue_age_seconds"]) < 60
    assert values["rxapp_workers"] == "1.0"
    assert 5 <= float(values["rxapp_worker_silence_seconds"]) < 60
    assert values["rxapp_batches_open"] == "0.0"
