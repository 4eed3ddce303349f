"""What Reflex brings along is bounded before it runs, and none of it is unknown."""

import inspect
import logging
from time import monotonic
from typing import Any

import pytest
from reflex.event import Event
from reflex.state import (
    FrontendEventExceptionState,
    OnLoadInternalState,
    State,
    StateUpdate,
    UpdateVarsInternalState,
)
from reflex_base.registry import RegistrationContext

from rxapp.rxapp import app
from rxapp.state import brought
from rxapp.state.base import AppState
from rxapp.state.brought import REPORT, SETVAR, Bounds
from rxapp.state.home import HomeState
from tests.state.support import effect, finish, opened

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

ROOT, ON_LOAD = State.get_full_name(), OnLoadInternalState.get_full_name()
UPDATE = f"{UpdateVarsInternalState.get_full_name()}.update_vars_internal"
BROUGHT = {
    f"{ROOT}.hydrate",
    f"{ROOT}.hydrate_and_load",
    f"{ROOT}.set_is_hydrated",
    f"{ON_LOAD}.on_load_internal",
    f"{ON_LOAD}.set_is_hydrated",
    UPDATE,
    REPORT,
}
# A megabyte of what makes Reflex's expressions, and its escaping, look from each place to the end.
HOSTILE = [
    "TypeError: can't access property \"" * 30_000,
    "\\" * 1_000_000,
    "[" * 1_000_000,
    "oops\nERROR rxapp.auth: somebody else signed in\r\x1b[2J",
]
SECONDS = 5.0


def handlers() -> dict[str, Any]:
    """The handlers that carry no role, by their full names."""
    registered = RegistrationContext.get().event_handlers
    return {
        name: one.handler
        for name, one in registered.items()
        if not hasattr(one.handler.fn, "required_role")
    }


def bounded(name: str, payload: Any) -> StateUpdate | None:
    """What the bounds make of an event; the payload is changed in place."""
    event, tab = Event(name, payload=payload), opened(AppState, "")
    update: StateUpdate | None = finish(Bounds().preprocess(app, tab, event))
    return update


def test_every_handler_that_carries_no_role_is_known() -> None:
    assert {name for name in handlers() if not name.endswith(SETVAR)} == BROUGHT


def test_the_bounds_come_before_everything_else() -> None:
    assert isinstance(app._middlewares[0], Bounds)
    assert (app.frontend_exception_handler, app.backend_exception_handler) == (
        brought.report,
        brought.failed,
    )


@pytest.mark.parametrize("text", HOSTILE, ids=["property", "backslashes", "brackets", "lines"])
def test_no_report_of_a_browser_takes_long_or_writes_lines_of_its_own(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    tab = opened(AppState, "")._get_root_state()
    reporting = tab.get_substate(FrontendEventExceptionState.get_full_name().split("."))
    payload: dict[str, Any] = {"info": text, "component_stack": text}
    began = monotonic()
    with caplog.at_level(logging.WARNING):
        assert bounded(REPORT, payload) is None
        list(handlers()[REPORT].fn(reporting, **payload))
    assert monotonic() - began < SECONDS
    (record,) = caplog.records
    assert len(record.getMessage()) < 2 * brought.REPORT_LONGEST
    assert record.getMessage().isprintable()


@pytest.mark.parametrize("text", HOSTILE, ids=["property", "backslashes", "brackets", "lines"])
def test_every_handler_that_reflex_brings_along_answers_quickly(text: str) -> None:
    for name in sorted(BROUGHT):
        payload: dict[str, Any] = {"vars": {text: text, "x": [text]}, "hashes": text, "info": text}
        began = monotonic()
        bounded(name, payload)
        taken = inspect.signature(handlers()[name].fn).parameters
        assert "vars" not in taken or all(map(brought._storable, payload["vars"].values()))
        assert monotonic() - began < SECONDS, name


def test_setting_variables_from_outside_ends_before_it_begins() -> None:
    name = f"{AppState.get_full_name()}{SETVAR}"
    assert isinstance(bounded(name, {"var_name": "role", "value": "admin"}), StateUpdate)
    assert isinstance(bounded(REPORT, ["not", "a", "payload"]), StateUpdate)


def test_what_a_browser_keeps_for_us_is_taken_if_it_is_a_few_words() -> None:
    kept = {f"{HomeState.get_full_name()}.hidden": "yes", "long": "x" * 2_000, "list": ["x"]}
    payload = {"vars": kept}
    assert bounded(UPDATE, payload) is None
    assert list(payload["vars"].values()) == ["yes"]


def test_a_failure_that_nothing_of_ours_caught_is_told_calmly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        told = effect(brought.failed(ZeroDivisionError("inside")))
    assert "not your doing" in told
    assert caplog.records[0].getMessage().split()[-1] in told
    assert "inside" not in told
