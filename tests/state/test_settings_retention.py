"""How long the app keeps what emails said: shorter is asked about first, with the number."""

from datetime import timedelta

import pytest

from rxapp.components.retention import TIMES, TRACES
from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.models import BatchStatus, ProviderEvent, Role
from rxapp.db.types import utcnow
from rxapp.domain.settings import KEEP_DAYS, KEEP_TRACES, program
from rxapp.state.settings_retention import RetentionState
from tests.state.support import call, effect, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def kept() -> int:
    with reading() as session:
        return program(session).keep_days


def test_a_time_that_forgets_nothing_is_kept_at_once() -> None:
    tab = signed_in(RetentionState)
    call(tab, "load")
    assert tab.days == "0"
    call(tab, "choose", "90")
    assert (tab.asking, tab.days, kept()) == (False, "90", 90)


def test_a_time_that_forgets_something_is_asked_about_with_the_number() -> None:
    tab = signed_in(RetentionState)
    with writing() as session:
        old = batches.new("k", b"[{},{}]", size=2, provider="sandbox", bulk=False, now=utcnow())
        old.created_at, old.status = utcnow() - timedelta(days=100), BatchStatus.DONE
        session.add(old)
    call(tab, "choose", "90")
    assert (tab.asking, tab.loses, tab.days, kept()) == (True, 2, "0", 0)
    call(tab, "set_asking", False)
    assert kept() == 0
    call(tab, "choose", "90")
    call(tab, "confirm")
    assert (tab.asking, tab.days, kept()) == (False, "90", 90)


def test_forgetting_lists_and_events_is_asked_about_with_both_numbers() -> None:
    tab = signed_in(RetentionState)
    call(tab, "load")
    assert tab.traces == "90"
    then = utcnow() - timedelta(days=50)
    with writing() as session:
        for number in range(3):
            session.add(
                ProviderEvent(
                    event_id=str(number),
                    provider_id="re",
                    kind="sent",
                    at=then,
                    received_at=then,
                    applied_at=then,
                )
            )
    call(tab, "choose_traces", "30")
    assert (tab.asking, tab.what, tab.loses, tab.loses_events) == (True, "keep_traces", 0, 2)
    call(tab, "confirm")
    assert (tab.asking, tab.traces, tab.days) == (False, "30", "0")
    with reading() as session:
        assert program(session).keep_traces == 30


def test_only_what_is_offered_can_be_chosen_by_admins() -> None:
    assert dict(TIMES) == KEEP_DAYS
    assert dict(TRACES) == KEEP_TRACES
    admin = signed_in(RetentionState)
    assert "Choose" in effect(call(admin, "choose_traces", "730"))
    assert "Choose" in effect(call(admin, "choose", "1"))
    tab = signed_in(RetentionState, Role.EDITOR, "eve@example.com")
    assert "this needs “admin”" in effect(call(tab, "choose", "30"))
    assert kept() == 0
