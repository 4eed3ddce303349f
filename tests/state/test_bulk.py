"""Acting on many partners: what would happen is told first, and only that is done."""

import asyncio
from typing import Any

import pytest

from rxapp.db import partners as reads
from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    Assignment,
    Consent,
    Job,
    JobItem,
    JobKind,
    PartnerStatus,
    Role,
    Send,
    Source,
    Tag,
)
from rxapp.db.partners import PartnerFilter
from rxapp.domain import jobs
from rxapp.domain.tags import assign_tags
from rxapp.state import bulk
from rxapp.state.bulk import BulkState
from rxapp.state.bulk_status import StatusState
from rxapp.state.jobs import JobsState
from rxapp.state.partners import PartnersState
from tests import factory
from tests.state.support import beside, browse, call, effect, finish, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


class Page:
    """The list of partners with its dialog and its bar, in one tab."""

    def __init__(self, role: Role = Role.ADMIN) -> None:
        self.list = signed_in(PartnersState, role)
        self.dialog = beside(self.list, BulkState)
        self.bar = beside(self.list, JobsState)
        self.status = beside(self.list, StatusState)
        self.go("/partners")

    def go(self, path: str) -> None:
        browse(self.list, session_of(self.list), path)
        call(self.list, "load")


def program(partners: int = 3) -> tuple[list[int], int]:
    """Partners, and a tag whose automation sends an email."""
    with writing() as s:
        ids, vip = factory.partners(s, partners), factory.tag(s)
        factory.automation(s, vip, factory.email(factory.template(s)))
        return ids, vip


def work_off(job_id: int) -> None:
    """What a worker does, without one."""
    more = True
    while more:
        with writing() as s:
            more = jobs.run_chunk(s, s.get_one(Job, job_id))


def rows(model: type[Any]) -> list[Any]:
    with reading() as s:
        return list(factory.all_rows(s, model))


@pytest.mark.usefixtures("live")
def test_the_dialog_says_what_would_happen_without_doing_it() -> None:
    ids, vip = program(4)
    with writing() as s:
        factory.partner(s, "una", consent=Consent.UNSUBSCRIBED)
        assign_tags(s, vip, ids[:1], source=Source.API, actor="crm")
    page = Page()
    call(page.list, "choose_all")
    call(page.dialog, "open_assign")
    assert page.dialog.whom == "5 partners"
    call(page.dialog, "pick", str(vip))
    assert page.dialog.answer.headline == "4 partners newly tagged “vip”, 1 already has it."
    assert [line.words for line in page.dialog.answer.lines] == [
        "3 get “Welcome” in 30 seconds.",
        "1 has unsubscribed and does not get “Welcome”.",
    ]
    assert page.dialog.ready
    assert len(rows(Assignment)) == 1
    assert rows(Job) == []


def test_a_big_selection_is_looked_at_in_pieces_that_add_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "PIECE", 2)
    _, vip = program(5)
    page = Page()
    call(page.list, "choose_all")
    call(page.dialog, "open_assign")
    call(page.dialog, "pick", str(vip))
    assert page.dialog.answer.headline == "5 partners newly tagged “vip”."
    assert page.dialog.answer.emails == 5
    assert page.dialog.progress == ": 5 of 5 partners"


def test_an_answer_nobody_waits_for_any_more_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PIECE", 1)
    _, vip = program(4)
    page = Page()
    call(page.list, "choose_all")
    call(page.dialog, "open_assign")

    async def close_meanwhile() -> None:
        handlers = BulkState.event_handlers
        looking = asyncio.create_task(handlers["pick"].fn(page.dialog, str(vip)))
        while not page.dialog.progress:
            await asyncio.sleep(0)
        await handlers["set_opened"].fn(page.dialog, False)
        await looking

    finish(close_meanwhile())
    assert (page.dialog.answer.headline, page.dialog.ready) == ("", False)


