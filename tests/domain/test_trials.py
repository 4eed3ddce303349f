"""Test sends: waiting for what becomes of them."""

import asyncio

import pytest

from rxapp.db.engine import writing
from rxapp.domain import trials
from tests.state.support import finish

pytestmark = pytest.mark.usefixtures("database")


def test_nobody_has_to_wait_for_an_answer_to_the_end() -> None:
    with writing() as session:
        test = trials.send(session, {"subject": "Hi"}, ["ann@partners.test"], trials.new_key())

    async def given_up() -> None:
        await asyncio.wait_for(trials.wait(test, 3600), 0.1)

    # An hour later, were it a thread that waits: a loop ends only once its threads have.
    with pytest.raises(TimeoutError):
        finish(given_up())


def test_who_waits_long_enough_is_told_that_there_is_no_answer_yet() -> None:
    with writing() as session:
        test = trials.send(session, {"subject": "Hi"}, ["ann@partners.test"], trials.new_key())
    assert finish(trials.wait(test, 0)).status == "waiting"
