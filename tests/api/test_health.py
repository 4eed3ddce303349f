"""What monitoring sees."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from rxapp.db import workers
from rxapp.db.engine import get_engine, writing
from rxapp.db.models import Source
from rxapp.db.types import utcnow
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.api.conftest import Client


def beat(seconds_ago: float = 0) -> None:
    with writing() as s:
        workers.beat(s, "w1", "sandbox", utcnow() - timedelta(seconds=seconds_ago))


def test_anybody_may_ask_whether_the_process_is_alive(anybody: Client) -> None:
    answer = anybody.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_is_a_database_of_this_version_with_a_worker(client: Client) -> None:
    beat()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "database": "ok", "migrations": "ok", "worker": "ok"},
    )


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
