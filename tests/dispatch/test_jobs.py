"""Bulk work in chunks: whole, resumable, undoable."""

from datetime import timedelta

import pytest

from rxapp.db import workers
from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    Assignment,
    AuditEntry,
    Automation,
    Job,
    JobKind,
    JobStatus,
    Partner,
    PartnerStatus,
    Send,
    Tag,
    Worker,
)
from rxapp.db.types import utcnow
from rxapp.dispatch.jobs import JobRunner
from rxapp.domain import jobs
from rxapp.domain.jobs import Undone
from rxapp.errors import WrongStatus
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 10)


def welcome(number: int) -> tuple[int, list[int]]:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        return vip, f.partners(s, number)


def start(vip: int, people: list[int], hold_seconds: int = 0) -> int:
    with writing() as s:
        return jobs.start_bulk(
            s, JobKind.ASSIGN, vip, people, actor="a test", hold_seconds=hold_seconds
        ).id


def sends() -> set[tuple[str, str]]:
    with reading() as s:
        return {(send.status, send.reason) for send in f.rows(s, Send)}


def test_a_job_assigns_everybody_and_counts() -> None:
    vip, people = welcome(25)
    job_id = start(vip, people)
    assert JobRunner("w").work_off_one()
    with reading() as s:
        seen = jobs.view(s, job_id)
        assert len(f.rows(s, Assignment)) == len(f.rows(s, Send)) == 25
    assert (seen.status, seen.done, seen.total) == ("done", 25, 25)
    assert seen.counts == {"added": 25, "queued": 25}
    assert not JobRunner("w").work_off_one()


def test_a_job_whose_worker_died_goes_on_where_it_was() -> None:
    vip, people = welcome(25)
    job_id = start(vip, people)
    with writing() as s:
        job = s.get(Job, job_id)
        assert job
        job.status, job.worker = JobStatus.RUNNING, "dead"
        job.lease_until = utcnow() - timedelta(seconds=1)
        jobs.run_chunk(s, job)
    assert JobRunner("w").work_off_one()
    with reading() as s:
        assert len(f.rows(s, Send)) == 25
        assert jobs.view(s, job_id).counts["added"] == 25


def test_a_job_another_worker_holds_is_left_to_it() -> None:
    vip, people = welcome(25)
    job_id = start(vip, people)
    with writing() as s:
        job = s.get(Job, job_id)
        assert job
        job.status, job.worker = JobStatus.RUNNING, "alive"
        job.lease_until = utcnow() + timedelta(seconds=30)
        workers.beat(s, "alive", "sandbox", utcnow())
    assert not JobRunner("w").work_off_one()
    with writing() as s:
        s.get_one(Worker, "alive").seen_at = utcnow() - timedelta(seconds=20.5)
    assert JobRunner("w").work_off_one()


def test_a_job_is_about_those_it_was_started_for() -> None:
    vip, people = welcome(5)
    start(vip, people[:3])
    JobRunner("w").work_off_one()
    with reading() as s:
        assert {row.partner_id for row in f.rows(s, Assignment)} == set(people[:3])


def test_emails_of_a_bulk_action_wait_out_the_undo_window() -> None:
    vip, people = welcome(3)
    start(vip, people, hold_seconds=30)
    JobRunner("w").work_off_one()
    with reading() as s:
        assert all(send.bulk and send.due_at > utcnow() for send in f.rows(s, Send))


def test_undo_takes_the_tags_off_and_nobody_is_emailed() -> None:
    vip, people = welcome(3)
    job_id = start(vip, people, hold_seconds=30)
    JobRunner("w").work_off_one()
    with writing() as s:
        assert jobs.undo(s, job_id, "a test") == Undone(3)
    assert sends() == {("canceled", "undone")}
    with reading() as s:
        assert all(row.ended_at for row in f.rows(s, Assignment))


def test_undo_after_the_window_is_refused() -> None:
    vip, people = welcome(3)
    job_id = start(vip, people)
    JobRunner("w").work_off_one()
    with writing() as s, pytest.raises(WrongStatus):
        jobs.undo(s, job_id, "a test")


