"""Test sends: few enough, known to the audit log, forgotten with the person they are made of."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.models import AuditEntry, Batch, BatchStatus, TrialSend
from rxapp.db.types import utcnow
from rxapp.domain import partners, preview, templates, trials
from rxapp.errors import TooManyRequests, WrongStatus
from tests import factory as f
from tests.state.support import finish

pytestmark = pytest.mark.usefixtures("database")


def test_nobody_has_to_wait_for_an_answer_to_the_end() -> None:
    with writing() as session:
        test = trials.send(session, {"subject": "Hi"}, ["ann@partners.test"], "ann")

    async def given_up() -> None:
        await asyncio.wait_for(trials.wait(test, 3600), 0.1)

    # An hour later, were it a thread that waits: a loop ends only once its threads have.
    with pytest.raises(TimeoutError):
        finish(given_up())


def test_who_waits_long_enough_is_told_that_there_is_no_answer_yet() -> None:
    with writing() as session:
        test = trials.send(session, {"subject": "Hi"}, ["ann@partners.test"], "ann")
    assert finish(trials.wait(test, 0)).status == "waiting"


def send(number: int = 1, actor: str = "ann") -> int:
    with writing() as s:
        to = [f"stranger{n}@elsewhere.test" for n in range(number)]
        return trials.send(s, {"subject": "Hi"}, to, actor)


def left(actor: str = "ann") -> int:
    with reading() as s:
        return trials.left(s, actor)


def test_a_person_sends_only_so_many_tests_an_hour() -> None:
    for _ in range(5):
        send(10)
    assert left() == 0
    with pytest.raises(TooManyRequests, match="The next can leave in 60 min") as refused:
        send()
    assert 3500 < refused.value.extra["retry_after"] <= 3600
    # Others have their own hour.
    send(actor="eve")
    assert left("eve") == trials.MOST_AN_HOUR - 1
    with writing() as s:
        for row in f.all_rows(s, TrialSend)[:2]:
            row.created_at = utcnow() - timedelta(hours=1, seconds=1)
    assert left() == 20
    send(10)


def test_what_would_go_over_the_limit_sends_nothing_of_it() -> None:
    for _ in range(4):
        send(10)
    send(5)
    with pytest.raises(TooManyRequests):
        send(6)
    assert left() == 5
    send(5)


def test_the_limit_holds_for_tests_that_are_sent_at_the_same_moment() -> None:
    together = Barrier(10)

    def one(_: int) -> bool:
        together.wait(60)
        try:
            return bool(send(10))
        except TooManyRequests:
            return False

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(one, range(10))) == 5


def test_the_audit_log_tells_of_tests_without_giving_addresses_away() -> None:
    with writing() as s:
        welcome = f.template(s)
        version = templates.current(s, welcome)
        preview.send_trial(s, version, ["bob@elsewhere.test"], "ann", template_id=welcome)
    with reading() as s:
        (entry,) = f.rows(s, AuditEntry)
    assert (entry.actor, entry.subject, entry.subject_id) == ("ann", "template", welcome)
    assert (entry.action, entry.data) == ("tested", {"to": ["b…@elsewhere.test"]})


def made_of_a_partner(**partner: Any) -> tuple[int, int]:
    """A partner, and a test made of their data."""
    with writing() as s:
        ada, welcome = f.partner(s, **partner), f.template(s)
        version = templates.current(s, welcome)
        to = ["me@acme.test", "you@acme.test"]
        who = str(ada)
        return ada, preview.send_trial(s, version, to, "ann", who=who, template_id=welcome)


def test_erasing_a_person_erases_the_tests_made_of_their_data() -> None:
    ada, test = made_of_a_partner()
    with writing() as s:
        s.get_one(Batch, test).status = BatchStatus.DONE
        assert "Ada" in batches.emails(s, test)[1]["html"]
        partners.delete(s, ada, "ann")
    with reading() as s:
        assert batches.emails(s, test) == [{}, {}]
        assert [row.partner_id for row in f.all_rows(s, TrialSend)] == [None]


def test_erasing_a_person_erases_the_tests_sent_to_them_and_nobody_elses() -> None:
    ada, test = made_of_a_partner(email="Me@acme.test")
    with writing() as s:
        s.get_one(Batch, test).status = BatchStatus.DONE
        eve = f.partner(s, email="YOU@acme.test")
        partners.delete(s, eve, "ann")
        assert [bool(email) for email in batches.emails(s, test)] == [True, False]
        s.get_one(Batch, test).status = BatchStatus.OPEN
    with pytest.raises(WrongStatus, match="Try again in a minute"), writing() as s:
        partners.delete(s, ada, "ann")


def test_a_person_whose_test_is_leaving_is_not_erased() -> None:
    ada, _ = made_of_a_partner()
    with pytest.raises(WrongStatus, match="Try again in a minute"), writing() as s:
        partners.delete(s, ada, "ann")


def test_the_tag_in_a_test_and_in_a_preview_is_the_one_that_would_send() -> None:
    with writing() as s:
        words = "{{ tag.name }}"
        welcome = f.template(s, subject=words, html=words, text=words)
        version = templates.current(s, welcome)
        seen = {"nobody": preview.recipient(s, "", welcome).tag}
        f.automation(s, f.tag(s, "off"), f.email(welcome), enabled=False)
        f.automation(s, f.tag(s, "gold"), f.email(welcome))
        silver = f.tag(s, "silver")
        test = preview.send_trial(s, version, ["me@acme.test"], "ann", template_id=welcome)
        seen["test"] = batches.emails(s, test)[0]["html"]
        seen["preview"] = preview.of_version(
            s, version, preview.recipient(s, str(f.partner(s)), welcome)
        ).html
        seen["told"] = preview.recipient(s, "", welcome, tag_id=silver).tag
    assert seen == {"nobody": "VIP", "test": "gold", "preview": "gold", "told": "silver"}
