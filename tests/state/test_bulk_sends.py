"""Acting on all sends of a filter: what would happen is told first, and only that is done."""

import pytest
from sqlalchemy import update
from sqlmodel import col

from rxapp.db.engine import reading, writing
from rxapp.db.models import Job, Partner, PartnerStatus, Role, Send, SendStatus, Source
from rxapp.domain import jobs
from rxapp.domain.tags import assign_tags
from rxapp.state import bulk_sends
from rxapp.state.bulk_sends import BulkSendsState
from rxapp.state.jobs import JobsState
from rxapp.state.sends import SendsState
from tests import factory
from tests.state.support import beside, browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


class Page:
    """The history with its dialog and its bar, in one tab."""

    def __init__(self, address: str = "/sends", role: Role = Role.ADMIN) -> None:
        self.list = signed_in(SendsState, role)
        self.dialog = beside(self.list, BulkSendsState)
        self.bar = beside(self.list, JobsState)
        browse(self.list, session_of(self.list), address)
        call(self.list, "load")

    def words(self) -> list[str]:
        return [line.words for line in self.dialog.answer.lines]


@pytest.fixture
def ids() -> list[int]:
    """Four sends of “Welcome”: two failed, one of them to a suspended partner; two wait."""
    with writing() as s:
        vip, people = factory.tag(s), factory.partners(s, 4)
        factory.automation(s, vip, factory.email(factory.template(s, "Welcome")))
        assign_tags(s, vip, people, source=Source.API, actor="crm")
        found = sorted(send.id for send in factory.rows(s, Send))
        s.get_one(Partner, s.get_one(Send, found[1]).partner_id).status = PartnerStatus.SUSPENDED
    fail(found[0], "refused")
    fail(found[1], "missing")
    return found


def fail(send_id: int, reason: str, status: SendStatus = SendStatus.FAILED) -> None:
    with writing() as s:
        changed = update(Send).where(col(Send.id) == send_id)
        s.connection().execute(changed.values(status=status, reason=reason))


def work_off(job_id: int) -> None:
    more = True
    while more:
        with writing() as s:
            more = jobs.run_chunk(s, s.get_one(Job, job_id))


def statuses() -> list[str]:
    with reading() as s:
        return [send.status for send in sorted(factory.rows(s, Send), key=lambda one: one.id)]


@pytest.mark.usefixtures("live")
def test_sending_again_says_who_gets_it_and_who_does_not(ids: list[int]) -> None:
    fail(ids[3], "no_answer", SendStatus.UNKNOWN)
    page = Page()
    call(page.dialog, "open_again")
    assert page.dialog.answer.headline == "2 failed emails are sent again, in the present wording."
    assert page.words() == [
        "1 gets “Welcome” again in 30 seconds.",
        "1 is suspended and does not get “Welcome”.",
        "1 failed because the email could not be put together: unless that was mended, they fail "
        "again.",
        "1 never got an answer from the provider and may have arrived: they are not sent again.",
    ]
    assert page.dialog.answer.confirm == "Send 1 email again"
    assert statuses() == ["failed", "failed", "queued", "unknown"]
    call(page.dialog, "start")
    assert page.bar.job.title == "Sending failed emails again"
    work_off(page.bar.job.id)
    call(page.bar, "refresh")
    assert page.bar.job.words == "2 of 2 emails · 2 emails"
    assert statuses()[4:] == ["queued", "queued"]
    undone = effect(call(page.bar, "undo"))
    assert "2 emails canceled, and nobody was emailed again" in undone
    assert statuses()[4:] == ["canceled", "canceled"]


def test_canceling_stops_the_waiting_ones_of_the_filter(ids: list[int]) -> None:
    page = Page("/sends?status=waiting")
    call(page.dialog, "open_cancel")
    assert page.dialog.answer.headline == "2 waiting emails are canceled."
    call(page.dialog, "start")
    work_off(page.bar.job.id)
    call(page.bar, "refresh")
    assert page.bar.job.title == "Canceling waiting emails: done"
    assert page.bar.job.words == "2 of 2 emails · 2 canceled"
    assert statuses() == ["failed", "failed", "canceled", "canceled"]


def test_a_filter_that_lets_none_of_them_through_starts_nothing(ids: list[int]) -> None:
    page = Page("/sends?status=delivered")
    for opened in ("open_again", "open_cancel"):
        call(page.dialog, opened)
        assert "None of these emails" in page.dialog.answer.headline
        assert not page.dialog.ready
        assert "Look at what would happen first" in effect(call(page.dialog, "start"))


def test_more_than_were_shown_are_refused(ids: list[int]) -> None:
    page = Page()
    call(page.dialog, "open_again")
    fail(ids[2], "refused")
    told = effect(call(page.dialog, "start"))
    assert "Meanwhile these are 3 emails, not 2. Nothing was started." in told
    with reading() as s:
        assert factory.rows(s, Job) == []


def test_the_filters_are_those_the_dialog_was_opened_with(ids: list[int]) -> None:
    page = Page("/sends?status=failed")
    call(page.dialog, "open_again")
    browse(page.list, session_of(page.list), "/sends?status=waiting")
    call(page.list, "load")
    call(page.dialog, "start")
    work_off(page.bar.job.id)
    assert len(statuses()) == 6


def test_many_emails_ask_for_their_number(ids: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_sends, "TYPE_ABOVE", 0)
    page = Page()
    call(page.dialog, "open_again")
    assert (page.dialog.must_type, page.dialog.ready) == (True, False)
    call(page.dialog, "type_number", "2")
    assert not page.dialog.ready
    call(page.dialog, "type_number", "1")
    assert page.dialog.ready


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_admins_act_on_many(ids: list[int], role: Role) -> None:
    page = Page(role=role)
    for name in ("open_again", "open_cancel", "start"):
        assert f"You have the role “{role}”" in effect(call(page.dialog, name))
    assert not page.dialog.opened
