"""What bulk actions ask of the database."""

from datetime import timedelta
from typing import Any

import pytest

from rxapp.db import bulk
from rxapp.db.engine import writing
from rxapp.db.models import JobKind, JobStatus, Source
from rxapp.db.partners import PartnerFilter, matching
from rxapp.db.types import utcnow
from rxapp.domain import jobs
from rxapp.domain.tags import assign_tags
from tests import factory

pytestmark = pytest.mark.usefixtures("database")

BY: dict[str, Any] = {"source": Source.DASHBOARD, "actor": "ana@acme.com"}


def test_a_selection_is_walked_in_pieces_that_neither_overlap_nor_leave_anyone_out() -> None:
    with writing() as s:
        ids = factory.partners(s, 7)
        everybody, found, after = matching(PartnerFilter()), [], 0
        while piece := bulk.piece(s, everybody, after, 3):
            found.append(piece)
            after = piece[-1]
    assert found == [ids[:3], ids[3:6], ids[6:]]


def test_holders_are_counted_within_the_selection_only() -> None:
    with writing() as s:
        ids, vip = factory.partners(s, 5), factory.tag(s)
        assign_tags(s, vip, ids[:4], **BY)
        assert bulk.holders(s, vip, ids[2:]) == 2
        assert bulk.holders(s, vip, matching(PartnerFilter(q="p1"))) == 1


def test_waiting_are_the_delayed_emails_that_need_the_tag() -> None:
    with writing() as s:
        ids, vip = factory.partners(s, 3), factory.tag(s)
        now, later, anyway = (factory.template(s, name) for name in ("now", "later", "anyway"))
        factory.automation(
            s,
            vip,
            factory.email(now),
            factory.email(later, delay_seconds=60),
            factory.email(anyway, delay_seconds=60, needs_tag=False),
        )
        assign_tags(s, vip, ids, **BY)
        assert bulk.waiting(s, vip, ids[:2]) == 2


def test_the_latest_job_is_ones_own_and_still_running_or_undoable() -> None:
    with writing() as s:
        ids, vip = factory.partners(s, 2), factory.tag(s)
        job = jobs.start_bulk(s, JobKind.ASSIGN, vip, ids, actor="ana@acme.com", hold_seconds=30)
        now = utcnow()
        assert bulk.latest_job(s, "ana@acme.com", now) == job.id
        assert bulk.latest_job(s, "bob@acme.com", now) is None
        job.status = JobStatus.DONE
        s.flush()
        assert bulk.latest_job(s, "ana@acme.com", now) == job.id
        assert bulk.latest_job(s, "ana@acme.com", now + timedelta(seconds=31)) is None
