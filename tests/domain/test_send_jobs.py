"""Sending many failed emails again, and canceling many waiting ones."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from rxapp.db.engine import reading, writing
from rxapp.db.models import AuditEntry, Job, JobKind, Send, SendStatus, Source
from rxapp.db.send_log import SendFilter
from rxapp.db.types import utcnow
from rxapp.domain import jobs, sends
from rxapp.domain.jobs import Undone
from rxapp.domain.tags import assign_tags
from rxapp.errors import WrongStatus
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 2)


@pytest.fixture
def history() -> list[int]:
    """Five sends of one email: three failed, one unknown, one waiting."""
    with writing() as s:
        vip, people = f.tag(s), f.partners(s, 5)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, people, source=Source.API, actor="crm")
        ids = sorted(send.id for send in f.rows(s, Send))
    step(ids[:3], SendStatus.FAILED, "refused")
    step(ids[3:4], SendStatus.UNKNOWN, "no_answer")
    return ids


def step(ids: list[int], status: SendStatus, reason: str = "") -> None:
    with writing() as s:
        changed = update(Send).where(col(Send.id).in_(ids))
        s.connection().execute(changed.values(status=status, reason=reason))


def start(kind: JobKind, wanted: SendFilter | None = None, hold: int = 0) -> int:
    with writing() as s:
        return jobs.start_sends(s, kind, wanted or SendFilter(), actor="ann", hold_seconds=hold).id


def work_off(job_id: int) -> dict[str, int]:
    more = True
    while more:
        with writing() as s:
            more = jobs.run_chunk(s, s.get_one(Job, job_id))
    with reading() as s:
        return jobs.view(s, job_id).counts


def again() -> list[Send]:
    with reading() as s:
        return [send for send in f.rows(s, Send) if send.resend_of]


def test_only_what_failed_is_sent_again_and_once(history: list[int]) -> None:
    assert work_off(start(JobKind.SEND_AGAIN)) == {"queued": 3}
    assert sorted(send.resend_of or 0 for send in again()) == history[:3]
    assert {(send.status, send.actor, send.bulk) for send in again()} == {("queued", "ann", True)}
    assert work_off(start(JobKind.SEND_AGAIN)) == {}
    assert len(again()) == 3


def test_the_filter_narrows_what_is_sent_again(history: list[int]) -> None:
    with reading() as s:
        partner_id = s.get_one(Send, history[0]).partner_id
    work_off(start(JobKind.SEND_AGAIN, SendFilter(partner_id=partner_id)))
    assert [send.resend_of for send in again()] == history[:1]
    # A filter for other statuses lets no failed one through.
    assert work_off(start(JobKind.SEND_AGAIN, SendFilter(status=[SendStatus.SKIPPED]))) == {}


def test_what_somebody_sent_again_meanwhile_is_left_out(history: list[int]) -> None:
    job_id = start(JobKind.SEND_AGAIN)
    with writing() as s:
        sends.send_again(s, history[1], "bob")
    assert work_off(job_id) == {"queued": 2, "left_out": 1}
    assert len(again()) == 3


def test_a_repetition_that_was_canceled_does_not_stand_in_the_way(history: list[int]) -> None:
    with writing() as s:
        sends.cancel(s, sends.send_again(s, history[0], "bob").id, "bob")
    assert work_off(start(JobKind.SEND_AGAIN)) == {"queued": 3}


def test_it_can_be_undone_until_it_leaves(history: list[int]) -> None:
    job_id = start(JobKind.SEND_AGAIN, hold=30)
    work_off(job_id)
    assert all(send.due_at > utcnow() + timedelta(seconds=20) for send in again())
    with writing() as s:
        assert jobs.undo(s, job_id, "ann") == Undone(3)
    assert {(send.status, send.reason) for send in again()} == {("canceled", "undone")}
    with reading() as s:
        assert s.get_one(Send, history[4]).status == "queued"


@pytest.mark.parametrize("end", [jobs.cancel, jobs.undo])
def test_what_another_action_sends_again_is_not_taken_back_with_it(
    history: list[int], end: Callable[..., object]
) -> None:
    """Two asked for the same ones at once, and the later one found nothing left to do."""
    first, second = start(JobKind.SEND_AGAIN, hold=30), start(JobKind.SEND_AGAIN, hold=30)
    assert work_off(first) == {"queued": 3}
    assert work_off(second) == {"left_out": 3}
    with writing() as s, suppress(WrongStatus):
        end(s, second, "bob")
    assert {send.status for send in again()} == {"queued"}
    with writing() as s:
        assert jobs.undo(s, first, "ann") == Undone(3)


def test_undoing_one_that_was_stopped_leaves_what_was_sent_again_since(history: list[int]) -> None:
    first = start(JobKind.SEND_AGAIN, hold=30)
    work_off(first)
    with writing() as s:
        jobs.cancel(s, first, "ann")
    assert work_off(start(JobKind.SEND_AGAIN, hold=30)) == {"queued": 3}
    with writing() as s:
        assert jobs.undo(s, first, "ann") == Undone(0)
    assert [send.status for send in again()] == ["canceled"] * 3 + ["queued"] * 3


def test_stopping_it_cancels_what_it_queued_and_nothing_else(history: list[int]) -> None:
    job_id = start(JobKind.SEND_AGAIN)
    with writing() as s:
        jobs.run_chunk(s, s.get_one(Job, job_id))
    with writing() as s:
        assert jobs.cancel(s, job_id, "ann") == 2
    with reading() as s:
        assert s.get_one(Send, history[4]).status == "queued"
    assert len(again()) == 2


def test_canceling_takes_the_waiting_ones_and_leaves_what_has_left(history: list[int]) -> None:
    step(history[:3], SendStatus.QUEUED)
    job_id = start(JobKind.CANCEL_SENDS)
    step(history[:1], SendStatus.SENDING)
    assert work_off(job_id) == {"canceled": 3, "gone": 1}
    with reading() as s:
        found = {send.id: send.status for send in f.rows(s, Send)}
        entries = [
            entry.subject_id
            for entry in f.rows(s, AuditEntry)
            if (entry.subject, entry.action, entry.actor) == ("send", "canceled", "ann")
        ]
    assert [found[one] for one in history] == [
        "sending",
        "canceled",
        "canceled",
        "unknown",
        "canceled",
    ]
    assert sorted(entries) == [history[1], history[2], history[4]]
    with writing() as s, pytest.raises(WrongStatus):
        jobs.undo(s, job_id, "ann")
