"""The status machine, and what a person can do to a send."""

import itertools
from datetime import timedelta

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Partner, ProviderEvent, Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.domain import partners, sends
from rxapp.domain.partners import PartnerInput
from rxapp.domain.reasons import REASONS, sentence
from rxapp.domain.tags import assign_tags
from rxapp.errors import Conflict, NotFound, WrongStatus
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")
KINDS = ("sent", "delayed", "delivered", "opened", "clicked", "bounced", "complained")


def sent(status: SendStatus = SendStatus.SENT, provider_id: str | None = "re-1") -> int:
    """A send that the provider has."""
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, [ada], source=Source.API, actor="a test")
        (send,) = f.rows(s, Send)
        send.status, send.provider_id = status, provider_id
        send.recipient = "ada@partners.test"
        return int(send.id)


def tell(kind: str, *, at: int = 0, permanent: bool = False, event_id: str = "") -> bool:
    """An event arrives, `at` seconds from now in the provider's time."""
    event = ProviderEvent(
        event_id=event_id or f"{kind}-{at}",
        provider_id="re-1",
        kind=kind,
        at=utcnow() + timedelta(seconds=at),
        permanent=permanent,
    )
    with writing() as s:
        new = sends.keep_event(s, event)
    with writing() as s:
        sends.apply_events(s, ["re-1"])
    return new


def only() -> Send:
    with reading() as s:
        row = f.rows(s, Send)[0]
        assert isinstance(row, Send)
        return row


def test_every_status_has_its_steps_and_nothing_that_left_waits_again() -> None:
    assert set(sends.STEPS) == set(SendStatus)
    back = {one for one, steps in sends.STEPS.items() if SendStatus.QUEUED in steps}
    # What it was skipped for can be undone; a refused account certainly sent nothing.
    assert back == {SendStatus.SKIPPED, SendStatus.SENDING}


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "opened"])))
def test_events_step_forward_whatever_order_they_come_in(order: tuple[str, ...]) -> None:
    sent()
    for kind in order:
        tell(kind, at=KINDS.index(kind))
    send = only()
    assert send.status == "delivered"
    assert send.delivered_at
    assert send.opened_at
    assert send.delivered_at <= send.opened_at


def test_an_event_told_twice_counts_once() -> None:
    sent()
    assert tell("delivered", event_id="msg-1")
    assert not tell("delivered", event_id="msg-1")


def test_an_event_that_overtakes_the_answer_is_kept_and_applied_later() -> None:
    send_id = sent(SendStatus.SENDING, provider_id=None)
    tell("delivered")
    assert only().status == "sending"
    with writing() as s:
        send = s.get(Send, send_id)
        assert send
        send.status, send.provider_id = SendStatus.SENT, "re-1"
    with writing() as s:
        assert sends.apply_events(s, ["re-1"]) == 1
    assert only().status == "delivered"


def test_an_unknown_send_is_recognized_by_the_number_its_email_carried() -> None:
    send_id = sent(SendStatus.UNKNOWN, provider_id=None)
    with writing() as s:
        event = ProviderEvent(
            event_id="m", provider_id="re-1", send_id=send_id, kind="delivered", at=utcnow()
        )
        sends.keep_event(s, event)
    with writing() as s:
        sends.apply_events(s, ["re-1"])
    assert (only().status, only().provider_id) == ("delivered", "re-1")


def test_a_permanent_bounce_stops_mail_to_the_address() -> None:
    sent()
    tell("bounced", permanent=True)
    assert only().status == "bounced"
    with reading() as s:
        assert f.rows(s, Partner)[0].deliverability == "bounced"


def test_a_passing_bounce_does_not_stop_mail_to_the_address() -> None:
    sent()
    tell("bounced")
    with reading() as s:
        assert f.rows(s, Partner)[0].deliverability == "ok"


def test_a_complaint_after_delivery_stops_mail_and_stays() -> None:
    sent()
    for kind in ("delivered", "complained", "delivered"):
        tell(kind, at=KINDS.index(kind))
    assert only().status == "complained"
    with reading() as s:
        assert f.rows(s, Partner)[0].deliverability == "complained"


def test_a_bounce_of_an_old_address_says_nothing_of_the_new_one() -> None:
    sent()
    with writing() as s:
        (ada,) = f.rows(s, Partner)
        partners.update(s, ada.id, PartnerInput(email="new@partners.test"), "ann")
    tell("bounced", permanent=True)
    with reading() as s:
        assert f.rows(s, Partner)[0].deliverability == "ok"


def test_a_waiting_send_can_be_canceled_and_a_sent_one_cannot() -> None:
    send_id = sent(SendStatus.QUEUED, provider_id=None)
    with writing() as s:
        assert sends.cancel(s, send_id, "a test").status == "canceled"
    with writing() as s, pytest.raises(WrongStatus):
        sends.cancel(s, send_id, "a test")


def test_send_again_is_a_new_send_that_names_the_old_one() -> None:
    send_id = sent(SendStatus.FAILED)
    with writing() as s:
        new = sends.send_again(s, send_id, "ana")
        assert (new.resend_of, new.actor, new.status) == (send_id, "ana", "queued")
    with writing() as s, pytest.raises(Conflict):
        sends.send_again(s, send_id, "ana")


@pytest.mark.parametrize("status", ["queued", "sending", "delayed"])
def test_what_is_still_on_its_way_is_not_sent_again(status: str) -> None:
    send_id = sent(SendStatus(status))
    with writing() as s, pytest.raises(WrongStatus):
        sends.send_again(s, send_id, "ana")


def test_a_send_that_does_not_exist_is_not_found() -> None:
    with writing() as s, pytest.raises(NotFound):
        sends.cancel(s, 999, "a test")


def test_every_reason_has_one_plain_sentence() -> None:
    for reason in REASONS:
        assert sentence(reason, "detail").endswith((".", "detail"))
    assert "first_name" in sentence("missing: first_name")