def test_starting_makes_a_job_about_exactly_those_who_were_shown() -> None:
    ids, vip = program()
    page = Page()
    for partner_id in ids[:2]:
        call(page.list, "choose", partner_id)
    call(page.dialog, "open_assign")
    call(page.dialog, "pick", str(vip))
    call(page.dialog, "start")
    assert [item.partner_id for item in rows(JobItem)] == ids[:2]
    (job,) = rows(Job)
    assert job.actor == "ada@example.com"
    assert job.hold_until is not None
    assert (page.bar.job.title, page.bar.job.running) == ("Assigning “vip”", True)
    assert not page.dialog.opened
    assert page.list.chosen_number == 0


def test_when_others_match_by_now_nothing_is_started() -> None:
    _, vip = program()
    page = Page()
    call(page.list, "choose_all")
    call(page.dialog, "open_assign")
    call(page.dialog, "pick", str(vip))
    with writing() as s:
        factory.partner(s, "late")
    (_, told) = call(page.dialog, "start")
    assert "these are 4 partners, not 3" in told
    assert rows(Job) == []


def test_above_the_limit_the_number_of_emails_is_typed_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "TYPE_ABOVE", 2)
    _, vip = program()
    page = Page()
    call(page.list, "choose_all")
    call(page.dialog, "open_assign")
    call(page.dialog, "pick", str(vip))
    assert (page.dialog.must_type, page.dialog.ready) == (True, False)
    assert "Choose a tag first" in call(page.dialog, "start")[0]
    call(page.dialog, "type_number", "2")
    assert not page.dialog.ready
    call(page.dialog, "type_number", "3")
    call(page.dialog, "start")
    assert len(rows(Job)) == 1


def test_a_new_tag_is_made_only_when_it_is_assigned() -> None:
    ids, _ = program()
    page = Page()
    call(page.list, "choose", ids[0])
    call(page.dialog, "open_assign")
    call(page.dialog, "pick_new", "Gold")
    assert "No email is sent" in page.dialog.answer.lines[0].words
    assert [tag.name for tag in rows(Tag)] == ["vip"]
    call(page.dialog, "start")
    assert [tag.name for tag in rows(Tag)] == ["vip", "Gold"]
    work_off(rows(Job)[0].id)
    with reading() as s:
        assert reads.count(s, PartnerFilter(tag_ids_all=[2])) == 1


def test_removing_says_who_loses_the_tag_and_which_emails_are_skipped() -> None:
    with writing() as s:
        ids, vip = factory.partners(s, 3), factory.tag(s)
        later = factory.email(factory.template(s), delay_seconds=3600)
        factory.automation(s, vip, later)
        assign_tags(s, vip, ids[:2], source=Source.API, actor="crm")
    page = Page()
    call(page.list, "choose_all")
    call(page.dialog, "open_remove")
    call(page.dialog, "pick", str(vip))
    assert page.dialog.answer.headline == "“vip” is taken off 2 partners."
    assert "2 waiting emails are skipped" in page.dialog.answer.lines[1].words
    call(page.dialog, "start")
    work_off(rows(Job)[0].id)
    assert all(one.ended_at for one in rows(Assignment))


def test_the_bar_follows_the_job_and_the_list_shows_what_it_did() -> None:
    _, vip = program()
    page = Page()
    call(page.list, "choose_all")
    call(page.dialog, "open_assign")
    call(page.dialog, "pick", str(vip))
    call(page.dialog, "start")
    assert effect(call(page.bar, "refresh")) == ""
    work_off(page.bar.job.id)
    assert "partners_state.refresh" in effect(call(page.bar, "refresh"))
    assert page.bar.job.words == "3 of 3 partners · 3 tagged · 3 emails"
    assert not page.bar.job.running
    assert 0 < page.bar.job.undo_seconds <= 30


def test_undo_takes_tags_and_emails_back() -> None:
    _, vip = program()
    page = Page()
    call(page.list, "choose_all")
    call(page.dialog, "open_assign")
    call(page.dialog, "pick", str(vip))
    call(page.dialog, "start")
    work_off(page.bar.job.id)
    assert "3 partners as before" in effect(call(page.bar, "undo"))
    assert page.bar.job.title == "Assigning “vip”: undone"
    assert {send.status for send in rows(Send)} == {"canceled"}
    assert all(one.ended_at for one in rows(Assignment))


