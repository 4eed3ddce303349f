"""A connection that breaks between a commit and its answer: nobody knows whether it is written."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from rxapp.db.engine import reading, writing
from rxapp.db.models import JobKind, JobStatus, Send, Source
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.jobs import JobRunner
from rxapp.domain import jobs
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.fakes.resend import FakeResend

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(params=[True, False], ids=["written", "not-written"])
def breaks(request: pytest.FixtureRequest) -> Iterator[Callable[[int], None]]:
    """Let every so many-th commit break, after it was written or before."""
    commit, numbers, every = Session.commit, count(1), [0]

    def breaking(session: Session) -> None:
        breaks_now = every[0] and next(numbers) % every[0] == 0
        if request.param or not breaks_now:
            commit(session)
        if breaks_now:
            raise OperationalError("COMMIT", None, Exception("the connection is lost"))

    patch = pytest.MonkeyPatch()
    patch.setattr(Session, "commit", breaking)
    yield lambda number: every.__setitem__(0, number)
    patch.undo()


def until_it_is_over(work: Callable[[], bool]) -> None:
    """As the loop of a thread does (dispatch/loop.py)."""
    while True:
        try:
            if work():
                return
        except OperationalError:
            pass


def test_emails_leave_once_each(
    dispatcher: Dispatcher, fake: FakeResend, breaks: Callable[[int], None]
) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, f.partners(s, 250), source=Source.API, actor="a test")
    breaks(3)

    def drained() -> bool:
        dispatcher.drain()
        return True

    until_it_is_over(drained)
    with reading() as s:
        ids = {send.provider_id for send in f.rows(s, Send) if send.status == "sent"}
    assert ids == {entry.id for entry in fake.ledger()}
    assert len(ids) == len(fake.ledger()) == 250


def test_bulk_is_done_once(monkeypatch: pytest.MonkeyPatch, breaks: Callable[[int], None]) -> None:
    monkeypatch.setattr(jobs, "CHUNK", 10)
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        job_id = jobs.start_bulk(s, JobKind.ASSIGN, vip, f.partners(s, 95), actor="a test").id
    breaks(3)
    runner = JobRunner("w")

    def done() -> bool:
        runner.turn()
        with reading() as s:
            return jobs.find(s, job_id).status == JobStatus.DONE

    until_it_is_over(done)
    with reading() as s:
        assert jobs.find(s, job_id).counts["added"] == 95
        assert len({send.partner_id for send in f.rows(s, Send)}) == len(f.rows(s, Send)) == 95