def test_cancel_stops_the_rest_and_what_still_waits() -> None:
    vip, people = welcome(25)
    job_id = start(vip, people, hold_seconds=30)
    with writing() as s:
        job = s.get(Job, job_id)
        assert job
        job.status = JobStatus.RUNNING
        jobs.run_chunk(s, job)
    with writing() as s:
        assert jobs.cancel(s, job_id, "a test") == 10
    assert not JobRunner("w").work_off_one()
    assert sends() == {("canceled", "canceled")}
    with reading() as s:
        assert len(f.rows(s, Assignment)) == 10
        assert jobs.view(s, job_id).status == "canceled"


def test_tags_are_taken_off_in_bulk() -> None:
    vip, people = welcome(12)
    start(vip, people)
    JobRunner("w").work_off_one()
    with writing() as s:
        job_id = jobs.start_bulk(s, JobKind.REMOVE, vip, people[:11], actor="a test").id
    JobRunner("w").work_off_one()
    with reading() as s:
        assert jobs.view(s, job_id).counts == {"removed": 11}
        assert sum(row.ended_at is None for row in f.rows(s, Assignment)) == 1


def test_switching_on_can_also_email_those_who_have_the_tag_already_and_only_once() -> None:
    with writing() as s:
        vip, people = f.tag(s), f.partners(s, 25)
        automation = f.automation(s, vip, f.email(f.template(s)), enabled=False)
    start(vip, people)
    JobRunner("w").work_off_one()
    assert sends() == set()
    with writing() as s:
        row = s.get(Automation, automation)
        assert row
        row.enabled = True
    for _ in range(2):
        with writing() as s:
            jobs.start_backfill(s, automation, actor="a test")
        JobRunner("w").work_off_one()
    with reading() as s:
        assert len(f.rows(s, Send)) == 25


def test_a_job_that_cannot_go_on_says_why() -> None:
    vip, people = welcome(3)
    job_id = start(vip, people)
    with writing() as s:
        tag = s.get(Tag, vip)
        assert tag
        tag.archived_at = utcnow()
    JobRunner("w").work_off_one()
    with reading() as s:
        seen = jobs.view(s, job_id)
    assert seen.status == "failed"
    assert "archived" in seen.error


def statuses() -> list[str]:
    with reading() as s:
        return [str(partner.status) for partner in f.rows(s, Partner)]


def test_the_status_of_many_is_changed_told_of_each_and_taken_back() -> None:
    with writing() as s:
        people = [
            *f.partners(s, 21),
            f.partner(s, "sue", status=PartnerStatus.SUSPENDED),
            f.partner(s, "art", status=PartnerStatus.ARCHIVED),
        ]
        job_id = jobs.start_status(
            s, PartnerStatus.SUSPENDED, people, actor="ada", hold_seconds=30
        ).id
    assert JobRunner("w").work_off_one()
    assert set(statuses()) == {"suspended"}
    with reading() as s:
        assert jobs.view(s, job_id).counts == {"changed": 22, "unchanged": 1}
        changes = [one for one in f.rows(s, AuditEntry) if one.subject == "partner"]
        assert len(changes) == 22
        assert changes[-1].data["was"] == "archived"
    with writing() as s:
        # Whom somebody changed meanwhile is left as they are.
        s.get_one(Partner, people[0]).status = PartnerStatus.ARCHIVED
    with writing() as s:
        assert jobs.undo(s, job_id, "ada") == Undone(21)
    assert statuses() == ["archived", *["active"] * 20, "suspended", "archived"]


def test_a_change_of_status_stopped_halfway_can_still_be_taken_back() -> None:
    with writing() as s:
        people = f.partners(s, 25)
        job = jobs.start_status(s, PartnerStatus.ARCHIVED, people, actor="ada", hold_seconds=30)
        job.status = JobStatus.RUNNING
        jobs.run_chunk(s, job)
        jobs.cancel(s, job.id, "ada")
        assert jobs.undo(s, job.id, "ada") == Undone(10)
    assert set(statuses()) == {"active"}
