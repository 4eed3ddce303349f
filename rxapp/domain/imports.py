"""Importing partners from a CSV file: read, shown as a plan, and only then written.

The steps are apart so that nothing is written that was not shown: `read` checks the file by
itself, `import_plan.plan` holds it against the program, `start` makes a job of it, which
`domain.import_rows` works off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from rxapp.characters import bare
from rxapp.db import imports as sql
from rxapp.db.models import Consent, Job, JobKind, PartnerStatus
from rxapp.db.types import utcnow
from rxapp.domain import csv_files, import_columns, jobs, partner_fields, tag_catalog
from rxapp.domain.import_columns import Column
from rxapp.domain.import_rows import CHUNK, Existing, Row
from rxapp.domain.partners import LINE_LIMIT
from rxapp.domain.text import email_address, email_key, findable, one_line
from rxapp.errors import InvalidInput

ROWS_LIMIT = 100_000
TAGS_LIMIT = 100
SAMPLE_ROWS = 5
PIECE = 10_000
# How long an import's report can give back the rows that were left out.
REJECTED_KEPT = timedelta(days=7)
_YES = frozenset(("subscribed", "yes", "true", "1", "y", "opt-in", "optin"))
_NO = frozenset(("unsubscribed", "no", "false", "0", "n", "opt-out", "optout"))


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row is left out; rows are numbered as a spreadsheet does, the heading being row 1."""

    row: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The rows that are left out, as they stand in the file, under its headings."""

    headings: list[str]
    rows: list[tuple[Problem, list[str]]]

    def file(self) -> str:
        """A CSV file of them, with a last column that says what is wrong; put right, it imports."""
        width = len(self.headings)
        lines = [
            [*cells[:width], *[""] * (width - len(cells)), f"Row {problem.row}: {problem.sentence}"]
            for problem, cells in self.rows
        ]
        return "\ufeff" + csv_files.written([[*self.headings, import_columns.PROBLEM], *lines])


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file read by itself: its columns, its good rows, and a problem for each other one."""

    columns: list[Column]
    rows: list[Row]
    problems: list[Problem]
    # The first rows as they stand in the file, for looking at while choosing columns.
    sample: list[tuple[int, list[str]]]


def read(data: bytes, targets: Sequence[str] | None = None) -> Parsed:
    """Read a file. `targets` says what its columns are, in order; else their headings do.

    Raises InvalidInput when the file as a whole cannot be used.
    """
    table = csv_files.table(data)
    _, headings = next(table, (0, None))
    if not headings:
        raise InvalidInput("The file is empty.", "file")
    columns = _columns(headings, targets)
    rows, problems, sample = [], [], []
    seen: dict[tuple[str, str], int] = {}
    for count, (number, cells) in enumerate(table):
        if count >= ROWS_LIMIT:
            raise InvalidInput(f"The file has more than {ROWS_LIMIT:,} rows. Split it.", "file")
        if count < SAMPLE_ROWS:
            sample.append((number, cells))
        try:
            row = _row(number, cells, columns)
            _refuse_repeated(row, seen)
            rows.append(row)
        except InvalidInput as error:
            problems.append(Problem(number, error.sentence))
    return Parsed(columns, rows, problems, sample)


def rejected(data: bytes, problems: Sequence[Problem]) -> Rejected:
    """The rows of a file that these problems are about."""
    by_row = {problem.row: problem for problem in problems}
    table = csv_files.table(data)
    _, headings = next(table, (0, []))
    return Rejected(headings, [(by_row[n], cells) for n, cells in table if n in by_row])


def rejected_by(session: Session, job_id: int) -> Rejected:
    """The rows an import left out; none once they are forgotten."""
    job = jobs.find(session, job_id)
    rows = [
        (Problem(item.data["row"], item.problem), item.data["cells"])
        for item in sql.rejected(session, job_id)
        if item.data
    ]
    return Rejected(job.params.get("headings", []), rows)


