"""Undo takes back everything the job did, also what automations it set off did to tags."""

import threading

import pytest
from sqlmodel import Session

from rxapp.db import batches, undo
from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    Assignment,
    Job,
    JobKind,
    PartnerStatus,
    Run,
    Send,
    SendStatus,
    Source,
)
from rxapp.db.types import utcnow
from rxapp.domain import jobs, tag_merge, tags
from rxapp.domain.jobs import Undone
from rxapp.errors import Conflict
from rxapp.state import partner_log
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 2)


class World:
    """Three partners with *trial*, and vip that adds gold, which takes trial off."""

    def __init__(self) -> None:
        with writing() as s:
            self.vip, self.gold, self.trial = (f.tag(s, one) for one in ("vip", "gold", "trial"))
            f.automation(s, self.vip, f.email(f.template(s)), f.adds(self.gold))
            self.taker = f.automation(s, self.gold, f.removes(self.trial), name="Gold ends trial")
            hint = f.email(f.template(s, "Hint"), delay_seconds=3600)
            f.automation(s, self.trial, hint)
            self.people = f.partners(s, 3)
            tags.assign_tags(s, self.trial, self.people, source=Source.API, actor="crm")

    def start(self, kind: JobKind = JobKind.ASSIGN, tag_id: int = 0) -> int:
        """A bulk action of ada's with vip, in its undo window."""
        with writing() as s:
            return jobs.start_bulk(
                s, kind, tag_id or self.vip, self.people, actor="ada", hold_seconds=3600
            ).id

    def open(self) -> set[tuple[int, int, int]]:
        """Who has which tag, by which assignment."""
        with reading() as s:
            rows = [one for one in f.rows(s, Assignment) if one.ended_at is None]
            return {(one.id, one.partner_id, one.tag_id) for one in rows}


@pytest.fixture
def world() -> World:
    return World()


def work_off(job_id: int, chunks: int = 99) -> None:
    more = True
    while more and chunks:
        with writing() as s:
            more = jobs.run_chunk(s, s.get_one(Job, job_id))
        chunks -= 1


def take_back(job_id: int) -> Undone:
    with writing() as s:
        return jobs.undo(s, job_id, "ada")


def remove(tag_id: int, *people: int) -> None:
    with writing() as s:
        tags.remove_tags(s, tag_id, people, source=Source.DASHBOARD, actor="bob")


def assign(s: Session, tag_id: int, *people: int) -> None:
    tags.assign_tags(s, tag_id, people, source=Source.DASHBOARD, actor="bob")


def sends() -> list[tuple[int, str, str]]:
    with reading() as s:
        return [(one.assignment_id, one.status, one.reason) for one in f.rows(s, Send)]


@pytest.mark.parametrize("chunks", [1, 99])
def test_tags_that_automations_took_off_come_back_as_they_were(world: World, chunks: int) -> None:
    before, emails = world.open(), sends()
    job_id = world.start()
    work_off(job_id, chunks)
    with reading() as s:
        runs = len(f.rows(s, Run))
    assert world.open() != before
    assert take_back(job_id) == Undone(2 if chunks == 1 else 3)
    assert world.open() == before
    assert sends()[:3] == emails
    assert {one[1:] for one in sends()[3:]} == {("canceled", "undone")}
    with reading() as s:
        # Nothing was set off anew.
        assert len(f.rows(s, Run)) == runs


def test_the_log_says_what_took_the_tag_off_and_who_put_it_back(world: World) -> None:
    job_id = world.start()
    work_off(job_id)
    take_back(job_id)
    with reading() as s:
        events = partner_log.read_activity(s, world.people[0], 20).events
    told = [(one.what, one.how) for one in events]
    assert (
        "“trial” put back, which the automation “Gold ends trial” had taken off",
        "by ada, who undid the bulk action",
    ) in told
    assert not any(what == "“trial” removed" for what, _ in told)
    assert ("“vip” removed", "by ada, who undid the bulk action") in told
    assert ("“vip” assigned", "by ada in a bulk action") in told


def test_what_somebody_did_to_a_tag_since_stays(world: World) -> None:
    job_id = world.start()
    work_off(job_id)
    ann, ben, cem = world.people
    with writing() as s:
        assign(s, world.trial, ann, ben)
    remove(world.trial, ben)
    remove(world.gold, cem)
    take_back(job_id)
    held = {(partner, tag) for _, partner, tag in world.open()}
    # Ann's is the new one, Ben's was taken off by hand, and Cem's came back.
    assert held == {(ann, world.trial), (cem, world.trial)}