def test_changing_status_says_what_it_leads_to_and_can_be_taken_back() -> None:
    ids, vip = program(3)
    with writing() as s:
        factory.partner(s, "sue", status=PartnerStatus.SUSPENDED)
        assign_tags(s, vip, ids[:1], source=Source.API, actor="crm")
    page = Page()
    call(page.list, "choose_all")
    call(page.status, "open")
    assert page.status.whom == "4 partners"
    call(page.status, "pick", "suspended")
    assert page.status.answer.headline == "3 partners become suspended, 1 already is."
    assert [line.words for line in page.status.answer.lines] == [
        "No email is sent to them any more. Their tags stay on.",
        "1 waiting email is skipped when due.",
    ]
    call(page.status, "start")
    assert page.list.chosen_number == 0
    work_off(page.bar.job.id)
    call(page.bar, "refresh")
    assert page.bar.job.title == "Changing status to suspended: done"
    assert page.bar.job.words == "4 of 4 partners · 3 changed · 1 had it already"
    assert "Undone: 3 partners as before." in effect(call(page.bar, "undo"))
    assert page.bar.job.words == "Everybody has the status they had before."
    with reading() as s:
        assert reads.count(s, PartnerFilter(status=PartnerStatus.ACTIVE)) == 3


def test_making_many_active_promises_no_email_that_something_else_withholds() -> None:
    with writing() as s:
        factory.partner(s, "sue", status=PartnerStatus.SUSPENDED)
    page = Page()
    call(page.list, "choose_all")
    call(page.status, "open")
    call(page.status, "pick", "active")
    first = page.status.answer.lines[0].words
    assert first.endswith("as far as they have not unsubscribed and their address works.")


def test_a_status_everybody_has_cannot_be_started() -> None:
    program(2)
    page = Page()
    call(page.list, "choose_all")
    call(page.status, "open")
    call(page.status, "pick", "active")
    assert "active already" in page.status.answer.headline
    assert "Choose a status first" in effect(call(page.status, "start"))
    assert "no such status" in effect(call(page.status, "pick", "rubbish"))


def test_the_chosen_are_exported_by_their_filter_or_one_by_one() -> None:
    ids, vip = program(3)
    page = Page()
    page.go(f"/partners?q=p1&none={vip}&sort=name")
    call(page.list, "choose_all")
    assert f"/api/v1/exports/partners?q=p1&none={vip}" in effect(call(page.list, "export"))
    call(page.list, "choose_nobody")
    call(page.list, "choose", ids[0])
    told = effect(call(page.list, "export"))
    assert f"/api/v1/exports/partners?ids={ids[0]}" in told
    assert "Downloading 1 partner as a CSV file." in told


def test_stopping_keeps_what_is_done_and_cancels_what_waits() -> None:
    _, vip = program()
    page = Page()
    call(page.list, "choose_all")
    call(page.dialog, "open_assign")
    call(page.dialog, "pick", str(vip))
    call(page.dialog, "start")
    assert "what was done stays done" in effect(call(page.bar, "cancel"))
    assert page.bar.job.title == "Assigning “vip”: canceled"
    assert rows(Assignment) == []


def test_another_tab_finds_the_action_that_still_runs() -> None:
    ids, vip = program()
    page = Page()
    with writing() as s:
        job = jobs.start_bulk(s, JobKind.ASSIGN, vip, ids, actor="ada@example.com")
    call(page.bar, "load")
    assert page.bar.job.id == job.id
    call(page.bar, "dismiss")
    assert page.bar.job.id == 0


def test_bulk_is_for_admins() -> None:
    ids, vip = program()
    page = Page(Role.EDITOR)
    with writing() as s:
        jobs.start_bulk(s, JobKind.ASSIGN, vip, ids, actor="ada@example.com", hold_seconds=30)
    call(page.bar, "load")
    for state, name in (
        (page.dialog, "open_assign"),
        (page.bar, "undo"),
        (page.bar, "cancel"),
        (page.status, "open"),
        (page.list, "export"),
    ):
        assert "“editor”" in effect(call(state, name))
    assert "“editor”" in effect(call(page.dialog, "pick", str(vip)))
    assert "“editor”" in call(page.dialog, "start")[0]
