"""Automations as people write them: checked, kept with their history, never endless."""

from typing import Any

import pytest

from rxapp.db import automations as reads
from rxapp.db.automations import AutomationFilter, AutomationView
from rxapp.db.engine import reading, writing
from rxapp.db.models import Action, AuditEntry, Automation, Job, Send, Source
from rxapp.domain import automation_words, automations, tag_catalog, templates
from rxapp.domain.automations import AutomationInput
from rxapp.domain.tags import assign_tags
from rxapp.errors import AutomationLoop, InvalidInput, NotFound, Overtaken
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def program(database: str) -> dict[str, int]:
    """Tags vip, gold and silver, emails Welcome and Bye, by name."""
    with writing() as s:
        tags = {name: f.tag(s, name) for name in ("vip", "gold", "silver")}
        return tags | {name: f.template(s, name) for name in ("Welcome", "Bye")}


def email(template_id: int, **more: Any) -> dict[str, Any]:
    return {"kind": "send_email", "template_id": template_id, **more}


def adds(tag_id: int) -> dict[str, Any]:
    return {"kind": "add_tag", "tag_id": tag_id}


def removes(tag_id: int) -> dict[str, Any]:
    return {"kind": "remove_tag", "tag_id": tag_id}


def create(tag_id: int | None, *actions: dict[str, Any], **more: Any) -> int:
    data = AutomationInput.model_validate({"tag_id": tag_id, "actions": actions, **more})
    with writing() as s:
        return automations.create(s, data, "ann").id


def update(automation_id: int, **values: Any) -> None:
    with writing() as s:
        automations.update(s, automation_id, AutomationInput.model_validate(values), "ann")


def view(automation_id: int) -> AutomationView:
    with reading() as s:
        found = reads.view(s, automation_id)
    assert found is not None
    return found


def warnings(tag_id: int, *actions: dict[str, Any], automation_id: int | None = None) -> list[str]:
    data = AutomationInput.model_validate({"tag_id": tag_id, "actions": actions})
    with reading() as s:
        return automations.warnings(s, data, automation_id)


def test_an_automation_reads_as_a_sentence_and_is_called_by_it(program: dict[str, int]) -> None:
    made = create(
        program["vip"],
        email(program["Welcome"]),
        email(program["Bye"], delay_seconds=2 * 86400),
        adds(program["gold"]),
        removes(program["silver"]),
    )
    said = (
        "When *vip* is assigned → send *Welcome* → after 2 days send *Bye* → add tag *gold* → "
        "remove tag *silver*"
    )
    assert automation_words.sentence(view(made)) == said
    assert view(made).name == said.replace("*", "")
    assert view(made).enabled


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(60, "1 minute"), (129600, "1 day 12 hours"), (0, "0 seconds"), (61, "1 minute 1 second")],
)
def test_a_delay_is_told_exactly(seconds: int, words: str) -> None:
    assert automation_words.duration(seconds) == words


def test_what_an_automation_cannot_do_is_refused(program: dict[str, int]) -> None:
    vip, welcome = program["vip"], program["Welcome"]
    refused: list[list[dict[str, Any]]] = [
        [],
        [email(welcome), email(welcome, delay_seconds=60)],
        [adds(program["gold"]), adds(program["gold"])],
        [{"kind": "send_email", "tag_id": vip}],
        [{"kind": "add_tag", "template_id": welcome}],
        [{"kind": "add_tag", "tag_id": vip, "template_id": welcome}],
        [adds(program["gold"]) | {"delay_seconds": 5}],
        [email(welcome, delay_seconds=366 * 86400)],
        [email(999)],
        [adds(999)],
    ]
    for actions in refused:
        with pytest.raises(InvalidInput) as error:
            create(vip, *actions)
        assert error.value.field == "actions"
    for tag_id in (None, 999):
        with pytest.raises(InvalidInput) as error:
            create(tag_id, email(welcome))
        assert error.value.field == "tag_id"


def test_archived_things_are_not_used_anew_but_stay_where_they_are(program: dict[str, int]) -> None:
    made = create(program["vip"], adds(program["gold"]), email(program["Welcome"]))
    with writing() as s:
        for name in ("vip", "gold"):
            tag_catalog.archive(s, program[name], actor="ann")
    update(made, name="Other", actions=[adds(program["gold"])])
    for data in ({"actions": [removes(program["gold"])]}, {"tag_id": program["gold"]}):
        with pytest.raises(InvalidInput, match="archived"):
            update(made, **data)


def test_a_step_that_does_the_same_stays_the_same_step(program: dict[str, int]) -> None:
    made = create(program["vip"], email(program["Welcome"]), adds(program["gold"]))
    first, second = view(made).actions
    update(
        made,
        actions=[
            email(program["Bye"]),
            adds(program["gold"]),
            email(program["Welcome"], delay_seconds=60, needs_tag=False),
        ],
    )
    steps = view(made).actions
    assert [step.template for step in steps] == ["Bye", None, "Welcome"]
    assert [steps[2].id, steps[1].id] == [first.id, second.id]
    assert (steps[2].delay_seconds, steps[2].needs_tag) == (60, False)
    update(made, actions=[adds(program["gold"])])
    with reading() as s:
        gone = [step.id for step in f.rows(s, Action) if step.removed_at is not None]
    assert sorted(gone) == sorted([steps[0].id, first.id])


