"""The automation builder: put together step by step, with what follows from it in words."""

import orjson
import pytest

from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.models import Action, Assignment, Automation, Batch, Job, Role, Send, Source, Tag
from rxapp.domain import templates
from rxapp.domain.tags import assign_tags
from rxapp.state import existing as existing_state
from rxapp.state.automation import AutomationState
from rxapp.state.email import EmailState
from rxapp.state.existing import ExistingState
from rxapp.state.try_it import TryItState
from tests import factory
from tests.state.support import beside, browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def _open(tab: AutomationState, name: object = "new") -> AutomationState:
    path = "/automations/new" if name == "new" else f"/automations/{name}/edit"
    browse(tab, session_of(tab), path)
    call(tab, "load")
    return tab


def _hold(tag: int, number: int = 3) -> list[int]:
    """Partners who have the tag."""
    with writing() as session:
        people = factory.partners(session, number)
        assign_tags(session, tag, people, source=Source.DASHBOARD, actor="ada@example.com")
    return people


@pytest.fixture
def vip() -> int:
    """A tag."""
    with writing() as session:
        return factory.tag(session, "vip")


@pytest.fixture
def welcome() -> int:
    """An email."""
    with writing() as session:
        return factory.template(session, "Welcome")


@pytest.fixture
def builder(vip: int, welcome: int) -> AutomationState:
    """The builder with nothing chosen; there are a tag and an email."""
    return _open(signed_in(AutomationState))


def _chosen(builder: AutomationState, vip: int, welcome: int) -> AutomationState:
    """The six steps but the last."""
    call(builder, "choose_trigger", "tag_assigned")
    call(builder, "pick_tag", str(vip))
    call(builder, "add_step", "send_email")
    call(builder, "pick_target", builder.steps[0].key, str(welcome))
    return builder


def test_the_six_steps_make_an_automation_that_is_on(
    builder: AutomationState, vip: int, welcome: int
) -> None:
    _chosen(builder, vip, welcome)
    assert [(step.words, step.target) for step in builder.said] == [("send", "Welcome")]
    assert builder.steps[0].subject.startswith("Welcome, ")
    assert builder.dirty
    assert "/automations" in effect(call(builder, "save"))
    assert not builder.dirty
    with reading() as session:
        (made,) = factory.rows(session, Automation)
        (action,) = factory.rows(session, Action)
    assert (made.tag_id, made.enabled, made.name) == (
        vip,
        True,
        "When vip is assigned → send Welcome",
    )
    assert action.template_id == welcome


def test_each_step_that_is_missing_is_asked_for_at_its_place(
    builder: AutomationState, vip: int
) -> None:
    call(builder, "save")
    assert list(builder.errors) == ["trigger"]
    call(builder, "choose_trigger", "tag_assigned")
    call(builder, "save")
    assert list(builder.errors) == ["tag_id"]
    call(builder, "pick_tag", str(vip))
    assert builder.errors == {}
    call(builder, "save")
    assert list(builder.errors) == ["actions"]
    call(builder, "add_step", "send_email")
    call(builder, "save")
    assert list(builder.errors) == [f"step-{builder.steps[0].key}"]
    with reading() as session:
        assert factory.rows(session, Automation) == []


def test_a_tag_is_made_in_place_and_chosen(builder: AutomationState) -> None:
    call(builder, "choose_trigger", "tag_assigned")
    call(builder, "create_tag", "Platinum")
    with reading() as session:
        made = session.get(Tag, int(builder.tag))
    assert made is not None
    assert made.name == builder.tag_name == "Platinum"


def test_an_email_is_written_in_place_and_nothing_entered_is_lost(
    builder: AutomationState, vip: int
) -> None:
    call(builder, "choose_trigger", "tag_assigned")
    call(builder, "pick_tag", str(vip))
    call(builder, "set_name", "Greet VIPs")
    call(builder, "add_step", "add_tag")
    call(builder, "add_step", "send_email")
    key = builder.steps[1].key
    call(builder, "write_email", key, "")
    editor = beside(builder, EmailState)
    assert (builder.writing, editor.number) == (key, 0)
    form = {"name": "New one", "kind": "marketing", "subject": "Hi", "body": "<p>Hi</p>"}
    call(builder, "save_email", form)
    assert builder.writing == 0
    assert [step.target for step in builder.steps] == ["", str(editor.number)]
    assert (builder.name, builder.tag) == ("Greet VIPs", str(vip))
    assert [(step.words, step.target) for step in builder.said][1] == ("send", "New one")


