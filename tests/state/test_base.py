"""The guard in front of every handler, and what it tells the person."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import reflex as rx
from reflex.event import Event
from reflex.state import BaseState

import rxapp.rxapp  # noqa: F401  (every page and so every state of the app)
from rxapp.auth import sessions
from rxapp.db import pace, users, workers
from rxapp.db.engine import writing
from rxapp.db.models import Role
from rxapp.db.types import utcnow
from rxapp.domain import delivery, people, settings
from rxapp.errors import Conflict, InvalidInput
from rxapp.state import say
from rxapp.state.base import AppState, current_user, handler, run
from tests.state.support import browse, call, effect, opened, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


class GuardedState(AppState):
    """Stands for a page's state: one handler of each kind."""

    done: rx.Field[list[str]] = rx.field(default_factory=list)

    @handler("viewer")
    async def look(self) -> None:
        self.done = [*self.done, await run(_label_of_caller)]

    @handler("editor")
    async def change(self) -> None:
        self.done = ["changed"]

    @handler("viewer")
    async def refuse(self) -> None:
        raise Conflict("This tag is used by two automations.")

    @handler("viewer")
    async def crash(self) -> None:
        raise ZeroDivisionError("partner ada@example.com")

    @handler("viewer", form=True)
    async def save(self, form: dict[str, str]) -> None:
        if not form["email"]:
            raise InvalidInput("Enter an address.", field="email")
        self.done = ["saved"]

    @handler("viewer")
    async def echo(self, given: dict[str, Any], text: str) -> None:
        self.done = [given["name"], *given["\ufffd"], text]

    @handler("viewer")
    async def steps(self, last: bool) -> AsyncIterator[Event]:
        yield say.info("one")
        if last:
            raise Conflict("No further.")
        yield say.info("two")

    @handler("editor", background=True)
    async def watch(self) -> None:
        async with self:
            self.done = ["watched"]
        raise Conflict("Lost sight of it.")


def _label_of_caller() -> str:
    return current_user().label


def walk(state: type[BaseState]) -> list[type[BaseState]]:
    """The state and all below it."""
    return [state, *(found for below in state.get_substates() for found in walk(below))]


# In the order of their names: Reflex keeps them in sets, and test processes must agree on one.
OURS = sorted(
    (state for state in walk(rx.State) if state.__module__.startswith("rxapp.")),
    key=lambda state: state.__name__,
)


def test_every_state_of_the_app_is_behind_the_guard() -> None:
    assert AppState in OURS
    assert [state for state in OURS if not issubclass(state, AppState)] == []


@pytest.mark.parametrize("state", OURS, ids=lambda state: state.__name__)
def test_every_handler_says_the_role_it_needs(state: type[BaseState]) -> None:
    # `setvar` is Reflex's: it calls handlers named set_*, and calling a guarded one runs nothing.
    handlers = {name: made for name, made in state.event_handlers.items() if name != "setvar"}
    open_to_all = [
        name
        for name, made in handlers.items()
        if not isinstance(getattr(made.fn, "required_role", None), Role)
    ]
    assert open_to_all == []


def test_a_handler_knows_who_called_it_also_in_its_threads() -> None:
    tab = signed_in(GuardedState)
    call(tab, "look")
    assert tab.done == ["ada@example.com"]


def test_without_a_session_nothing_runs_and_the_browser_goes_to_sign_in() -> None:
    tab = opened(GuardedState, "no such session", path="/tags")
    told = effect(call(tab, "look"))
    assert tab.done == []
    assert "window.location.assign" in told
    assert "/login?next=%2Ftags" in told


def test_an_ended_session_is_refused_although_the_websocket_is_still_open() -> None:
    tab = signed_in(GuardedState)
    call(tab, "look")
    with writing() as session:
        sessions.end(session, session_of(tab))
    assert "/login" in effect(call(tab, "look"))
    assert len(tab.done) == 1


def test_a_role_that_is_not_enough_is_told_so_and_nothing_runs() -> None:
    tab = signed_in(GuardedState, Role.VIEWER)
    assert "You have the role" in effect(call(tab, "change"))
    assert tab.done == []


def test_a_role_taken_away_counts_with_the_next_event() -> None:
    signed_in(GuardedState, Role.ADMIN, "other@example.com")
    tab = signed_in(GuardedState, Role.EDITOR)
    person = sessions.resolve(session_of(tab))
    assert person is not None
    assert person.user_id is not None
    with writing() as session:
        people.change_role(session, person.user_id, Role.VIEWER)
    assert "You have the role" in effect(call(tab, "change"))


def test_an_open_tab_shows_what_its_person_may_do_now() -> None:
    signed_in(GuardedState, Role.ADMIN, "other@example.com")
    tab = signed_in(AppState, Role.ADMIN)
    call(tab, "enter")
    assert (tab.is_admin, tab.can_edit) == (True, True)
    with writing() as session:
        (ada,) = [one for one in users.everyone(session) if one.email != "other@example.com"]
        people.change_role(session, ada.id, Role.VIEWER)
    call(tab, "stay_current")
    assert (tab.role, tab.is_admin, tab.can_edit) == ("viewer", False, False)


