"""Home: how the program stands, what became of the emails, and what is left to set up."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from rxapp.db import overview, workers
from rxapp.db.engine import reading, writing
from rxapp.db.models import Pace, Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.domain.tags import assign_tags
from rxapp.state import activity
from rxapp.state.home import HomeState
from rxapp.state.outcomes import LAYERS, span
from tests import factory
from tests.state.support import browse, call, effect, session_of, signed_in

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def program() -> None:
    """Six emails: four due now, one for later, one skipped."""
    with writing() as session:
        vip, gold = factory.tag(session, "vip"), factory.tag(session, "gold")
        welcome = factory.template(session, "Welcome")
        factory.automation(session, vip, factory.email(welcome))
        factory.automation(session, gold, factory.email(welcome, delay_seconds=3600))
        people = factory.partners(session, 4)
        people.append(factory.partner(session, "zoë", email=None))
        assign_tags(session, vip, people, source=Source.API, actor="crm")
        assign_tags(session, gold, people[:1], source=Source.API, actor="crm")
        workers.beat(session, "w1", "sandbox", utcnow())


def _age(first: int, last: int, days: float, **values: object) -> None:
    with writing() as session:
        session.connection().execute(
            update(Send)
            .where(col(Send.id).between(first, last))
            .values(created_at=utcnow() - timedelta(days=days), **values)
        )


def _home(query: str = "") -> HomeState:
    page = signed_in(HomeState)
    browse(page, session_of(page), f"/{query}")
    call(page, "load")
    return page


def test_what_waits_is_told_with_how_long_it_takes_and_apart_from_what_is_for_later(
    program: None,
) -> None:
    waiting = _home().waiting
    assert (waiting.words, waiting.hint) == ("4 waiting", "about 1 s at your limit")
    assert (waiting.later, bool(waiting.next_at)) == (1, True)


def test_no_time_is_promised_while_nothing_is_sent(program: None) -> None:
    with writing() as session:
        workers.leave(session, "w1")
    assert (_home().waiting.words, _home_hint()) == ("4 waiting", "")


def test_no_time_is_promised_while_the_provider_refuses(program: None) -> None:
    with writing() as session:
        now = utcnow()
        session.add(Pace(provider="sandbox", rate=10.0, next_at=now, stopped_at=now))
    assert _home_hint() == ""


def _home_hint() -> str:
    tab = signed_in(HomeState, email="grace@example.com")
    call(tab, "load")
    return tab.waiting.hint


def test_a_long_queue_is_told_in_minutes(program: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "queue", lambda *_: overview.Queue(119_000, 0, 1_000))
    waiting = _home().waiting
    assert (waiting.words, waiting.hint) == ("120,000 waiting", "about 2 min at your limit")


def test_figures_count_the_period_that_was_asked_for(program: None) -> None:
    _age(1, 1, days=20, status=SendStatus.BOUNCED)
    _age(2, 3, days=3, status=SendStatus.DELIVERED)

    def told(query: str) -> dict[str, str]:
        tab = signed_in(HomeState, email=f"{query or 'week'}@example.com")
        browse(tab, session_of(tab), f"/{query}")
        call(tab, "load")
        return {figure.label: f"{figure.said} {figure.share}".strip() for figure in tab.figures}

    assert told("?days=1")["Sent"] == "0"
    assert told("")["Delivered"] == "2 100%"
    month = told("?days=30")
    assert month == {
        "Sent": "3",
        "Delivered": "2 66%",
        "Bounced or spam": "1 33%",
        "Failed": "0",
        "Skipped": "1",
    }


def test_what_the_sandbox_captured_is_counted_as_captured_and_never_as_sent(program: None) -> None:
    with writing() as session:
        for send in factory.rows(session, Send)[:3]:
            send.status = SendStatus.CAPTURED if send.id < 3 else SendStatus.SENT
        factory.rows(session, Send)[3].status = SendStatus.UNKNOWN
    page = _home()
    assert {figure.label: figure.number for figure in page.figures} == {
        "Sent": 1,
        "Delivered": 0,
        "Bounced or spam": 0,
        "Failed": 0,
        "Skipped": 1,
        # Nobody knows: it may well have arrived.
        "Unknown": 1,
        "Captured": 2,
    }
    assert dict(zip(LAYERS, page.bars[-1].counts, strict=True))["captured"] == 2
    assert "was captured in the sandbox, not sent, for" in {one.became for one in page.happenings}


def test_another_period_is_another_address() -> None:
    tab = signed_in(HomeState)
    assert "'/?days=30'" in effect(call(tab, "choose", "30"))
    assert "'/'" in effect(call(tab, "choose", "7"))


def test_emails_are_counted_between_moments(program: None) -> None:
    _age(1, 4, days=2)
    now = utcnow()
    with reading() as session:
        old, new = overview.decided_between(
            session, [now - timedelta(days=3), now - timedelta(days=1), now + timedelta(days=1)]
        )
        assert old == {SendStatus.QUEUED: 4}
        assert new == {SendStatus.SKIPPED: 1, SendStatus.QUEUED: 1}
        assert overview.decided_between(session, [now + timedelta(days=n) for n in (1, 2)]) == [{}]


def test_days_begin_at_midnight_where_the_reader_is() -> None:
    now = datetime(2026, 3, 30, 12, tzinfo=UTC)
    edges = span(3, "Europe/Berlin", now)
    # The clocks went forward on the 29th: that day has 23 hours.
    assert [edge.isoformat() for edge in edges[:-1]] == [
        "2026-03-27T23:00:00+00:00",
        "2026-03-28T23:00:00+00:00",
        "2026-03-29T22:00:00+00:00",
    ]
    assert edges[-1] == now
    assert span(7, "no/such/zone", now)[-2] == datetime(2026, 3, 30, tzinfo=UTC)
    assert len(span(1, "UTC", now)) == 25


def test_bars_hold_every_email_once_and_lead_to_those_they_stand_for(program: None) -> None:
    bars = _home().bars
    assert len(bars) == 7
    assert dict(zip(LAYERS, bars[-1].counts, strict=True)) == dict.fromkeys(LAYERS, 0) | {
        "waiting": 5,
        "skipped": 1,
    }
    assert bars[-1].href.startswith("/sends?since=")


def test_what_happened_is_told_in_one_sentence_for_all_it_happened_to(program: None) -> None:
    told = _home().happenings
    assert [(one.email, one.became, one.whom) for one in told] == [
        ("Welcome", "waits to go to", "P1"),
        ("Welcome", "was not sent to", "Zoë"),
        ("Welcome", "waits to go to", "P4 and 3 others"),
    ]
    assert told[1].cause == "This partner has no email address."
    assert told[2].cause == "“vip” was assigned by crm through the API"


def test_what_goes_further_back_than_was_looked_is_not_counted_short(
    program: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "LOOKED_AT", 4)
    assert _home().happenings[2].whom == "P4 and more than 1 others"


def test_the_steps_of_setting_up_are_ticked_off_as_they_are_done(program: None) -> None:
    page = _home()
    assert {todo.title: todo.done for todo in page.todos} == {
        "Introduce your program": False,
        "Add partners": True,
        "Create a tag": True,
        "Write an email": True,
        "Create an automation": True,
        "Assign the tag": True,
        "Send for real": False,
    }
    assert page.left == 2


def test_an_empty_program_has_everything_still_to_do() -> None:
    page = _home()
    assert page.left == len(page.todos)
    assert page.waiting.words == "Nothing is waiting"