def test_an_email_with_errors_keeps_the_editor_open(builder: AutomationState, vip: int) -> None:
    call(builder, "pick_tag", str(vip))
    call(builder, "add_step", "send_email")
    call(builder, "write_email", builder.steps[0].key, "")
    form = {"name": "New", "kind": "marketing", "subject": "{{ oops }}", "body": ""}
    call(builder, "save_email", form)
    assert "oops" in builder.errors["subject"]
    assert builder.writing == builder.steps[0].key
    assert builder.steps[0].target == ""


def test_an_email_that_is_not_saved_is_asked_about_before_the_editor_closes(
    builder: AutomationState,
) -> None:
    call(builder, "add_step", "send_email")
    call(builder, "write_email", builder.steps[0].key, "")
    editor = beside(builder, EmailState)
    call(editor, "edit", {"name": "Half", "subject": "Wri", "body": "tten"})
    call(builder, "set_writing", False)
    assert (builder.discarding, builder.writing) == (True, builder.steps[0].key)
    call(builder, "discard_email")
    assert (builder.discarding, builder.writing, editor.dirty) == (False, 0, False)


def test_editing_shows_what_is_saved_and_keeps_the_steps_they_were(vip: int, welcome: int) -> None:
    with writing() as session:
        gold = factory.tag(session, "gold")
        number = factory.automation(
            session, vip, factory.email(welcome, delay_seconds=7200), factory.adds(gold)
        )
    tab = _open(signed_in(AutomationState), number)
    first, second = tab.steps
    assert (first.waits, first.amount, first.unit) == (True, "2", "hours")
    assert (second.kind, second.target) == ("add_tag", str(gold))
    assert not tab.dirty
    call(tab, "move_step", second.key, -1)
    call(tab, "set_amount", first.key, "3")
    assert tab.dirty
    call(tab, "save")
    with reading() as session:
        actions = factory.rows(session, Action)
    assert [(one.id, one.position, one.delay_seconds) for one in actions] == [
        (1, 1, 10800),
        (2, 0, 0),
    ]
    assert all(one.removed_at is None for one in actions)


def test_a_name_made_of_the_steps_follows_them(
    builder: AutomationState, vip: int, welcome: int
) -> None:
    call(_chosen(builder, vip, welcome), "save")
    _open(builder, 1)
    assert builder.name == ""
    call(builder, "set_waits", builder.steps[0].key, "later")
    call(builder, "save")
    with reading() as session:
        (made,) = factory.rows(session, Automation)
    assert made.name == "When vip is assigned → after 1 day send Welcome"


@pytest.mark.parametrize("amount", ["", "soon", "-1", "0", "nan", "1e999"])
def test_a_wait_that_is_no_length_of_time_is_refused_at_its_step(
    builder: AutomationState, vip: int, welcome: int, amount: str
) -> None:
    _chosen(builder, vip, welcome)
    key = builder.steps[0].key
    call(builder, "set_waits", key, "later")
    call(builder, "set_amount", key, amount)
    call(builder, "save")
    assert list(builder.errors) == [f"step-{key}"]


def test_who_has_the_tag_already_is_told_and_not_emailed_unless_asked(
    builder: AutomationState, vip: int, welcome: int
) -> None:
    with writing() as session:
        factory.partner(session, "gone", status="suspended")
    _hold(vip)
    with writing() as session:
        assign_tags(session, vip, [1], source=Source.API, actor="crm")
    _chosen(builder, vip, welcome)
    assert (builder.holders, builder.reach) == (4, "3 can be emailed; 1 is suspended.")
    existing = beside(builder, ExistingState)
    assert (existing.include, existing.whom, existing.ready) == (False, "4 partners", True)
    call(builder, "save")
    with reading() as session:
        assert factory.rows(session, Job) == []


@pytest.mark.usefixtures("live")
def test_who_has_the_tag_already_is_emailed_when_asked_for(
    builder: AutomationState, vip: int, welcome: int
) -> None:
    _hold(vip)
    _chosen(builder, vip, welcome)
    existing = beside(builder, ExistingState)
    call(existing, "choose", True)
    assert existing.answer.headline == "3 partners who already have “vip”:"
    assert existing.answer.lines[0].words == "3 get “Welcome” in 30 seconds."
    with reading() as session:
        # Looked at, and nothing of it is there.
        assert factory.rows(session, Automation) == []
    assert "running for the 3" in effect(call(builder, "save"))
    with reading() as session:
        (job,) = factory.rows(session, Job)
    assert (job.kind, job.total) == ("backfill", 3)


