"""No thread of a worker dies of an exception, and each says how it is."""

import logging
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import InternalError, OperationalError

from rxapp.dispatch import loop as looping
from rxapp.dispatch.loop import Condition, Loop
from tests.patience import PATIENCE


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looping, "AGAIN_SECONDS", 0.001)


class Turns:
    """Turns that end as told, one after the other; `over` once all were taken."""

    def __init__(self, *ends: Exception | None) -> None:
        self._ends = iter(ends)
        self.over = threading.Event()

    def __call__(self) -> float:
        try:
            end = next(self._ends)
        except StopIteration:
            self.over.set()
            return 60.0
        if end is not None:
            raise end
        return 0.0


def away(words: str) -> OperationalError:
    return OperationalError("UPDATE everything", None, Exception(words))


@pytest.fixture
def stopped() -> Iterator[list[Loop]]:
    loops: list[Loop] = []
    yield loops
    for one in loops:
        one.stop()
        one.join(PATIENCE)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("a mistake of ours"),
        StopIteration(),
        MemoryError(),
        RecursionError(),
        away("server closed the connection"),
        InternalError("x", None, Exception("cannot execute UPDATE in a read-only transaction")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_turn_raises_the_next_one_comes(error: Exception, stopped: list[Loop]) -> None:
    turns = Turns(None, error, error, None)
    loop = Loop("jobs", turns)
    stopped.append(loop)
    assert loop.condition() == Condition.DEAD
    loop.start()
    assert turns.over.wait(PATIENCE)
    assert loop.condition() == Condition.OK


def test_a_thread_says_that_it_fails_or_is_stuck(
    stopped: list[Loop], monkeypatch: pytest.MonkeyPatch
) -> None:
    go, entered, failing = threading.Event(), threading.Event(), threading.Event()

    def turn() -> float:
        entered.set()
        assert go.wait(PATIENCE)
        failing.set()
        raise ValueError

    loop = Loop("watch", turn, longest=60.0)
    stopped.append(loop)
    loop.start()
    assert entered.wait(PATIENCE)
    assert loop.condition() == Condition.OK
    monkeypatch.setattr(loop, "_longest", 0.0)
    assert loop.condition() == Condition.STUCK
    monkeypatch.setattr(loop, "_longest", 60.0)
    monkeypatch.setattr(looping, "AGAIN_SECONDS", 60.0)
    go.set()
    assert failing.wait(PATIENCE)
    while loop.condition() == Condition.OK:
        pass  # between raising and noting it
    assert loop.condition() == Condition.FAILING


def test_a_database_that_is_away_is_told_of_once_and_without_a_traceback(
    stopped: list[Loop], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    turns = Turns(away("gone"), away("gone"), away("gone"), None)
    loop = Loop("jobs", turns)
    stopped.append(loop)
    loop.start()
    assert turns.over.wait(PATIENCE)
    assert [record.getMessage() for record in caplog.records] == [
        "jobs: the database cannot be used. It says: gone. Trying again.",
        "jobs: goes on",
    ]
    assert not any(record.exc_info for record in caplog.records)


def test_what_comes_last_is_tried_until_it_is_done(stopped: list[Loop]) -> None:
    turns = Turns(away("gone"), away("gone"))

    def last() -> None:
        turns()

    loop = Loop("heartbeat", lambda: 60.0, last=last)
    stopped.append(loop)
    loop.start()
    loop.stop()
    assert turns.over.wait(PATIENCE)
    loop.join(PATIENCE)
    assert loop.condition() == Condition.DEAD
