"""What an open page gives back is taken up as far as it fits, and gives nobody any right."""

import json
from typing import Any

import pytest
from reflex.event import Event
from reflex_base.utils.format import json_dumps

import rxapp.rxapp  # noqa: F401  (every state of the app)
from rxapp.db.engine import writing
from rxapp.db.models import Role, TemplateKind
from rxapp.domain import templates
from rxapp.state.base import GIVEN_BACK, AppState
from rxapp.state.bulk_sends import BulkSendsState
from rxapp.state.email import EmailState
from rxapp.state.email_draft import FORM
from rxapp.state.partners import PartnersState
from rxapp.state.reconnect import BEGIN, Reconnect, _fitting
from tests import factory
from tests.state.support import beside, call, finish, opened, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

ME = "ada@example.com"


def begin(tab: AppState, held: Any) -> None:
    """The first thing that a connection says."""
    event = Event(name=f"state.{BEGIN}", payload={"held": held})
    finish(Reconnect().preprocess(app=None, state=tab._get_root_state(), event=event))
    assert event.payload == {}


def enter(tab: AppState) -> None:
    """What every page's loading begins with."""
    call(beside(tab, AppState), "enter")


def given(state: type[AppState], **values: Any) -> dict[str, Any]:
    """What a page of Ada's gives back of one state."""
    named = {f"{name}_rx_state_": value for name, value in values.items()}
    return {"person": ME, "states": {state.get_full_name(): named}, "forms": {}}


def test_every_var_that_a_page_shows_fits_when_it_is_given_back() -> None:
    for kind in GIVEN_BACK:
        shown = kind(_reflex_internal_init=True).dict()[kind.get_full_name()]  # type: ignore[call-arg]
        there = json.loads(json_dumps(shown))
        again = _fitting(kind, there)
        assert set(again) == set(kind.base_vars), kind
        assert json.loads(json_dumps({f"{one}_rx_state_": again[one] for one in again})) == {
            name: value for name, value in there.items() if name.removesuffix("_rx_state_") in again
        }


def test_a_server_that_has_forgotten_the_tab_takes_up_what_it_shows() -> None:
    tab = signed_in(PartnersState)
    begin(tab, given(PartnersState, adding=True, chosen=[3, 4]))
    assert tab.adding
    assert tab.chosen == [3, 4]
    assert tab.user_email == ME
    enter(tab)
    assert tab._goes_on


def test_a_server_that_remembers_the_tab_keeps_what_it_holds() -> None:
    tab = signed_in(PartnersState)
    enter(tab)
    tab.chosen = [1]
    begin(tab, given(PartnersState, chosen=[3, 4]))
    assert tab.chosen == [1]
    enter(tab)
    assert tab._goes_on


def test_a_page_that_is_loaded_begins_anew() -> None:
    tab = signed_in(PartnersState)
    begin(tab, None)
    enter(tab)
    assert not tab._goes_on


def test_what_a_bulk_action_is_for_is_not_guessed() -> None:
    tab = signed_in(BulkSendsState)
    begin(tab, given(BulkSendsState, opened=True))
    assert not tab.opened
    for kind in GIVEN_BACK:
        named = vars(kind).get("__annotations__", {})
        kept = {one for one in named if one.startswith("_")} - {"_shown_at", "_events"}
        assert not kept or "_come_back" in vars(kind), kind


def test_no_right_is_given_back() -> None:
    tab = signed_in(PartnersState, Role.VIEWER)
    begin(tab, given(AppState, can_edit=True, is_admin=True, role="admin", user_name="Root"))
    assert (tab.can_edit, tab.is_admin, tab.role) == (False, False, "viewer")
    assert tab.user_name == "Ada Lovelace"


@pytest.mark.parametrize(
    "held",
    [
        "",
        [],
        {},
        {"person": ME, "states": [], "forms": {}},
        {"person": ME, "states": {}, "forms": {"email-form": {"name": ["x"]}}},
        given(PartnersState, chosen=["one"]),
        given(PartnersState, chosen={"1": 1}),
        given(PartnersState, rows=[{"id": 1}]),
        given(EmailState, start="x"),
        {**given(PartnersState, adding=True), "person": "eve@example.com"},
    ],
)
def test_what_does_not_fit_is_left_and_the_page_is_loaded(held: Any) -> None:
    tab = signed_in(PartnersState)
    begin(tab, held)
    enter(tab)
    assert not tab._goes_on
    assert not tab.adding


def test_what_no_state_knows_is_nobodys() -> None:
    tab = signed_in(PartnersState)
    held = given(PartnersState, adding=True, _shown_at=9.0, nothing_like_it=1, set_adding=2)
    held["states"]["state.of.nobody"] = {"x": 1}
    begin(tab, held)
    assert tab.adding
    assert tab._shown_at == 0.0


def test_a_stranger_gives_nothing_back() -> None:
    tab = opened(PartnersState, "no session")
    begin(tab, given(PartnersState, adding=True))
    assert not tab.adding


def test_an_email_goes_on_from_what_its_form_holds_and_from_its_own_last_save() -> None:
    tab = signed_in(EmailState)
    token = session_of(tab)
    first = {"name": "Hi", "kind": "marketing", "subject": "One", "preheader": "", "body": "<p>1"}
    call(tab, "load")
    call(tab, "save", first)
    number, page = tab.number, tab.page
    # Its save was never heard of: to the page, there is no email yet.
    again = opened(EmailState, token, "/emails/new")
    held = given(EmailState, page=page, number=0, version=0, revision=4, loading=False)
    begin(again, {**held, "forms": {FORM: {**first, "subject": "Two"}}})
    assert (again.number, again.version, again.revision) == (number, 1, 4)
    assert again.dirty
    assert again.start.subject == "Two"
    enter(again)
    assert f"/emails/{number}" in " ".join(call(again, "load"))
    call(again, "save", {**first, "subject": "Two"})
    assert (again.version, again.dirty) == (2, False)
    call(again, "save", {**first, "subject": "Two"})
    assert again.version == 2


def test_what_somebody_else_saved_while_the_server_was_away_is_told_before_saving() -> None:
    tab = signed_in(EmailState)
    token = session_of(tab)
    mine = {"name": "Hi", "kind": "marketing", "subject": "One", "preheader": "", "body": "<p>1"}
    call(tab, "load")
    call(tab, "save", mine)
    theirs = templates.TemplateChanges(subject="Theirs", kind=TemplateKind.MARKETING)
    with writing() as session:
        templates.save(session, tab.number, theirs, "Grace")
    again = opened(EmailState, token, f"/emails/{tab.number}")
    held = given(EmailState, page=tab.page, number=tab.number, version=1, loading=False)
    begin(again, {**held, "forms": {FORM: {**mine, "subject": "Mine"}}})
    call(again, "save", {**mine, "subject": "Mine"})
    assert (again.clash.version, again.clash.author) == (2, "Grace")


@pytest.mark.parametrize("kind", sorted(GIVEN_BACK - {AppState}, key=str))
def test_a_page_that_was_loaded_fits_when_it_is_given_back(kind: type[AppState]) -> None:
    with writing() as session:
        vip = factory.tag(session)
        factory.partner(session, "grace")
        factory.automation(session, vip, factory.email(factory.template(session)))
    tab = signed_in(kind)
    if "load" in kind.event_handlers:
        call(tab, "load")
    shown = json.loads(json_dumps(tab.dict()[kind.get_full_name()]))
    again = opened(kind, session_of(tab))
    begin(again, {"person": ME, "states": {kind.get_full_name(): shown}, "forms": {}})
    enter(again)
    assert again._goes_on, kind
