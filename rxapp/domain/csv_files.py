"""CSV files as spreadsheets really write them: whatever encoding, whatever separator."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from rxapp.characters import UNSEEN
from rxapp.errors import InvalidInput

SIZE_LIMIT = 50 * 1024 * 1024
CELL_LIMIT = 10_000
COLUMN_LIMIT = 500
HEADING_LIMIT = 200
# Empty ones count: a spreadsheet has no more, and a file of nothing else would take a minute.
LINE_LIMIT = 1_100_000
# In one line, those inside of cells as well.
SEPARATOR_LIMIT = 20_000
SEPARATORS = ",;\t|"
# What makes a spreadsheet take a cell, or a line in one, for a formula, and run it: also behind
# blanks or what nobody sees, and as wide as a Chinese character. Then it gets an apostrophe before
# it, and so does what has one already: taking one away gives back what was there.
_BREAK = r"\n\r\v\f\x85\u2028\u2029"
_FORMULA = rf"'*(?:[\t\r]|(?:[^\S{_BREAK}]|[{UNSEEN}])*[=+\-@\uff1d\uff0b\uff0d\uff20])"
_LINE = rf"(?:\A|(?<=[{_BREAK}]))"
_RUN = re.compile(rf"{_LINE}(?={_FORMULA})")
_MARKED = re.compile(rf"{_LINE}'(?={_FORMULA})")


def table(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, cells trimmed, with their numbers as a spreadsheet counts them.

    The first are the headings. Raises InvalidInput for what is no such file: too large, too wide,
    binary, cells without end.
    """
    if len(data) > SIZE_LIMIT:
        raise InvalidInput(f"The file is larger than {SIZE_LIMIT // 1024**2} MB.", "file")
    text = decode(data)
    if "\x00" in text:
        raise InvalidInput("This is not a CSV file. Save the sheet as CSV first.", "file")
    separator, text = _separator(text.replace("\r\n", "\n").replace("\r", "\n"))
    if text.count("\n") > LINE_LIMIT:
        raise InvalidInput(f"The file has more than {LINE_LIMIT:,} lines. Split it.", "file")
    rows = _filled(_rows(text, separator))
    if first := next(rows, None):
        _check_headings(first[1])
        yield first
        yield from rows


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(CELL_LIMIT)
    # Strict: a quotation mark that is never closed would silently swallow the rows after it.
    reader = csv.reader(_narrow(text, separator), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, cells
    except csv.Error as error:
        raise InvalidInput(
            f"The file cannot be read from row {number + 1} on: a quotation mark there is not "
            f"closed, or stands in the middle of a cell, or a cell is longer than {CELL_LIMIT:,} "
            "characters.",
            "file",
        ) from error


def _narrow(text: str, separator: str) -> Iterator[str]:
    """The lines, before one of them becomes a list of millions of cells."""
    for line in io.StringIO(text):
        if len(line) > SEPARATOR_LIMIT and line.count(separator) > SEPARATOR_LIMIT:
            raise InvalidInput(_TOO_WIDE, "file")
        yield line


def _filled(rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    for number, cells in rows:
        trimmed = [cell.strip() for cell in cells]
        if any(trimmed):
            yield number, [_plain(cell) for cell in trimmed]


_TOO_WIDE = f"The file has more than {COLUMN_LIMIT} columns. Leave out those that nobody needs."


def _check_headings(headings: Sequence[str]) -> None:
    if len(headings) > COLUMN_LIMIT:
        raise InvalidInput(_TOO_WIDE, "file")
    for place, heading in enumerate(headings, 1):
        if len(heading) > HEADING_LIMIT:
            raise InvalidInput(
                f"The heading of column {place} is longer than {HEADING_LIMIT} characters. The "
                "first row of the file says what the columns are.",
                "file",
            )


def written(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV, each cell in quotation marks: whatever separates cells elsewhere is text in it.

    What a spreadsheet would run as a formula is marked as text.
    """
    file = io.StringIO()
    lines = ([_harmless(cell) for cell in row] for row in rows)
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(lines)
    return file.getvalue()


def _harmless(cell: str) -> str:
    return _RUN.sub("'", cell)


def _plain(cell: str) -> str:
    """The cell without the marks `_harmless` put there."""
    return _MARKED.sub("", cell).strip() if "'" in cell else cell


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 and UTF-16 as marked or as they read, or else Windows' letters."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data[1:200:2].count(0) > len(data[1:200:2]) // 2:
        return data.decode("utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows' code page; a mark in their place is seen, and fixed.
        return data.decode("cp1252", "replace")


def _separator(text: str) -> tuple[str, str]:
    """What stands between the cells of the heading, and the text from the heading on."""
    first, _, rest = text.partition("\n")
    # Excel writes and reads this line to name the separator.
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=x"):
        return first[4], rest
    heading = "".join(first.split('"')[::2])
    best = max(SEPARATORS, key=heading.count)
    return best, text