def test_only_what_is_given_changes_and_it_is_audited_once(program: dict[str, int]) -> None:
    made = create(program["vip"], email(program["Welcome"]), name="Hello")
    update(made, enabled=False)
    update(made, enabled=False, name="Hello")
    assert (view(made).name, view(made).enabled, len(view(made).actions)) == ("Hello", False, 1)
    with reading() as s:
        log = [(e.action, e.data) for e in f.rows(s, AuditEntry) if e.subject == "automation"]
    sentence = "When vip is assigned → send Welcome"
    assert log == [
        ("created", {"name": "Hello", "now": sentence}),
        ("updated", {"changed": ["enabled"], "enabled": False}),
    ]


def test_the_audit_log_says_how_an_automation_read_before_and_after(
    program: dict[str, int],
) -> None:
    made = create(program["vip"], email(program["Welcome"]), name="Hello")
    update(made, actions=[email(program["Bye"])], name="Farewell")
    with reading() as s:
        *_, last = f.rows(s, AuditEntry)
    assert last.data == {
        "changed": ["actions", "name"],
        "was": "When vip is assigned → send Welcome",
        "now": "When vip is assigned → send Bye",
        "name_was": "Hello",
        "name_now": "Farewell",
    }


def test_a_copy_does_the_same_and_is_off(program: dict[str, int]) -> None:
    steps = [email(program["Welcome"], delay_seconds=60), adds(program["gold"])]
    made = create(program["vip"], *steps, name="Hello")
    with writing() as s:
        copy = automations.duplicate(s, made, "ann").id
    old, new = view(made), view(copy)
    assert (new.name, new.enabled, new.tag_id) == ("Hello (copy)", False, old.tag_id)
    assert [(one.kind, one.delay_seconds) for one in new.actions] == [
        (one.kind, one.delay_seconds) for one in old.actions
    ]


def test_a_deleted_automation_is_gone_but_stays_in_the_log(program: dict[str, int]) -> None:
    made = create(program["vip"], email(program["Welcome"]))
    with writing() as s:
        automations.delete(s, made, "ann")
    with reading() as s:
        assert reads.page(s) == []
        assert s.get_one(Automation, made).deleted_at is not None
        with pytest.raises(NotFound):
            automations.find(s, made)


def test_the_list_follows_creation_and_is_filtered_by_tag_email_and_state(
    program: dict[str, int],
) -> None:
    a = create(program["vip"], email(program["Welcome"]))
    b = create(program["gold"], email(program["Welcome"]), email(program["Bye"]), enabled=False)
    c = create(program["vip"], adds(program["gold"]))
    with reading() as s:
        found = {
            "all": reads.page(s),
            "vip": reads.page(s, tag_id=program["vip"]),
            "welcome": reads.page(s, template_id=program["Welcome"]),
            "off": reads.page(s, enabled=False),
            "second": reads.page(s, after=a, limit=1),
        }
        assert {word: [one.id for one in views] for word, views in found.items()} == {
            "all": [a, b, c],
            "vip": [a, c],
            "welcome": [a, b],
            "off": [b],
            "second": [b],
        }
        assert [one.id for one in automations.overlaps(s, program["vip"], exclude=c)] == [a]


def test_switching_on_leaves_those_who_have_the_tag_alone_unless_asked(
    program: dict[str, int],
) -> None:
    made = create(program["vip"], email(program["Welcome"]), enabled=False)
    with writing() as s:
        people = f.partners(s, 3)
        assign_tags(s, program["vip"], people, source=Source.API, actor="ann")
        assert automations.count_existing(s, made) == 3
        assert automations.set_enabled(s, made, True, actor="ann") is None
    with reading() as s:
        assert not [*f.rows(s, Send), *f.rows(s, Job)]
    with writing() as s:
        job = automations.set_enabled(s, made, True, actor="ann", include_existing=True)
        assert job is not None
        assert (job.kind, job.total) == ("backfill", 3)


def test_an_endless_loop_is_refused_with_its_story(program: dict[str, int]) -> None:
    create(program["vip"], adds(program["gold"]), name="Upgrade")
    with pytest.raises(AutomationLoop) as refused:
        create(program["gold"], removes(program["vip"]), adds(program["vip"]), name="Swap")
    assert str(refused.value) == (
        "These automations could set each other off again and again: “vip” adds “gold” (Upgrade), "
        "“gold” adds “vip” (Swap), and “gold” removes “vip” (Swap), so “vip” could be added "
        "again, and so on."
    )
    with reading() as s:
        assert [one.name for one in reads.page(s)] == ["Upgrade"]


