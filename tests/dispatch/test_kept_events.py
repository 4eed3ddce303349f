"""What is told of a send before it is settled is applied once it is, by whatever way it was."""

from collections.abc import Callable
from datetime import timedelta

import orjson
import pytest

from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.models import Batch, Partner, ProviderEvent, Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.dispatch import catching_up
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.housekeeping import keep_house
from rxapp.dispatch.resend import ResendProvider
from rxapp.domain import sends
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.dispatch.test_dispatcher import make_everything_due_again
from tests.fakes.resend import FakeResend

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def send_id(dispatcher: Dispatcher, fake: FakeResend) -> int:
    """A send that the provider took without saying so."""
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, f.partners(s, 1), source=Source.API, actor="crm")
    fake.fail_next("drop")
    dispatcher.drain()
    assert send().status == "sending"
    return send().id


def send() -> Send:
    with reading() as s:
        found = f.rows(s, Send)[0]
        assert isinstance(found, Send)
        return found


def tell(kind: str, send_id: int | None, provider_id: str, *, permanent: bool = False) -> None:
    """An event comes, as the webhook takes it in."""
    event = ProviderEvent(
        event_id=f"{kind}-{provider_id}", provider_id=provider_id, kind=kind, at=utcnow(),
        send_id=send_id, permanent=permanent,
    )  # fmt: skip
    with writing() as s:
        sends.keep_event(s, event)
    with writing() as s:
        sends.apply_events(s, [provider_id])


def nobody_answers_for_a_day() -> None:
    make_everything_due_again()
    with writing() as s:
        f.rows(s, Batch)[0].first_post_at = utcnow() - timedelta(hours=24)


def another_key(fake: FakeResend) -> None:
    other = ResendProvider("re_other", fake.url)
    started = Dispatcher(other, "other")
    started.begin()
    started.close()
    other.close()


def no_answer(dispatcher: Dispatcher, fake: FakeResend) -> None:
    nobody_answers_for_a_day()
    dispatcher.drain()


def the_answer(dispatcher: Dispatcher, fake: FakeResend) -> None:
    make_everything_due_again()
    dispatcher.drain()


def another_worker(dispatcher: Dispatcher, fake: FakeResend) -> None:
    make_everything_due_again()
    provider = ResendProvider("re_test", fake.url)
    taking_over = Dispatcher(provider, "worker-2")
    taking_over.drain()
    taking_over.close()
    provider.close()


def another_account(dispatcher: Dispatcher, fake: FakeResend) -> None:
    another_key(fake)


def the_last_answer_before_a_stop(dispatcher: Dispatcher, fake: FakeResend) -> None:
    make_everything_due_again()
    dispatcher.step()
    dispatcher.close()


def a_known_key_for_another_body(dispatcher: Dispatcher, fake: FakeResend) -> None:
    make_everything_due_again()
    other = {"from": "a@b.test", "to": ["c@d.test"], "subject": "Other", "text": "Other"}
    with writing() as s:
        f.rows(s, Batch)[0].payload = batches.pack(orjson.dumps([other]))
    dispatcher.drain()


WAYS = [
    the_answer, no_answer, another_worker, another_account, the_last_answer_before_a_stop,
    a_known_key_for_another_body,
]  # fmt: skip


@pytest.mark.parametrize("settle", WAYS)
def test_a_kept_event_is_applied_however_its_send_is_settled(
    dispatcher: Dispatcher,
    fake: FakeResend,
    send_id: int,
    settle: Callable[[Dispatcher, FakeResend], None],
) -> None:
    (entry,) = fake.ledger()
    tell("delivered", send_id, entry.id)
    assert send().status == "sending"
    settle(dispatcher, fake)
    assert (send().status, send().reason, send().provider_id) == ("delivered", "", entry.id)
    assert len(fake.ledger()) == 1


def test_a_kept_event_of_a_refused_send_marks_the_address(
    dispatcher: Dispatcher, fake: FakeResend, send_id: int
) -> None:
    with writing() as s:
        row = f.rows(s, Send)[0]
        row.status, row.reason = SendStatus.FAILED, "refused"
    tell("complained", send_id, "re-1")
    with reading() as s:
        assert f.rows(s, Partner)[0].deliverability == "complained"
    assert send().status == "failed"


@pytest.mark.parametrize("kind", ["bounced", "complained"])
def test_an_address_that_is_no_good_is_known_before_the_send_is_settled(
    send_id: int, kind: str
) -> None:
    tell(kind, send_id, "re-1", permanent=True)
    assert send().status == "sending"
    with reading() as s:
        assert f.rows(s, Partner)[0].deliverability == kind


@pytest.mark.parametrize("again", ["start", "housekeeping"])
def test_what_a_worker_left_undone_when_it_died_is_found(
    dispatcher: Dispatcher, fake: FakeResend, send_id: int, again: str
) -> None:
    (entry,) = fake.ledger()
    tell("delivered", send_id, entry.id)
    with writing() as s:
        row = f.rows(s, Send)[0]
        row.status, row.provider_id = SendStatus.SENT, entry.id
        f.rows(s, Batch)[0].status = "done"
    if again == "start":
        dispatcher.begin()
    else:
        keep_house()
    assert send().status == "delivered"


def test_what_is_told_of_nobody_holds_nothing_up(dispatcher: Dispatcher, send_id: int) -> None:
    tell("delivered", None, "somebody-elses")
    tell("delivered", 999_999, "somebody-elses-too")
    catching_up.all_kept()
    with reading() as s:
        waits = [event.applied_at is None for event in f.rows(s, ProviderEvent)]
    # Of a number that no send has, none is still to come: it was erased.
    assert waits == [True, False]


def test_an_event_never_speaks_for_a_send_that_was_not_posted(dispatcher: Dispatcher) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, f.partners(s, 1), source=Source.API, actor="crm")
        queued = f.rows(s, Send)[0].id
    tell("complained", queued, "re-1")
    with reading() as s:
        assert f.rows(s, Partner)[0].deliverability == "ok"
    assert (send().status, send().provider_id) == ("queued", None)
