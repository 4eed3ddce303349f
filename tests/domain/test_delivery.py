"""The provider's key and the webhook's secret: sealed, never lost sight of, and safe to change."""

from datetime import timedelta

import pytest
from sqlmodel import select

from rxapp import config
from rxapp.db import pace
from rxapp.db.engine import reading, writing
from rxapp.db.models import AuditEntry, Pace, Send, Setting, Source
from rxapp.db.types import utcnow
from rxapp.domain import delivery
from rxapp.domain.delivery import Delivery, Waiting
from rxapp.domain.tags import assign_tags
from rxapp.errors import InvalidInput
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")

KEY = "re_abc123_SECRETPART"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def now() -> Delivery:
    with reading() as s:
        return delivery.delivery(s)


def environment(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    config.get_settings.cache_clear()


def one_waits_and_one_is_for_next_week() -> None:
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        week = {"delay_seconds": 7 * 86400}
        f.automation(s, vip, f.email(f.template(s)), f.email(f.template(s, "Later"), **week))
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")


def statuses() -> list[tuple[str, str]]:
    with reading() as s:
        return [(send.status, send.reason) for send in f.rows(s, Send)]


def test_without_a_key_it_is_the_sandbox() -> None:
    assert (now().live, now().provider, now().key.source) == (False, "sandbox", "")


def test_the_environments_key_holds_until_one_is_set_in_the_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment(monkeypatch, "RESEND_API_KEY", "re_environment")
    assert (now().key.source, now().key.value) == ("environment", "re_environment")
    with writing() as s:
        delivery.use_key(s, KEY, "ann", "send")
    assert (now().key.source, now().key.value, now().key.ending) == ("app", KEY, "PART")
    with writing() as s:
        delivery.forget_key(s, "ann", "keep")
    assert now().key.value == "re_environment"


def test_a_secret_is_nowhere_to_be_read_in_the_database() -> None:
    with writing() as s:
        delivery.use_key(s, KEY, "ann", "send")
        delivery.use_webhook_secret(s, SIGNING, "ann")
    with reading() as s:
        kept = repr([row.model_dump() for row in s.exec(select(Setting))])
        logged = repr([row.model_dump() for row in s.exec(select(AuditEntry))])
    assert "SECRETPART" not in kept + logged
    assert SIGNING[6:] not in kept + logged
    assert "SECRETPART" not in repr(now())


def test_with_another_secret_key_the_key_is_lost_and_it_is_no_sandbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with writing() as s:
        delivery.use_key(s, KEY, "ann", "send")
    environment(monkeypatch, "RXAPP_SECRET_KEY", "another key")
    assert now().key.is_lost
    assert now().provider == "resend"
    with writing() as s:
        delivery.use_key(s, KEY, "ann", "send")
    assert now().key.value == KEY


@pytest.mark.parametrize("typed", ["", "sk_123", "re_", "re_a b", SIGNING, "re_" + "x" * 300])
def test_what_cannot_be_a_key_is_refused(typed: str) -> None:
    with writing() as s, pytest.raises(InvalidInput) as refused:
        delivery.use_key(s, typed, "ann", "send")
    assert refused.value.field == "key"
    assert not now().live


@pytest.mark.parametrize("typed", ["", "re_123", "whsec_", "whsec_ä", "whsec_c2hvcnQ="])
def test_what_cannot_be_a_signing_secret_is_refused(typed: str) -> None:
    with writing() as s, pytest.raises(InvalidInput) as refused:
        delivery.use_webhook_secret(s, typed, "ann")
    assert refused.value.field == "secret"


def test_going_live_can_send_what_waits() -> None:
    one_waits_and_one_is_for_next_week()
    with writing() as s:
        assert delivery.waiting(s) == Waiting(due=1, later=1)
        assert delivery.use_key(s, KEY, "ann", "send") == 0
    assert statuses() == [("queued", ""), ("queued", "")]


def test_going_live_can_discard_all_that_waits_also_what_is_for_later() -> None:
    one_waits_and_one_is_for_next_week()
    with writing() as s:
        assert delivery.use_key(s, KEY, "ann", "discard") == 2
    assert statuses() == [("canceled", "not_meant")] * 2


def test_a_new_key_is_tried_at_once_though_the_old_one_was_refused() -> None:
    with writing() as s:
        row = pace.hold(s, "resend", 10.0, utcnow())
        row.stop_code = "key_refused"
        row.stopped_at = row.next_at = utcnow() + timedelta(minutes=5)
    with writing() as s:
        delivery.use_key(s, KEY, "ann", "send")
    with reading() as s:
        held = pace.find(s, "resend")
    assert held is not None
    assert (held.stop_code, held.stopped_at) == ("", None)
    assert held.next_at <= utcnow()


def test_the_pace_can_be_limited_and_freed() -> None:
    with writing() as s:
        assert delivery.set_rate(s, " 2.5 ", "ann") == 2.5
    with reading() as s:
        held = s.exec(select(Pace)).one()
        assert (held.ceiling, held.rate) == (2.5, 2.5)
    with writing() as s:
        assert delivery.set_rate(s, "", "ann") is None
    with reading() as s:
        held = s.exec(select(Pace)).one()
        assert (held.ceiling, held.rate) == (None, pace.USUAL)


@pytest.mark.parametrize("typed", ["0", "-1", "fast", "nan", "inf", "1001"])
def test_what_is_no_pace_is_refused(typed: str) -> None:
    with writing() as s, pytest.raises(InvalidInput, match="requests a second"):
        delivery.set_rate(s, typed, "ann")
