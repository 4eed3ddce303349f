"""How long the app keeps what emails said: shorter is asked about first, with the number."""

from datetime import timedelta

import pytest

from rxapp.components.retention import TIMES
from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.models import BatchStatus, Role
from rxapp.db.types import utcnow
from rxapp.domain.settings import KEEP_DAYS, program
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


def test_only_what_is_offered_can_be_chosen_by_admins() -> None:
    assert dict(TIMES) == KEEP_DAYS
    assert "Choose" in effect(call(signed_in(RetentionState), "choose", "1"))
    tab = signed_in(RetentionState, Role.EDITOR, "eve@example.com")
    assert "this needs “admin”" in effect(call(tab, "choose", "30"))
    assert kept() == 0
