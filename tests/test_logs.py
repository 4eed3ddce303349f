"""No text, whoever chose it, makes the log say what was not logged."""

import logging

import pytest

from rxapp.logs import FORMAT, LONGEST, TRACEBACK, Lines, one_line


def written(message: str, error: Exception | None = None) -> str:
    raised = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("a", logging.ERROR, "", 1, "%s", (message,), raised)
    return Lines(FORMAT).format(record)


@pytest.mark.parametrize("char", ["\n", "\r", "\x0b", "\x1b", "\x85", "\u2028", "\u202e", "\x00"])
def test_no_character_of_a_message_begins_a_line_or_moves_the_cursor(char: str) -> None:
    said = written(f"before{char}ERROR a: forged")
    assert said.isprintable()
    assert len(said.splitlines()) == 1


def test_words_are_written_as_they_are() -> None:
    assert written("“Zoë” → 100 %") == "ERROR a: “Zoë” → 100 %"


def test_a_long_message_is_cut_and_says_how_long_it_was() -> None:
    said = written("x" * 900_000)
    assert len(said) < LONGEST + 100
    assert said.endswith("characters)")


def test_the_lines_of_a_traceback_are_marked_also_those_of_its_texts() -> None:
    error = ValueError("no\nERROR a: forged\n" + "x" * 100_000)
    first, *rest = written("failed", error).splitlines()
    assert first == "ERROR a: failed"
    assert all(line.startswith(TRACEBACK) for line in rest)
    assert all(len(line) < LONGEST + 100 for line in rest)


def test_what_is_cut_elsewhere_is_cut_there() -> None:
    assert one_line("abcdef", 3) == "abc… (6 characters)"
