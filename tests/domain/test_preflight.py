"""Pre-flight says what the door does."""

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Assignment, Cause, Send, Source
from rxapp.domain.preflight import preflight
from rxapp.domain.tags import assign_tags
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


def test_preflight_answers_what_assigning_then_does_and_leaves_nothing() -> None:
    with writing() as s:
        people = [*f.partners(s, 3), f.partner(s, "out", consent="unsubscribed")]
        vip, gold = f.tag(s), f.tag(s, "gold")
        f.automation(s, vip, f.email(f.template(s)), f.adds(gold), name="VIP Welcome")
        assign_tags(s, vip, people[:1], source=Source.API, actor="", run_automations=False)
    with writing() as s:
        seen = preflight(s, vip, people)
    assert (seen.added, seen.already, seen.queued) == (3, 1, 2)
    assert dict(seen.skipped) == {"unsubscribed": 1}
    assert dict(seen.tags_added) == {"gold": 3}
    assert [e.automation for e in seen.emails] == ["VIP Welcome", "VIP Welcome"]
    assert sorted(p.id for e in seen.emails for p in e.examples) == people[1:]
    with reading() as s:
        assert not f.rows(s, Send)
        assert len(f.rows(s, Assignment)) == len(f.rows(s, Cause)) == 1
    with writing() as s:
        done = assign_tags(s, vip, people, source=Source.BULK, actor="")
    assert (done.added, done.already, done.queued) == (seen.added, seen.already, seen.queued)
    assert done.skipped == dict(seen.skipped)


def test_answers_for_pieces_add_up_to_the_answer_for_the_whole() -> None:
    with writing() as s:
        people = f.partners(s, 8)
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        whole, pieces = preflight(s, vip, people), preflight(s, vip, people[:5])
        pieces.add(preflight(s, vip, people[5:]))
    assert pieces == whole
