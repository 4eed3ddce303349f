"""The program's settings: checked, kept, and holding or discarding mail."""

from datetime import timedelta

import pytest

from rxapp import config
from rxapp.db.engine import on_wake, reading, writing
from rxapp.db.models import AuditEntry, Send, Source
from rxapp.db.types import utcnow
from rxapp.domain import settings
from rxapp.domain.settings import Program
from rxapp.domain.tags import assign_tags
from rxapp.errors import InvalidInput
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


def program() -> Program:
    with reading() as s:
        return settings.program(s)


def update(**changes: object) -> Program:
    with writing() as s:
        return settings.update(s, changes, "ann")


def test_the_sender_is_the_environments_until_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RXAPP_FROM", "Env <env@acme.com>")
    config.get_settings.cache_clear()
    assert program().from_ == "Env <env@acme.com>"
    assert update(from_="Acme <hi@acme.com>").from_ == "Acme <hi@acme.com>"
    assert update(from_="").from_ == "Env <env@acme.com>"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hi@acme.com", "hi@acme.com"),
        (" Acme  Partners <hi@ACME.com> ", "Acme Partners <hi@acme.com>"),
        ("Acme, Inc. <hi@acme.com>", '"Acme, Inc." <hi@acme.com>'),
        ('"Acme, Inc." <hi@acme.com>', '"Acme, Inc." <hi@acme.com>'),
        ("Åsa\r\nBcc: x <hi@acme.com>", '"Åsa Bcc: x" <hi@acme.com>'),
    ],
)
def test_a_sender_is_an_address_with_an_optional_name(typed: str, kept: str) -> None:
    assert update(from_=typed).from_ == kept


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("from_", "Acme"),
        ("from_", "Acme <hi>"),
        ("from_", "Acme <hi@acme.com> <x@y.com>"),
        ("reply_to", "nobody"),
        ("name", " "),
        ("website", "acme.com"),
        ("website", "javascript:alert(1)"),
        ("logo_url", "https://"),
        ("color", "red"),
        ("undo_seconds", "soon"),
        ("undo_seconds", -1),
        ("undo_seconds", 601),
        ("undo_seconds", "9" * 5_000),
        ("undo_seconds", True),
        ("paused", True),
        ("nonsense", 1),
    ],
)
def test_what_cannot_be_is_refused_by_field(name: str, bad: object) -> None:
    before = program()
    with pytest.raises(InvalidInput) as refused:
        update(**{name: bad})
    assert refused.value.field == name
    assert program() == before


def test_only_what_is_given_changes_and_it_is_audited_once() -> None:
    changes = {"name": "Acme", "address": " 1 Main St \n\n Turin", "undo_seconds": "0"}
    after = update(**changes)
    assert (after.name, after.address, after.undo_seconds) == ("Acme", "1 Main St\nTurin", 0)
    assert after.color == Program().color
    update(**changes)
    with reading() as s:
        assert [entry.data for entry in f.rows(s, AuditEntry)] == [
            {"changed": ["address", "name", "undo_seconds"]}
        ]


def paused_with_one_held_and_one_for_next_week() -> None:
    with writing() as s:
        settings.pause(s, "ann")
        ada, vip = f.partner(s), f.tag(s)
        week = {"delay_seconds": 7 * 86400}
        f.automation(s, vip, f.email(f.template(s)), f.email(f.template(s, "Later"), **week))
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")
    assert program().paused


def statuses() -> list[tuple[str, str]]:
    with reading() as s:
        return [(send.status, send.reason) for send in f.rows(s, Send)]


def test_while_paused_emails_are_decided_and_held() -> None:
    paused_with_one_held_and_one_for_next_week()
    assert statuses() == [("queued", ""), ("queued", "")]
    with reading() as s:
        assert settings.held(s) == 1


def test_resuming_can_send_what_was_held() -> None:
    paused_with_one_held_and_one_for_next_week()
    woken: list[bool] = []
    stop = on_wake(lambda: woken.append(True))
    with writing() as s:
        assert settings.resume(s, "ann", "send") == 0
    stop()
    assert woken
    assert not program().paused
    assert statuses() == [("queued", ""), ("queued", "")]


def test_resuming_can_discard_what_was_held_and_nothing_else() -> None:
    paused_with_one_held_and_one_for_next_week()
    with writing() as s:
        assert settings.resume(s, "ann", "discard") == 1
    assert statuses() == [("canceled", "discarded"), ("queued", "")]
    with reading() as s:
        due = [send.due_at for send in f.rows(s, Send) if send.status == "queued"]
        assert due[0] > utcnow() + timedelta(days=6)


def test_pausing_twice_or_resuming_unpaused_does_nothing() -> None:
    with writing() as s:
        assert settings.resume(s, "ann", "discard") == 0
        settings.pause(s, "ann")
        settings.pause(s, "ann")
    with reading() as s:
        assert [entry.action for entry in f.rows(s, AuditEntry)] == ["paused"]
