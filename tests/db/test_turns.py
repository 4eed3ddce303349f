"""Nobody waits without end for a process that froze while it held the database."""

import sqlite3
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import SQLAlchemyError, TimeoutError  # noqa: A004

from rxapp.db import trouble
from rxapp.db.engine import reading, sqlite_file, writing
from rxapp.db.health import answers, takes_writes
from rxapp.db.turns import Turns
from rxapp.domain import settings
from rxapp.domain.settings import program

PATIENCE = 60
SOON = 0.05


def test_turns_come_in_order_and_one_that_gave_up_is_passed_over() -> None:
    turns, order = Turns(), list[str]()

    def take(name: str) -> None:
        with turns.turn(PATIENCE):
            order.append(name)

    threads = [threading.Thread(target=take, args=(name,)) for name in "ac"]
    with turns.turn(PATIENCE):
        threads[0].start()
        while len(turns._waiting) < 1:
            pass
        with pytest.raises(TimeoutError), turns.turn(SOON):
            pass
        threads[1].start()
        while len(turns._waiting) < 2:
            pass
    for thread in threads:
        thread.join(PATIENCE)
    assert order == ["a", "c"]
    with turns.turn(0):
        pass


@pytest.fixture
def frozen(database: str) -> Iterator[sqlite3.Connection]:
    """Another process that holds the database for writing and does not go on."""
    other = sqlite3.connect(sqlite_file(database) or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_with_sqlite_a_frozen_writer_fails_writes_in_time_and_reads_go_on(
    frozen: sqlite3.Connection,
) -> None:
    with reading() as s:
        answers(s)
    with pytest.raises(SQLAlchemyError) as refused, writing(patience=SOON) as s:
        settings.pause(s, "ann")
    assert trouble.is_away(refused.value)
    assert "Another program holds it" in trouble.why(refused.value)
    frozen.execute("ROLLBACK")
    with writing(patience=SOON) as s:
        settings.pause(s, "ann")
    with reading() as s:
        assert program(s).paused


def test_asking_whether_writes_are_taken_changes_nothing(database: str) -> None:
    with writing() as s:
        takes_writes(s)
