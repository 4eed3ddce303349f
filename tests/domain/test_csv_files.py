"""Files come back as they went, harm no spreadsheet, and none takes long."""

import csv
import io
import random
import time
from contextlib import nullcontext

import pytest

from rxapp.domain import csv_files, imports
from rxapp.errors import InvalidInput

# What no file may take, on whatever machine; measured are a second or two.
BEARABLE_SECONDS = 30


def cells(text: str) -> list[list[str]]:
    """As a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
@pytest.mark.parametrize(
    "before", ["", " ", "\u00a0", "\u200b", "\ufeff ", "a\n", "a\r\n ", "a\n\n\u2060"]
)
def test_what_a_spreadsheet_would_run_is_marked_wherever_it_begins(before: str, sign: str) -> None:
    ((cell,),) = cells(csv_files.written([[f"{before}{sign}1+1"]]))
    line = cell.splitlines()[-1]
    assert line.startswith("'")
    assert cell.replace("'", "") == f"{before}{sign}1+1"


@pytest.mark.parametrize("cell", ["\tcmd", "a\n\tb", "\r=1"])
def test_a_tab_at_the_beginning_counts_as_well(cell: str) -> None:
    assert "'" in csv_files.written([[cell]])


def test_every_cell_is_in_quotation_marks() -> None:
    assert csv_files.written([["a", "", 'b"c', "d,e;f"]]) == '"a","","b""c","d,e;f"\r\n'


@pytest.mark.parametrize(
    "cell", ["a-b", "a=b", "1 - 1", "'t Hooft", "ada@x.test", "it's", "''", "'"]
)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert cells(csv_files.written([[cell]])) == [[cell]]


def test_every_file_of_ours_is_read_as_it_was_written() -> None:
    dice = random.Random(9)
    for _ in range(5_000):
        row = ["x", *("".join(dice.choices("'=-@+ab ,;\t\n\"＝\u200b", k=6)) for _ in range(3))]
        # Lines lose blanks at their ends, and names have none there.
        wanted = [cell.strip() for cell in row]
        found = list(csv_files.table(csv_files.written([["h"] * 4, wanted]).encode()))
        assert found[1][1] == wanted


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b",".join(b"c%d" % n for n in range(200_000)) + b"\n", "more than 500 columns"),
        (b"email" + b"," * 20_000_000, "more than 500 columns"),
        (b"email\n" + b"," * 20_000_000, "more than 500 columns"),
        (b"email," * 501, "more than 500 columns"),
        (b"\n" * 40_000_000, "more than 1,100,000 lines"),
        (b"\r" * 40_000_000, "more than 1,100,000 lines"),
        (b"\n" * 1_000_000, "is empty"),
        (b"email,x\n" + b",\n" * 1_000_000, ""),
        (b'email\n"' + b"a\n" * 500_000, "quotation mark"),
        (b"email\n" + b"a" * 40_000_000, "longer than 10,000"),
        (b"email," + b"h" * 9_000 + b"\nada@x.test,1\n", "heading of column 2"),
        (b"email\nada@x.test\x00\n", "not a CSV file"),
        (b"email\n" + b'"' * 20_000_001, "longer than 10,000"),
        (b"\xff\xfe" + "email\nada@x.test\n".encode("utf-16-le") + b"\x00\xd8", ""),
        (b'email,name\n"a@x.test","' + b"\n'" * 4_000 + b'"\n', ""),
    ],
    ids=range(15),
)  # fmt: skip
def test_no_file_takes_long(data: bytes, told: str) -> None:
    began = time.monotonic()
    with pytest.raises(InvalidInput, match=told) if told else nullcontext():
        imports.read(data)
    assert time.monotonic() - began < BEARABLE_SECONDS


def test_columns_in_plenty_are_read_in_time() -> None:
    headings = ["email", *(f"Column {n}" for n in range(499))]
    data = csv_files.written([headings, *([f"p{n}@x.test", *["x"] * 499] for n in range(200))])
    began = time.monotonic()
    assert len(imports.read(data.encode()).columns) == 500
    assert time.monotonic() - began < BEARABLE_SECONDS


def test_a_cell_names_a_hundred_tags_at_most() -> None:
    many = ";".join(f"t{n}" for n in range(101))
    (problem,) = imports.read(f"email\ttags\na@x.test\t{many}\n".encode()).problems
    assert "100 tags" in problem.sentence


def test_what_nobody_sees_is_no_value_and_part_of_none() -> None:
    headings = "\ufeff\u200bEmail\u200b,key,Status,tags"
    cells = "\u2068ada@x.test\u2069,\u200b,act\u00adive,v\u00adip;\u200b;"
    (row,) = imports.read(f"{headings}\n{cells}\n".encode()).rows
    assert (row.email, row.key, row.status, row.tags) == ("ada@x.test", "", "active", ["vip"])