def test_a_yes_is_said_to_what_was_shown_and_to_nothing_else(
    builder: AutomationState, vip: int, welcome: int
) -> None:
    _hold(vip)
    _chosen(builder, vip, welcome)
    existing = beside(builder, ExistingState)
    call(existing, "choose", True)
    call(builder, "set_name", "Only another name")
    assert existing.include
    call(builder, "set_waits", builder.steps[0].key, "later")
    assert (existing.include, existing.answer.headline) == (False, "")


def test_above_the_limit_the_number_of_emails_is_typed_first(
    builder: AutomationState, vip: int, welcome: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(existing_state, "TYPE_ABOVE", 2)
    monkeypatch.setattr(existing_state, "PIECE", 2)
    _hold(vip)
    _chosen(builder, vip, welcome)
    existing = beside(builder, ExistingState)
    call(existing, "choose", True)
    assert (existing.must_type, existing.ready, existing.answer.emails) == (True, False, 3)
    assert "Type 3 to send that many" in effect(call(builder, "save"))
    call(existing, "type_number", "3")
    assert existing.ready
    call(builder, "save")
    with reading() as session:
        assert len(factory.rows(session, Job)) == 1


def test_an_email_that_needs_what_partners_lack_is_told(builder: AutomationState, vip: int) -> None:
    with writing() as session:
        factory.partner(session, "nameless", first_name="")
        number = factory.template(session, "Personal")
        version = templates.current(session, number)
        version.variables = [{"name": "partner.first_name", "has_fallback": False}]
    _chosen(builder, vip, number)
    assert builder.notes == [
        "“Personal” needs first name, which 1 partner has not: it is not sent to them."
    ]


@pytest.mark.usefixtures("live")
def test_trying_it_tells_what_would_happen_and_changes_nothing(
    builder: AutomationState, vip: int, welcome: int
) -> None:
    (ada, *_) = _hold(vip, 1)
    _chosen(builder, vip, welcome)
    call(builder, "try_it")
    trial = beside(builder, TryItState)
    assert (trial.opened, trial.emails, trial.to) == (True, 1, "ada@example.com")
    call(trial, "pick", str(ada))
    assert trial.answer.headline == "P1 gets “vip”."
    assert [line.words for line in trial.answer.lines] == ["Gets “Welcome” now."]
    with reading() as session:
        assert factory.rows(session, Automation) == factory.rows(session, Send) == []
        assert [one.ended_at for one in factory.rows(session, Assignment)] == [None]


def test_trying_it_sends_its_emails_to_oneself_and_to_nobody_else(
    builder: AutomationState, vip: int, welcome: int
) -> None:
    (ada, *_) = _hold(vip, 1)
    _chosen(builder, vip, welcome)
    call(builder, "try_it")
    trial = beside(builder, TryItState)
    call(trial, "pick", str(ada))
    call(trial, "send", {"try_to": "nobody"})
    assert "try_to" in trial.errors
    assert "1 test email to me@mail.example" in effect(
        call(trial, "send", {"try_to": "me@mail.example"})
    )
    with reading() as session:
        (batch,) = factory.rows(session, Batch)
        (email,) = orjson.loads(batches.unpack(batch.payload))
        assert factory.rows(session, Send) == []
    assert (email["to"], email["subject"]) == (["me@mail.example"], "[Test] Welcome, P1")


def test_overlaps_and_endless_loops_are_told_and_the_loop_is_refused(
    builder: AutomationState, vip: int, welcome: int
) -> None:
    with writing() as session:
        gold = factory.tag(session, "gold")
        factory.automation(session, vip, factory.adds(gold), name="VIP to gold")
        factory.automation(session, gold, factory.removes(vip), name="Gold ends VIP")
    call(builder, "choose_trigger", "tag_assigned")
    call(builder, "pick_tag", str(vip))
    assert any("“VIP to gold”" in note for note in builder.notes)
    call(builder, "pick_tag", str(gold))
    call(builder, "add_step", "add_tag")
    call(builder, "pick_target", builder.steps[0].key, str(vip))
    words = "These automations could set each other off again and again"
    assert builder.notes[-1].startswith(words)
    assert words in effect(call(builder, "save"))
    with reading() as session:
        assert len(factory.rows(session, Automation)) == 2


def test_only_admins_build(vip: int, welcome: int) -> None:
    tab = _open(signed_in(AutomationState, Role.EDITOR))
    assert "admin" in effect(call(tab, "choose_trigger", "tag_assigned"))
    assert tab.trigger == ""
