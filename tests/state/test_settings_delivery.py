"""Settings, delivery: no key unseen, nothing sent or lost without an answer with numbers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from rxapp import config
from rxapp.db import pace
from rxapp.db.engine import reading, writing
from rxapp.db.models import Pace, Role, Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.resend import ResendProvider
from rxapp.domain import delivery, restoring, settings
from rxapp.domain.settings import program
from rxapp.domain.tags import assign_tags
from rxapp.state.notices import notices
from rxapp.state.settings_delivery import DeliveryState
from tests import factory
from tests.fakes.resend import FakeResend
from tests.state.support import call, effect, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
KEY = "re_live_1234ABCD"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def fake(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeResend]:
    """The provider, which knows two keys; one of them may only send."""
    with FakeResend(rate=0) as running:
        running.configure(api_keys=[KEY], restricted_keys=["re_sending_only1"])
        monkeypatch.setenv("RESEND_API_URL", running.url)
        config.get_settings.cache_clear()
        yield running


@pytest.fixture
def page(fake: FakeResend) -> DeliveryState:
    """The page, opened."""
    tab = signed_in(DeliveryState)
    call(tab, "load")
    return tab


def an_email_waits() -> None:
    with writing() as session:
        vip = factory.tag(session)
        week = {"delay_seconds": 7 * 86400}
        factory.automation(
            session,
            vip,
            factory.email(factory.template(session)),
            factory.email(factory.template(session, "Later"), **week),
        )
        ada = factory.partner(session)
        assign_tags(session, vip, [ada], source=Source.DASHBOARD, actor="ada@example.com")


def statuses() -> list[str]:
    with reading() as session:
        return [str(send.status) for send in factory.rows(session, Send)]


def in_force() -> delivery.Delivery:
    with reading() as session:
        return delivery.delivery(session)


def test_a_good_key_is_asked_about_with_numbers_before_emails_reach_anybody(
    page: DeliveryState,
) -> None:
    an_email_waits()
    call(page, "set_pasting", True)
    call(page, "try_key", {"key": f" {KEY} "})
    assert (page.pasting, page.going_live, page.way.due, page.way.later) == (False, True, 1, 1)
    assert not in_force().live
    told = effect(call(page, "go_live", "send"))
    assert "ABCD" in told
    assert KEY not in told
    assert (in_force().key.value, page.way.live, page.way.ending) == (KEY, True, "ABCD")
    assert statuses() == ["queued", "queued"]


def test_going_live_can_discard_what_waits(page: DeliveryState) -> None:
    an_email_waits()
    call(page, "try_key", {"key": KEY})
    assert "2 waiting emails discarded" in effect(call(page, "go_live", "discard"))
    assert statuses() == ["canceled", "canceled"]


def test_leaving_the_question_keeps_the_sandbox_and_forgets_the_key(page: DeliveryState) -> None:
    call(page, "try_key", {"key": KEY})
    call(page, "set_going_live", False)
    assert "Paste it again" in effect(call(page, "go_live", "send"))
    assert not in_force().live


def test_a_key_the_provider_does_not_accept_is_not_kept(page: DeliveryState) -> None:
    call(page, "try_key", {"key": "re_unknown_key_1"})
    assert page.errors == {"key": "Resend does not accept this key: API key is invalid"}
    assert (page.going_live, page.checking, in_force().live) == (False, False, False)


def test_a_key_is_not_kept_while_the_provider_does_not_answer(
    page: DeliveryState, fake: FakeResend
) -> None:
    fake.stop()
    call(page, "try_key", {"key": KEY})
    assert "did not answer" in page.errors["key"]
    assert not in_force().live


def test_a_key_never_reaches_the_browser(page: DeliveryState) -> None:
    call(page, "try_key", {"key": KEY})
    sent = repr({name: getattr(page, name) for name in DeliveryState.base_vars})
    assert KEY not in sent
    assert KEY not in repr(page._found_good)


def test_another_key_while_live_is_used_without_a_question(page: DeliveryState) -> None:
    for key in (KEY, "re_sending_only1"):
        call(page, "try_key", {"key": key})
        if page.going_live:
            call(page, "go_live", "send")
    assert in_force().key.value == "re_sending_only1"


def test_another_key_says_first_how_many_emails_the_old_account_may_have(
    page: DeliveryState, fake: FakeResend
) -> None:
    call(page, "try_key", {"key": KEY})
    call(page, "go_live", "send")
    an_email_waits()
    fake.fail_next("drop")
    dispatcher = Dispatcher(ResendProvider(KEY, fake.url), "w")
    dispatcher.drain()
    dispatcher.close()
    call(page, "set_removing", True)
    assert page.perhaps_taken == 1
    call(page, "set_removing", False)
    call(page, "try_key", {"key": "re_sending_only1"})
    assert (page.going_live, page.perhaps_taken) == (True, 1)
    assert in_force().key.value == KEY
    call(page, "set_going_live", False)
    call(page, "try_key", {"key": KEY})
    assert (page.going_live, page.perhaps_taken) == (False, 0)
    call(page, "try_key", {"key": "re_sending_only1"})
    call(page, "go_live", "send")
    assert in_force().key.value == "re_sending_only1"


def test_removing_the_key_says_how_many_wait_and_can_discard_them(page: DeliveryState) -> None:
    call(page, "try_key", {"key": KEY})
    call(page, "go_live", "send")
    an_email_waits()
    call(page, "set_removing", True)
    assert (page.removing, page.way.due, page.way.later) == (True, 1, 1)
    assert "Choose" in effect(call(page, "remove_key", ""))
    assert in_force().live
    call(page, "remove_key", "discard")
    assert (in_force().live, page.way.live, statuses()) == (False, False, ["canceled"] * 2)


@pytest.mark.parametrize(
    ("sender", "said"),
    [
        ("hi@partners.example", ""),
        ("hi@pending.example", "refused until pending.example is verified"),
        ("hi@elsewhere.example", "not among this account's domains"),
    ],
)
def test_going_live_says_before_it_does_that_the_sender_will_be_refused(
    page: DeliveryState, sender: str, said: str
) -> None:
    with writing() as session:
        settings.update(session, {"from_": sender}, "ann")
    call(page, "try_key", {"key": KEY})
    assert page.going_live
    assert bool(page.warning) == bool(said)
    assert said in page.warning


def test_a_sender_found_verified_is_tried_at_once_and_so_is_one_asked_for(
    page: DeliveryState,
) -> None:
    call(page, "try_key", {"key": KEY})
    call(page, "go_live", "send")
    with writing() as session:
        settings.update(session, {"from_": "hi@partners.example"}, "ann")
        later = utcnow() + timedelta(minutes=5)
        held = pace.hold(session, "resend", 10, utcnow())
        held.stop_code, held.stopped_at, held.stop_until = "domain_refused", utcnow(), later

    def stopped_until() -> datetime:
        with reading() as session:
            held = pace.find(session, "resend")
            assert held is not None
            assert held.stop_until is not None
            return held.stop_until

    call(page, "refresh")
    assert page.way.stopped_code == "domain_refused"
    call(page, "ask_provider")
    assert stopped_until() <= utcnow()
    with writing() as session:
        pace.hold(session, "resend", 10, utcnow()).stop_until = later
    call(page, "try_now")
    assert stopped_until() <= utcnow()


def test_domains_are_read_from_the_provider_with_the_sender_judged(page: DeliveryState) -> None:
    call(page, "try_key", {"key": KEY})
    call(page, "go_live", "send")
    call(page, "ask_provider")
    assert page.access == "full"
    assert [(one.name, one.word) for one in page.domains] == [
        ("partners.example", "Verified"),
        ("pending.example", "Waiting for DNS"),
    ]
    assert page.domains[1].records[0].kind == "MX"
    assert "test address" in page.sender_note
    assert "looking" in effect(call(page, "check_domain", page.domains[1].id))
    assert "did not take" in effect(call(page, "check_domain", "../emails"))


@pytest.mark.parametrize(
    ("sender", "ready", "said"),
    [
        ("hi@partners.example", True, "is ready"),
        ("hi@pending.example", False, "refused until"),
        ("hi@elsewhere.example", False, "not among"),
    ],
)
def test_the_sender_is_ready_once_its_domain_is_verified(
    page: DeliveryState, sender: str, ready: bool, said: str
) -> None:
    call(page, "try_key", {"key": KEY})
    call(page, "go_live", "send")
    page.way.sender = sender
    call(page, "ask_provider")
    assert page.sender_ready is ready
    assert said in page.sender_note


def test_a_key_that_may_only_send_is_good_and_reads_no_domains(page: DeliveryState) -> None:
    call(page, "try_key", {"key": "re_sending_only1"})
    call(page, "go_live", "send")
    call(page, "ask_provider")
    assert (page.access, page.domains) == ("sending", [])


def test_the_webhooks_secret_is_pasted_or_made(page: DeliveryState) -> None:
    call(page, "save_secret", {"secret": "nonsense"})
    assert list(page.errors) == ["secret"]
    call(page, "save_secret", {"secret": SIGNING})
    assert (page.way.webhook_source, page.way.webhook_ending) == ("app", "LaSw")
    call(page, "remove_secret")
    assert in_force().webhook.source == ""
    assert "did not make" in effect(call(page, "make_webhook"))
    call(page, "try_key", {"key": KEY})
    call(page, "go_live", "send")
    call(page, "make_webhook")
    assert in_force().webhook.value == SIGNING


def test_pace_and_undo_time_are_checked_at_their_fields(page: DeliveryState) -> None:
    call(page, "save_pace", {"rate": "fast", "undo_seconds": "5"})
    assert list(page.errors) == ["rate"]
    call(page, "save_pace", {"rate": "2", "undo_seconds": "9999"})
    assert list(page.errors) == ["undo_seconds"]
    with reading() as session:
        assert program(session).undo_seconds == 30
    call(page, "save_pace", {"rate": "2.5", "undo_seconds": "5"})
    assert (page.way.rate, page.way.undo_seconds) == ("2.5", "5")


def test_resuming_tells_how_many_emails_are_held(page: DeliveryState) -> None:
    call(page, "pause")
    an_email_waits()
    call(page, "set_resuming", True)
    assert (page.way.paused, page.resuming, page.way.due) == (True, True, 1)


@pytest.mark.parametrize(
    ("held", "status"), [("send", SendStatus.QUEUED), ("discard", SendStatus.CANCELED)]
)
def test_held_emails_are_sent_or_discarded_as_asked(
    page: DeliveryState, held: str, status: SendStatus
) -> None:
    call(page, "pause")
    an_email_waits()
    call(page, "resume", held)
    assert (page.way.paused, page.resuming) == (False, False)
    assert statuses() == [status, "queued"]


@pytest.mark.parametrize(
    ("held", "left"),
    [
        ("send", ["queued", "queued"]),
        ("discard", ["canceled", "canceled"]),
        ("discard_due", ["canceled", "queued"]),
    ],
)
def test_a_restored_backup_asks_with_its_time_and_its_numbers(
    fake: FakeResend, held: str, left: list[str]
) -> None:
    an_email_waits()
    with writing() as session:
        restoring.hold(session, datetime(2026, 11, 27, 2, 15, tzinfo=UTC), "the command line")
    with reading() as session:
        now = delivery.delivery(session)
        banner = notices(session, program(session), now)[0].text
    assert "27 November 2026, 02:15 UTC" in banner
    assert "2 emails of then still wait" in banner
    page = signed_in(DeliveryState)
    call(page, "set_resuming", True)
    way = page.way
    assert way.restored_at == "27 November 2026, 02:15 UTC"
    assert (way.restored_due, way.restored_later) == (1, 1)
    call(page, "resume", held)
    assert (page.way.paused, page.way.restored_at) == (False, "")
    assert statuses() == left


def test_resuming_says_what_still_keeps_emails(page: DeliveryState) -> None:
    call(page, "pause")
    told = effect(call(page, "resume", "send"))
    assert "Sending is resumed. Emails wait: the worker does not run." in told
    assert page.way.note == "Emails wait: the worker does not run."


def test_without_an_answer_sending_stays_paused(page: DeliveryState) -> None:
    call(page, "pause")
    assert "Choose" in effect(call(page, "resume", ""))
    with reading() as session:
        assert program(session).paused


def test_a_test_goes_to_an_address_and_what_became_of_it_is_told(page: DeliveryState) -> None:
    call(page, "send_test", {"test_to": "nobody"})
    assert list(page.errors) == ["test_to"]
    assert not page.testing
    call(page, "send_test", {"test_to": "ann@mail.example"})
    assert page.testing


def test_a_provider_that_stopped_us_is_told_with_its_words(page: DeliveryState) -> None:
    with writing() as session:
        session.add(
            Pace(
                provider="sandbox",
                rate=10,
                next_at=utcnow(),
                stop_code="daily_quota",
                stop_message="You have reached your daily quota.",
                stopped_at=datetime(2026, 1, 1, tzinfo=UTC),
                stop_until=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1),
            )
        )
    call(page, "refresh")
    assert page.way.stopped_why == "You have reached your daily quota."
    assert page.way.stopped_until == "2026-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("load", ()),
        ("try_key", ({"key": KEY},)),
        ("go_live", ("send",)),
        ("remove_key", ("keep",)),
        ("save_secret", ({"secret": SIGNING},)),
        ("save_pace", ({"rate": "1", "undo_seconds": "1"},)),
        ("try_now", ()),
        ("pause", ()),
        ("resume", ("send",)),
        ("send_test", ({"test_to": "ann@mail.example"},)),
    ],
)
def test_only_admins_see_and_change_delivery(name: str, arguments: tuple[object, ...]) -> None:
    tab = signed_in(DeliveryState, Role.EDITOR)
    assert "this needs “admin”" in str(call(tab, name, *arguments)) + effect(
        None if name == "try_key" else call(tab, name, *arguments)
    )
    assert not in_force().live