def test_a_tag_the_job_put_on_and_took_off_does_not_stay(world: World) -> None:
    with writing() as s:
        f.automation(s, world.gold, f.adds(f.tag(s, "done")))
        f.automation(s, world.vip, f.removes(world.gold))
    before = world.open()
    job_id = world.start()
    work_off(job_id)
    take_back(job_id)
    assert world.open() == before


def test_an_email_skipped_because_the_job_took_its_tag_waits_again(world: World) -> None:
    job_id = world.start()
    work_off(job_id)
    with writing() as s:
        for one in f.rows(s, Send)[:2]:
            one.status, one.reason, one.due_at = SendStatus.SKIPPED, "tag_gone", utcnow()
        # This one was skipped for a reason of its own.
        f.rows(s, Send)[1].reason = "unsubscribed"
    take_back(job_id)
    assert [one[1:] for one in sends()[:3]] == [
        ("queued", ""),
        ("skipped", "unsubscribed"),
        ("queued", ""),
    ]


def test_taking_a_tag_off_many_can_be_taken_back(world: World) -> None:
    before = world.open()
    job_id = world.start(JobKind.REMOVE, world.trial)
    work_off(job_id)
    assert world.open() == set()
    assert take_back(job_id) == Undone(3)
    assert world.open() == before


def test_emails_skipped_while_many_were_suspended_wait_again_when_that_is_undone(
    world: World,
) -> None:
    with writing() as s:
        job = jobs.start_status(
            s, PartnerStatus.SUSPENDED, world.people, actor="ada", hold_seconds=3600
        )
        job_id = job.id
    work_off(job_id)
    with writing() as s:
        one = f.rows(s, Send)[0]
        one.status, one.reason, one.status_at = SendStatus.SKIPPED, "suspended", utcnow()
    take_back(job_id)
    assert {one[1:] for one in sends()} == {("queued", "")}


def test_undo_says_how_many_emails_had_left(world: World) -> None:
    job_id = world.start()
    work_off(job_id)
    with writing() as s:
        now = utcnow()
        frozen = batches.new("k", b"[]", size=1, provider="sandbox", bulk=True, now=now)
        s.add(frozen)
        s.flush()
        leaving = f.rows(s, Send)[3]
        leaving.status, leaving.batch_id, leaving.batch_index = SendStatus.SENDING, frozen.id, 0
    assert take_back(job_id) == Undone(3, emailed=1)
    assert [one[1] for one in sends()[3:]] == ["sending", "canceled", "canceled"]


def test_tags_are_not_merged_away_while_undo_could_bring_them_back(world: World) -> None:
    job_id = world.start()
    work_off(job_id)
    with writing() as s, pytest.raises(Conflict, match="undone"):
        tag_merge.merge(s, world.trial, f.tag(s, "tester"), "ada")
    take_back(job_id)
    with reading() as s:
        assert not undo.is_open(s, {world.trial}, utcnow())


def test_who_assigns_during_an_undo_waits_and_nothing_is_held_twice(world: World) -> None:
    job_id = world.start()
    work_off(job_id)
    begun, done = threading.Event(), threading.Event()

    def assigning() -> None:
        begun.wait(60)
        with writing() as s:
            assign(s, world.trial, *reversed(world.people))
        done.set()

    other = threading.Thread(target=assigning)
    other.start()
    with writing() as s:
        assert jobs.undo(s, job_id, "ada") == Undone(3)
        begun.set()
        assert not done.wait(0.5)
    other.join(60)
    assert done.is_set()
    assert len(world.open()) == 3


def test_an_assignment_written_while_undo_begins_is_the_newer_word(world: World) -> None:
    """PostgreSQL: it is not committed yet when undo looks; SQLite makes the undo wait."""
    job_id = world.start()
    work_off(job_id)
    taken: list[Undone] = []
    other = threading.Thread(target=lambda: taken.append(take_back(job_id)))
    with writing() as s:
        assign(s, world.trial, *world.people)
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join(60)
    assert taken == [Undone(3)]
    with reading() as s:
        bobs = {one.id for one in f.rows(s, Assignment)[-3:]}
    assert {one[0] for one in world.open()} == bobs
