"""Tags: one per name, archived rather than torn out of what uses them."""

import pytest

from rxapp.db import tags as reads
from rxapp.db.engine import reading, writing
from rxapp.db.models import AuditEntry, Source
from rxapp.domain import tag_catalog
from rxapp.domain.tags import assign_tags, remove_tags
from rxapp.errors import AlreadyExists, InUse, InvalidInput, NotFound
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


def create(name: str, **options: str) -> int:
    with writing() as s:
        return tag_catalog.create(s, name, actor="ann", **options).id


def refusal(tag_id: int) -> InUse:
    with pytest.raises(InUse) as refused, writing() as s:
        tag_catalog.delete(s, tag_id, actor="ann")
    return refused.value


@pytest.mark.parametrize("same", ["VIP", " vip ", "vIp", "v\u200bip"])
def test_a_name_is_taken_whatever_its_case_and_spaces(same: str) -> None:
    create("Vip")
    with pytest.raises(AlreadyExists, match="“Vip”"), writing() as s:
        tag_catalog.create(s, same, actor="ann")


def test_inner_spaces_fold_and_the_name_is_kept_as_written() -> None:
    tag_id = create("  Gold   Club ")
    with reading() as s:
        found = tag_catalog.find(s, "gold club")
        assert (found.id, found.name) == (tag_id, "Gold Club")


@pytest.mark.parametrize("bad", ["", "  ", "a;b", "2024", "x" * 101])
def test_a_name_that_would_be_mistaken_for_something_else_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInput) as refused, writing() as s:
        tag_catalog.create(s, bad, actor="ann")
    assert refused.value.field == "name"


def test_an_unknown_color_is_refused() -> None:
    with pytest.raises(InvalidInput, match="tomato"), writing() as s:
        tag_catalog.create(s, "vip", color="#fff", actor="ann")


def test_a_tag_is_found_by_id_digits_and_name_and_nothing_else() -> None:
    tag_id = create("vip")
    with reading() as s:
        found = [tag_catalog.find(s, ref).id for ref in (tag_id, str(tag_id), "VIP")]
        assert found == [tag_id] * 3
        for unknown in (0, 99, "99", "9" * 40, "", "gold"):
            with pytest.raises(NotFound):
                tag_catalog.find(s, unknown)


def test_ensuring_a_tag_makes_it_once() -> None:
    with writing() as s:
        first = tag_catalog.ensure(s, "Gold", actor="ann").id
        assert tag_catalog.ensure(s, "gold ", actor="ann").id == first


def test_changing_a_tag_to_its_own_name_in_another_case_is_no_conflict() -> None:
    tag_id = create("vip")
    with writing() as s:
        tag_catalog.update(s, tag_id, name="VIP", color="plum", actor="ann")
    with reading() as s:
        assert (tag_catalog.find(s, "vip").name, tag_catalog.find(s, "vip").color) == (
            "VIP",
            "plum",
        )


def test_a_tag_never_used_is_deleted() -> None:
    tag_id = create("vip")
    with writing() as s:
        tag_catalog.delete(s, tag_id, actor="ann")
    with reading() as s, pytest.raises(NotFound):
        tag_catalog.find(s, "vip")


def test_deleting_a_used_tag_is_refused_with_the_list_of_users() -> None:
    with writing() as s:
        people, vip, new = f.partners(s, 2), f.tag(s, "vip"), f.tag(s, "new")
        welcome = f.automation(s, vip, f.email(f.template(s)), name="Welcome")
        giver = f.automation(s, new, f.adds(vip), name="Giver")
        assign_tags(s, vip, people, source=Source.API, actor="ann")
    refused = refusal(vip)
    assert refused.extra["used_by"] == [
        {"kind": "automation", "id": welcome, "name": "Welcome"},
        {"kind": "automation", "id": giver, "name": "Giver"},
        {"kind": "partners", "count": 2},
        {"kind": "waiting_sends", "count": 2},
    ]
    assert str(refused) == (
        "The tag “vip” cannot be deleted: it is used by the automation “Welcome”, "
        "the automation “Giver”, 2 partners who have it and 2 emails that are waiting to leave. "
        "You can archive it instead."
    )


def test_a_tag_that_only_the_log_still_names_is_archived_not_deleted() -> None:
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")
        remove_tags(s, vip, [ada], source=Source.API, actor="ann")
    assert refusal(vip).extra["used_by"] == [{"kind": "history"}]
    with writing() as s:
        tag_catalog.archive(s, vip, actor="ann")
    with reading() as s:
        assert [row.id for row in reads.page(s)] == []
        assert [row.id for row in reads.page(s, archived=True)] == [vip]


def test_the_list_counts_open_assignments_and_automations() -> None:
    with writing() as s:
        people, vip, gold = f.partners(s, 3), f.tag(s, "vip"), f.tag(s, "gold")
        f.automation(s, vip, f.adds(gold))
        f.tag(s, "unused")
        assign_tags(s, vip, people, source=Source.API, actor="ann", run_automations=False)
        remove_tags(s, vip, people[:1], source=Source.API, actor="ann")
    with reading() as s:
        assert [(r.name, r.partners, r.automations) for r in reads.page(s)] == [
            ("gold", 0, 1),
            ("unused", 0, 0),
            ("vip", 2, 1),
        ]
        assert [r.name for r in reads.page(s, q="ol")] == ["gold"]
        assert [r.id for r in reads.page(s, after=vip, limit=1)] == [gold]


def test_every_change_is_audited_once() -> None:
    tag_id = create("vip")
    with writing() as s:
        tag_catalog.update(s, tag_id, description="Very important", actor="ann")
        tag_catalog.update(s, tag_id, description="Very important", actor="ann")
        tag_catalog.archive(s, tag_id, actor="ann")
        tag_catalog.archive(s, tag_id, actor="ann")
        tag_catalog.unarchive(s, tag_id, actor="ann")
        tag_catalog.delete(s, tag_id, actor="ann")
    with reading() as s:
        actions = [entry.action for entry in f.rows(s, AuditEntry) if entry.subject_id == tag_id]
    assert actions == ["created", "updated", "archived", "unarchived", "deleted"]
