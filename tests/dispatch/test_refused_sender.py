"""A sender the provider does not take stops sending: no email is burnt, and none is lost."""

import pytest
from resend.exceptions import ResendError

from rxapp.db.engine import reading, writing
from rxapp.db.models import Batch, Consent, Pace, Partner, Send, Source
from rxapp.db.types import utcnow
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.provider import Rejected, Stop
from rxapp.dispatch.resend import read_error
from rxapp.domain import settings, trials
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.fakes.resend import FakeResend

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(params=["403", "422", "each"])
def refusal(request: pytest.FixtureRequest, fake: FakeResend) -> str:
    """The provider checks the sender's domain, and says so in one of the ways it has."""
    fake.configure(verify_domains=True, sender_refusal=request.param)
    return str(request.param)


def eight_emails(sender: str, domain: str = "partners.test") -> None:
    with writing() as s:
        settings.update(s, {"from_": sender}, "ann")
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        people = [f.partner(s, f"p{i}", email=f"p{i}@{domain}") for i in range(8)]
        assign_tags(s, vip, people, source=Source.API, actor="crm")


def outcome() -> list[tuple[str, str]]:
    with reading() as s:
        return sorted({(send.status, send.reason) for send in f.rows(s, Send)})


def stop() -> Pace:
    with reading() as s:
        (found,) = f.all_rows(s, Pace)
        assert isinstance(found, Pace)
        return found


def time_to_try_again() -> None:
    with writing() as s:
        for pace in f.all_rows(s, Pace):
            pace.stop_until = utcnow()


def test_an_unverified_domain_holds_all_and_fails_none(
    dispatcher: Dispatcher, fake: FakeResend, refusal: str
) -> None:
    eight_emails("hi@pending.example")
    for _ in range(3):
        dispatcher.drain()
        time_to_try_again()
    assert outcome() == [("queued", "")]
    assert stop().stop_code == "domain_refused"
    assert "`pending.example` domain is not verified" in stop().stop_message
    assert fake.ledger() == []


def test_once_the_domain_is_verified_all_of_it_leaves(
    dispatcher: Dispatcher, fake: FakeResend, refusal: str
) -> None:
    eight_emails("hi@pending.example")
    dispatcher.drain()
    fake.configure(domains={"pending.example": "verified"})
    time_to_try_again()
    dispatcher.drain()
    assert (outcome(), stop().stop_code) == ([("sent", "")], "")
    assert set(fake.counts("send").values()) == {1}


def test_another_sender_is_tried_at_once_and_stands_in_the_emails(
    dispatcher: Dispatcher, fake: FakeResend, refusal: str
) -> None:
    eight_emails("hi@pending.example")
    dispatcher.drain()
    assert (stop().stop_until or utcnow()) > utcnow()
    with writing() as s:
        settings.update(s, {"from_": "hi@partners.example"}, "ann")
    dispatcher.drain()
    assert outcome() == [("sent", "")]
    assert {entry.sender for entry in fake.ledger()} == {"hi@partners.example"}


def test_who_may_be_emailed_is_looked_at_anew_after_the_wait(
    dispatcher: Dispatcher, fake: FakeResend, refusal: str
) -> None:
    eight_emails("hi@pending.example")
    dispatcher.drain()
    with writing() as s:
        f.rows(s, Partner)[0].consent = Consent.UNSUBSCRIBED
        settings.update(s, {"from_": "hi@partners.example"}, "ann")
    dispatcher.drain()
    assert outcome() == [("sent", ""), ("skipped", "unsubscribed")]
    assert len(fake.ledger()) == 7


def test_the_test_sender_reaches_its_owner_and_holds_the_others(
    dispatcher: Dispatcher, fake: FakeResend
) -> None:
    fake.configure(verify_domains=True, sender_refusal="each", account_email="p3@partners.test")
    eight_emails("onboarding@resend.dev")
    dispatcher.drain()
    assert outcome() == [("queued", ""), ("sent", "")]
    assert [entry.to for entry in fake.ledger()] == ["p3@partners.test"]
    assert "only send testing emails" in stop().stop_message
    with reading() as s:
        (batch,) = f.rows(s, Batch)
        # What was not sent is not kept either: it will be made anew.
        assert sum(send.batch_id == batch.id for send in f.rows(s, Send)) == 1


def test_while_refused_one_request_at_a_time_finds_out(
    dispatcher: Dispatcher, fake: FakeResend, refusal: str
) -> None:
    with writing() as s:
        settings.update(s, {"from_": "hi@pending.example"}, "ann")
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, f.partners(s, 900), source=Source.API, actor="crm", bulk=True)
    dispatcher.drain()
    before = len(fake.requests())
    time_to_try_again()
    dispatcher.drain()
    assert len(fake.requests()) == before + 1
    assert outcome() == [("queued", "")]


def test_whoever_tests_a_refused_sender_is_told_and_nothing_waits(
    dispatcher: Dispatcher, fake: FakeResend, refusal: str
) -> None:
    email = {"from": "hi@pending.example", "to": [], "subject": "Hello", "html": "<p>Hi</p>"}
    with writing() as s:
        test = trials.send(s, email, ["ada@partners.test"], "ann")
    dispatcher.drain()
    with reading() as s:
        told = trials.result(s, test)
    assert told.status == "refused"
    assert "not verified" in told.problem
    fake.configure(domains={"pending.example": "verified"})
    with writing() as s:
        again = trials.send(s, email, ["ada@partners.test"], "ann")
    dispatcher.drain()
    with reading() as s:
        assert trials.result(s, again).status == "sent"
        assert f.all_rows(s, Pace)[0].stop_code == ""


@pytest.mark.parametrize(
    ("status", "name", "message"),
    [
        (403, "validation_error", "The acme.com domain is not verified. Please, add and verify …"),
        (422, "validation_error", "The acme.com domain is not verified."),
        (400, "validation_error", "You can only send testing emails to your own email address"),
        (403, "validation_error", "Testing domain restriction: the resend.dev domain is for …"),
        (401, "restricted_api_key", "This API key is not authorized to send emails from acme.com"),
        (422, "invalid_from_address", "Invalid `from` field. The email address needs to follow …"),
        (422, "missing_required_field", "Missing `from` field."),
        (422, "validation_error", "Invalid `reply_to` field. The email address needs to follow …"),
    ],
)
def test_whatever_is_said_against_the_sender_stops(status: int, name: str, message: str) -> None:
    outcome = read_error(ResendError(status, name, message, ""))
    assert isinstance(outcome, Stop)
    assert outcome.code == "domain_refused"


def test_what_is_said_against_a_recipient_does_not_stop() -> None:
    message = "Invalid `to` field. The email address needs to follow the format."
    assert isinstance(read_error(ResendError(422, "validation_error", message, "")), Rejected)