def start(
    session: Session,
    rows: Sequence[Row],
    *,
    actor: str,
    existing: Existing = "update",
    run_automations: bool = False,
    hold_seconds: int = 0,
    left_out: Rejected | None = None,
) -> Job:
    """Make a job that writes these rows (a plan's). Without `run_automations` nobody is emailed.

    What was `left_out` is kept with it for a week, for the report.
    """
    sql.forget_rejected(session, utcnow() - REJECTED_KEPT)
    params: dict[str, Any] = {"existing": existing, "run_automations": run_automations}
    if left_out is not None:
        params |= {"headings": left_out.headings, "rejected": len(left_out.rows)}
    job = jobs.start(session, JobKind.IMPORT, params, actor=actor, hold_seconds=hold_seconds)
    pieces = (rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK))
    stored = ([row.stored() for row in piece] for piece in pieces)
    job.total = sql.list_pieces(session, job.id, stored)
    if left_out is not None:
        kept = ((problem.row, cells, problem.sentence) for problem, cells in left_out.rows)
        sql.list_rejected(session, job.id, job.total, kept)
    session.flush()
    return job


def _columns(headings: Sequence[str], targets: Sequence[str] | None) -> list[Column]:
    suggested = import_columns.suggested(headings)
    columns = suggested if targets is None else import_columns.chosen(headings, targets)
    if not {"email", "key"} & {column.target for column in columns}:
        raise InvalidInput(
            "None of the columns is an email address or a key. The first row of the file says "
            "what the columns are, such as: email,first_name,last_name,company,key,tags",
            "columns",
        )
    return columns


def _row(number: int, cells: Sequence[str], columns: Sequence[Column]) -> Row:
    """The checked row; raises InvalidInput with what is wrong."""
    if any(cells[len(columns) :]):
        raise InvalidInput("There are more cells than headings: a separator is in the text.")
    read = {
        c.target: cell for c, cell in zip(columns, cells, strict=False) if c.target and bare(cell)
    }
    if not (read.get("email") or read.get("key")):
        raise InvalidInput("There is neither an email address nor a key.")
    first, _, last = read.get("name", "").partition(" ")
    own = {c.target: read[c.target] for c in columns if c.is_field and c.target in read}
    return Row(
        number=number,
        email=email_address(read["email"]) if "email" in read else "",
        first_name=_line(read, "first_name") or one_line(first, "name", LINE_LIMIT),
        last_name=_line(read, "last_name") or one_line(last, "name", LINE_LIMIT),
        company=_line(read, "company"),
        key=findable(_line(read, "key"), "key"),
        fields=partner_fields.merged({}, own),
        tags=_tags(read.get("tags", "")),
        status=_status(read.get("status", "")),
        consent=_consent(read.get("consent", "")),
    )


def _line(read: dict[str, str], name: str) -> str:
    return one_line(read.get(name), name, LINE_LIMIT)


def _tags(cell: str) -> list[str]:
    typed = [name for name in cell.split(";") if bare(name)]
    if len(typed) > TAGS_LIMIT:
        raise InvalidInput(f"A row can name {TAGS_LIMIT} tags.")
    names = [tag_catalog.checked_name(name) for name in typed]
    return list({tag_catalog.normalize(name): name for name in names}.values())


def _status(cell: str) -> PartnerStatus | None:
    if not cell:
        return None
    try:
        return PartnerStatus(bare(cell).casefold())
    except ValueError as error:
        raise InvalidInput(
            f"“{cell}” is no status. A partner is active, suspended or archived."
        ) from error


def _consent(cell: str) -> Consent | None:
    word = bare(cell).casefold()
    if word in _YES:
        return Consent.SUBSCRIBED
    if word in _NO:
        return Consent.UNSUBSCRIBED
    if word:
        raise InvalidInput(f"“{cell}” is not clear. Write yes or no, to marketing emails.")
    return None


def _refuse_repeated(row: Row, seen: dict[tuple[str, str], int]) -> None:
    names = [("email address", email_key(row.email)), ("key", row.key)]
    for what, value in names:
        if value and (what, value) in seen:
            raise InvalidInput(f"The {what} {value} is in row {seen[what, value]} already.")
    seen.update(((what, value), row.number) for what, value in names if value)
