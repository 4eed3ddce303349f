"""Backups of an app that sends and is written to: each restores whole, and doubles nothing.

The fake provider's ledger is the truth: it holds what would have reached inboxes.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from rxapp.config import get_settings
from rxapp.db import snapshot
from rxapp.db.engine import reading, writing
from rxapp.db.models import Assignment, Partner, Send, SendStatus, Source
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.resend import ResendProvider
from rxapp.domain import restored, settings
from rxapp.domain.tags import assign_tags
from rxapp.installation import prepare
from tests import factory as f
from tests.fakes.resend import FakeProcess
from tests.installations import at, rxapp

pytestmark = pytest.mark.slow
BACKUPS = 20
WRITES_EACH = 25
EMAILS_EACH = 110  # more than one request, so that some are under way and some wait
WORKER = (
    "from rxapp.config import get_settings; from rxapp.dispatch.runner import run_until_stopped;"
    "run_until_stopped(get_settings())"
)


def make_program() -> tuple[int, int]:
    """A tag that sends an email, and one that does not."""
    with writing() as s:
        vip, silver = f.tag(s), f.tag(s, "silver")
        f.automation(s, vip, f.email(f.template(s)))
        return vip, silver


def queue(vip: int, series: int) -> None:
    with writing() as s:
        people = [f.partner(s, f"e{series}-{number}") for number in range(EMAILS_EACH)]
        assign_tags(s, vip, people, source=Source.API, actor="a test", bulk=True)


def write(silver: int, series: int) -> None:
    """Each transaction adds a partner with the tag: neither is ever there without the other."""
    for number in range(WRITES_EACH):
        with writing() as s:
            new = f.partner(s, f"w{series}-{number}")
            assign_tags(s, silver, [new], source=Source.API, actor="a test")


def take(file: Path, silver: int, series: int) -> None:
    """A backup, while others write."""
    writer = threading.Thread(target=write, args=(silver, series))
    writer.start()
    rxapp("backup", file, "--with-secret")
    writer.join()


def assert_whole(vip: int) -> None:
    assert snapshot.is_whole(get_settings().database)
    with reading() as s:
        run = s.connection().scalar
        partners = run(select(func.count()).select_from(Partner))
        assigned = run(select(func.count()).select_from(Assignment))
        sends = run(select(func.count()).select_from(Send))
        to_send = run(select(func.count()).where(col(Assignment.tag_id) == vip))
        sending = run(select(func.count()).where(col(Send.status) == SendStatus.SENDING))
        assert partners == assigned
        assert sends == to_send
        assert sending == 0
        assert restored.question(s) is not None


def drain(fake: FakeProcess) -> None:
    dispatcher = Dispatcher(ResendProvider("re_test", fake.url), "a-test")
    dispatcher.drain()
    dispatcher.close()
    dispatcher.provider.close()


def in_ledger(fake: FakeProcess) -> set[int]:
    return {int(entry.tags["send"]) for entry in fake.ledger()}


def answer(held: settings.Held) -> None:
    with writing() as s:
        settings.resume(s, "ann", held)


def test_every_backup_taken_under_load_restores_whole_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "RXAPP_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    files = [tmp_path / f"{number}.backup" for number in range(BACKUPS)]
    with FakeProcess(rate=5, latency=0.05) as fake:
        with at(tmp_path / "old", monkeypatch):
            prepare()
            vip, silver = make_program()
            environment = os.environ | {"RESEND_API_KEY": "re_test", "RESEND_API_URL": fake.url}
            worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environment)
            try:
                for number, file in enumerate(files[:-1]):
                    seen = fake.stats()["requests"]
                    queue(vip, number)
                    fake.wait("requests", seen + 1)
                    take(file, silver, number)
            finally:
                worker.kill()
                worker.wait()
            # Nothing leaves any more: what the last one calls waiting really is.
            queue(vip, BACKUPS)
            take(files[-1], silver, BACKUPS)
        sent, before = fake.counts("send"), in_ledger(fake)
        for file in files:
            with at(tmp_path / file.stem, monkeypatch):
                rxapp("restore", file)
                assert_whole(vip)
                drain(fake)
                assert fake.counts("send") == sent, "sent without a person's word"
                if file == files[-1]:
                    with reading() as s:
                        waits = {one.id for one in f.rows(s, Send) if one.status == "queued"}
                    assert len(waits) >= EMAILS_EACH
                    answer("send")
                    drain(fake)
                    assert in_ledger(fake) - before == waits
                else:
                    answer("discard")
                    drain(fake)
                    assert fake.counts("send") == sent, "sent though it was discarded"
        assert set(fake.counts("send").values()) == {1}, "doubled"