def test_a_loop_is_refused_when_it_would_be_switched_on_not_while_it_is_off(
    program: dict[str, int],
) -> None:
    create(program["vip"], adds(program["gold"]))
    swap = [removes(program["vip"]), adds(program["vip"])]
    made = create(program["gold"], *swap, enabled=False)
    update(made, name="Still off")
    with pytest.raises(AutomationLoop), writing() as s:
        automations.set_enabled(s, made, True, actor="ann")
    assert not view(made).enabled


def test_changing_steps_or_tag_into_an_endless_loop_is_refused(program: dict[str, int]) -> None:
    made = create(program["vip"], removes(program["vip"]))
    with pytest.raises(AutomationLoop):
        update(made, actions=[removes(program["vip"]), adds(program["vip"])])
    swap = create(program["silver"], removes(program["vip"]), adds(program["vip"]))
    with pytest.raises(AutomationLoop):
        update(swap, tag_id=program["vip"])


def test_a_harmless_loop_is_saved_and_warned_of(program: dict[str, int]) -> None:
    create(program["vip"], adds(program["gold"]), name="Up")
    (warning,) = warnings(program["gold"], adds(program["vip"]))
    assert "go round in a circle" in warning
    assert "“vip” adds “gold” (Up)" in warning
    create(program["gold"], adds(program["vip"]))


def test_the_editor_warns_of_overlaps_and_of_emails_that_would_be_skipped(
    program: dict[str, int],
) -> None:
    made = create(program["vip"], email(program["Welcome"]), name="Hello")
    later = email(program["Bye"], delay_seconds=60)
    overlap = "This tag also sets off “Hello”: all of them run."
    assert warnings(program["vip"], later) == [overlap]
    assert warnings(program["vip"], later, automation_id=made) == []
    assert len(warnings(program["silver"], later, removes(program["silver"]))) == 1
    kept = later | {"needs_tag": False}
    assert warnings(program["silver"], kept, removes(program["silver"])) == []


def test_the_editor_says_what_an_added_tag_sets_off_and_which_email_is_sent_once(
    program: dict[str, int],
) -> None:
    create(program["gold"], email(program["Welcome"]), adds(program["silver"]), name="Hello")
    assert warnings(program["vip"], adds(program["gold"])) == [
        "Adding “gold” sets off “Hello” as well: send “Welcome”, then add tag “silver”."
    ]
    assert warnings(program["gold"], email(program["Welcome"])) == [
        "This tag also sets off “Hello”: all of them run.",
        "“Hello” sends “Welcome” as well: each partner gets it only once.",
    ]


def test_one_that_nobody_named_follows_what_its_tags_and_emails_are_called(
    program: dict[str, int],
) -> None:
    steps = [email(program["Welcome"]), adds(program["gold"])]
    unnamed, named = create(program["vip"], *steps), create(program["vip"], *steps, name="Greet")
    gone = create(program["gold"], email(program["Welcome"]))
    with writing() as s:
        automations.delete(s, gone, "ann")
    with writing() as s:
        tag_catalog.update(s, program["vip"], name="Champions", actor="ann")
        tag_catalog.update(s, program["gold"], name="Golden", actor="ann")
        changes = templates.TemplateChanges(name="Hello there")
        templates.save(s, program["Welcome"], changes, "ann")
    said = "When Champions is assigned → send Hello there → add tag Golden"
    with reading() as s:
        assert s.get_one(Automation, gone).name == "When Golden is assigned → send Hello there"
        found = reads.listed(s, AutomationFilter(q="champions hello"), limit=9)
        assert [one.name for one in found] == [said, "Greet"]
    assert (view(named).name, view(unnamed).version) == ("Greet", 1)
    # What a client read and sends back with other steps names nothing.
    update(unnamed, name=said, actions=[email(program["Bye"])])
    assert view(unnamed).name == "When Champions is assigned → send Bye"
    update(unnamed, name="Mine")
    update(unnamed, actions=steps)
    assert view(unnamed).name == "Mine"
    update(unnamed, name="")
    assert view(unnamed).name == said


def test_a_copy_of_one_that_nobody_named_has_no_name_either(program: dict[str, int]) -> None:
    made = create(program["vip"], email(program["Welcome"]))
    with writing() as s:
        copy = automations.duplicate(s, made, "ann").id
    assert (view(copy).name, view(copy).named) == (view(made).name, False)


def test_who_saves_what_somebody_else_changed_meanwhile_is_told(program: dict[str, int]) -> None:
    made = create(program["vip"], email(program["Welcome"]))
    changes: list[dict[str, Any]] = [
        {"enabled": False},
        {"name": "Other"},
        {"tag_id": program["gold"]},
        {"actions": [email(program["Bye"])]},
    ]
    for version, change in enumerate(changes, start=1):
        assert view(made).version == version
        update(made, **change, based_on=version)
        # Once more changes nothing, and overtakes nobody.
        update(made, **change)
        with pytest.raises(Overtaken, match="ann changed") as refused:
            update(made, name="Late", based_on=version)
        assert refused.value.extra["version"] == version + 1
    # Whoever names no version has the last word.
    update(made, name="Last")
    assert (view(made).name, view(made).version) == ("Last", 6)