def test_our_errors_are_told_in_their_own_words() -> None:
    assert "used by two automations" in effect(call(signed_in(GuardedState), "refuse"))


def test_an_unexpected_error_is_told_calmly_and_logged_under_the_same_reference(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tab = signed_in(GuardedState)
    with caplog.at_level(logging.ERROR, "rxapp.state.base"):
        told = effect(call(tab, "crash"))
    (record,) = caplog.records
    reference = record.getMessage().split()[-1]
    assert reference in told
    assert "ZeroDivisionError" not in told
    assert "ada@example.com" not in told
    assert record.exc_info is not None


def test_a_handler_gets_only_text_that_can_be_kept() -> None:
    tab = signed_in(GuardedState)
    call(tab, "echo", given={"name": "half \ud83d", "\x00": ["a\x00b"]}, text="\udfff")
    assert tab.done == ["half \ufffd", "a\ufffdb", "\ufffd"]


def test_what_is_wrong_with_a_field_stands_at_the_field_until_the_form_is_sent_again() -> None:
    tab = signed_in(GuardedState)
    assert effect(call(tab, "save", form={"email": ""})) == ""
    assert tab.errors == {"email": "Enter an address."}
    call(tab, "save", form={"email": "a@b.test"})
    assert (tab.errors, tab.done) == ({}, ["saved"])


def test_a_handler_that_yields_is_guarded_in_every_step() -> None:
    one, two = call(signed_in(GuardedState), "steps", last=False)
    assert ("one" in one, "two" in two) == (True, True)
    _, refused = call(signed_in(GuardedState, email="b@example.com"), "steps", last=True)
    assert "No further." in refused
    (turned_away,) = call(opened(GuardedState, ""), "steps", last=False)
    assert "/login" in turned_away


def test_a_background_handler_is_guarded_as_well() -> None:
    assert GuardedState.event_handlers["watch"].is_background
    tab = signed_in(GuardedState, Role.EDITOR)
    assert "Lost sight" in effect(call(tab, "watch"))
    assert tab.done == ["watched"]
    viewer = signed_in(GuardedState, Role.VIEWER, "v@example.com")
    assert "You have the role" in effect(call(viewer, "watch"))
    assert viewer.done == []


def test_a_handler_that_would_hold_up_everybody_is_refused_when_it_is_written() -> None:
    def slow(self: AppState) -> None: ...

    with pytest.raises(TypeError, match="slow must be async"):
        handler("viewer")(slow)


def test_no_variable_can_be_set_from_outside() -> None:
    # Reflex's own setters, one per variable, would carry no role; ours are handlers like any other.
    open_setters = {
        name
        for state in OURS
        for name, event in state.event_handlers.items()
        if name.startswith("set_") and not hasattr(event.fn, "required_role")
    }
    assert open_setters <= {"set_is_hydrated"}


def test_entering_a_page_tells_the_frame_who_is_there_and_whether_mail_leaves() -> None:
    tab = signed_in(AppState, Role.EDITOR)
    with writing() as session:
        workers.beat(session, "w1", "sandbox", utcnow())
    call(tab, "enter")
    assert (tab.user_name, tab.initials, tab.role) == ("Ada Lovelace", "AL", "editor")
    assert (tab.can_edit, tab.is_admin, tab.mode) == (True, False, "sandbox")
    assert (tab.program, tab.notices) == ("Partner program", [])
    assert tab.csrf == sessions.csrf_for(session_of(tab))


def test_somebody_else_in_the_same_tab_starts_with_an_empty_one() -> None:
    tab = signed_in(AppState)
    call(tab, "enter")
    other = signed_in(AppState, email="grace@example.com")
    browse(tab, session_of(other), "/sends")
    told = effect(call(tab, "enter"))
    assert "sessionStorage.removeItem" in told
    assert "/sends" in told
    assert tab.user_email == "ada@example.com"


def test_whatever_keeps_the_program_from_sending_stands_on_top_of_every_page() -> None:
    tab = signed_in(AppState)
    now = utcnow()
    with writing() as session:
        settings.pause(session, "ada@example.com")
        stopped = pace.hold(session, "sandbox", rate=10, now=now)
        stopped.stopped_at, stopped.stop_message = now, "The API key is not valid."
    call(tab, "enter")
    refused, paused, still = (notice.text for notice in tab.notices)
    assert "The API key is not valid." in refused
    assert "paused" in paused
    assert "worker does not run" in still


def test_a_notice_goes_by_itself_once_it_is_no_longer_true() -> None:
    tab = signed_in(AppState)
    call(tab, "enter")
    assert len(tab.notices) == 1
    with writing() as session:
        workers.beat(session, "w1", "sandbox", utcnow())
    call(tab, "stay_current")
    assert tab.notices == []


def test_a_live_program_is_told_when_it_learns_of_no_bounces() -> None:
    with writing() as session:
        delivery.use_key(session, "re_123456789", "ada@example.com", "send")
    tab = signed_in(AppState)
    call(tab, "enter")
    assert (tab.mode, "webhook is missing" in tab.notices[-1].text) == ("live", True)
