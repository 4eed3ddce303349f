"""CSV files as spreadsheets really write them: whatever encoding, whatever separator."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from rxapp.errors import InvalidInput

SIZE_LIMIT = 50 * 1024 * 1024
CELL_LIMIT = 10_000
SEPARATORS = ",;\t|"
# What makes a spreadsheet take a cell for a formula, and run it.
FORMULAS = tuple("=+-@\t\r")


def table(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, cells trimmed, with their numbers as a spreadsheet counts them.

    Raises InvalidInput for what is no such file: too large, binary, cells without end.
    """
    if len(data) > SIZE_LIMIT:
        raise InvalidInput(f"The file is larger than {SIZE_LIMIT // 1024**2} MB.", "file")
    text = decode(data)
    if "\x00" in text:
        raise InvalidInput("This is not a CSV file. Save the sheet as CSV first.", "file")
    separator, text = _separator(text.replace("\r\n", "\n").replace("\r", "\n"))
    csv.field_size_limit(CELL_LIMIT)
    # Strict: a quotation mark that is never closed would silently swallow the rows after it.
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield number, [_plain(cell.strip()) for cell in cells]
    except csv.Error as error:
        raise InvalidInput(
            f"The file cannot be read from row {number + 1} on: a quotation mark there is not "
            "closed, or stands in the middle of a cell.",
            "file",
        ) from error


def written(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV. What a spreadsheet would run as a formula is marked as text."""
    file = io.StringIO()
    csv.writer(file).writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


def _plain(cell: str) -> str:
    """The cell without the mark `_harmless` put there."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULAS) else cell


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
