"""Importing partners from a file: what is in it, what that would do, and only then the job."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import reflex as rx
from reflex.event import Event

from rxapp import routes
from rxapp.auth import patience
from rxapp.db.engine import reading, writing
from rxapp.domain import import_columns, imports, partner_fields, settings
from rxapp.domain.import_columns import TARGETS, Column
from rxapp.domain.import_plan import Plan, plan
from rxapp.domain.import_rows import Existing
from rxapp.domain.imports import Parsed
from rxapp.domain.leaving import Leaving, leaving
from rxapp.errors import Conflict, InvalidInput
from rxapp.state import query, say
from rxapp.state.base import AppState, current_user, handler, run
from rxapp.state.bulk import TYPE_ABOVE, as_number
from rxapp.state.foreseen import counted, people
from rxapp.state.jobs import JobsState
from rxapp.state.options import Option

PROBLEMS_SHOWN = 50
# Radix's select has no empty value.
IGNORED = "-"
NAMES = {
    "email": "Email address",
    "first_name": "First name",
    "last_name": "Last name",
    "name": "Full name",
    "company": "Company",
    "key": "Key",
    "tags": "Tags",
    "status": "Status",
    "consent": "Marketing consent",
}

# What the gate lets through.
MAX_FILE_BYTES = patience.KNOWN.size


@dataclass
class ColumnLine:
    """A column of the file: what it is called, what it is read as, and what is in it."""

    place: int
    heading: str
    target: str
    sample: str
    choices: list[Option] = field(default_factory=list)


@dataclass
class TagPlan:
    """A tag the file names."""

    name: str
    is_new: bool
    words: str
    # What running automations would send for it, if anything.
    sends: str


@dataclass
class ProblemLine:
    """A row that is left out."""

    row: int
    sentence: str


@dataclass
class FirstRow:
    """One of the file's first rows, as its columns are read; `problem` is why it is left out."""

    number: int
    cells: list[str]
    problem: str = ""


@dataclass
class ImportPlan:
    """What the import would do."""

    new: int = 0
    updated: int = 0
    untouched: int = 0
    rows: int = 0
    emails: int = 0
    # How many emails, rows, and rows left out there are, in words.
    emails_words: str = ""
    rows_words: str = ""
    left_out: str = ""
    # What is done with the emails, and what they are then: send and sent, queue and queued, ...
    verb: str = "send"
    past: str = "sent"
    # The number of emails as it is typed to confirm.
    written: str = ""
    tags: list[TagPlan] = field(default_factory=list)
    problems: list[ProblemLine] = field(default_factory=list)
    problem_number: int = 0
    # The first rows, under what their columns are read as.
    headings: list[str] = field(default_factory=list)
    first: list[FirstRow] = field(default_factory=list)


class ImportState(AppState):
    """The page of an import, from the file to the start."""

    file_name: str = ""
    problem: str = ""
    columns: list[ColumnLine] = []
    plan: ImportPlan = ImportPlan()
    existing: Existing = "update"
    run_automations: bool = False
    typed: str = ""
    ready: bool = False
    must_type: bool = False
    # The file, compressed: kept until the import starts, because the plan depends on the columns.
    _file: bytes = b""

    @handler("admin")
    async def load(self) -> None:
        """Begin with no file; one that was chosen already is kept, and looked at anew."""
        if self._file:
            await self._plan(self._targets() or None)

    @handler("admin")
    async def take(self, files: list[rx.UploadFile]) -> None:
        """Read an uploaded file and say what importing it would do."""
        self._forget()
        if not files:
            return
        data = await files[0].read()
        self.file_name = files[0].name or "The file"
        self._file = await run(zlib.compress, data, 1)
        await self._plan(None)

    @handler("admin")
    async def refuse(self) -> None:
        """Say why a file was not even uploaded."""
        self._forget()
        self.problem = (
            f"That is not a CSV file, or it is larger than {MAX_FILE_BYTES // 1024**2} MB."
        )

    @handler("admin")
    async def read_as(self, place: int, target: str) -> None:
        """Take a column for something else than its heading suggests."""
        targets = [column.target for column in self.columns]
        targets[place] = target
        await self._plan([import_columns.IGNORE if one == IGNORED else one for one in targets])

    @handler("admin")
    async def set_existing(self, choice: str) -> None:
        """Say what becomes of partners that exist already: updated, or left alone."""
        existing: Literal["update", "skip"] = "skip" if choice == "skip" else "update"
        self.existing = existing
        await self._plan(self._targets())

    @handler("admin")
    async def set_run(self, choice: str) -> None:
        """Say whether the tags of the file run their automations."""
        self.run_automations = choice == "run"
        self._judge()

    @handler("admin")
    async def type_number(self, text: str) -> None:
        """Note the number of emails the person typed."""
        self.typed = text
        self._judge()

    @handler("admin")
    async def start(self) -> Event:
        """Start what was shown."""
        if not self.ready:
            raise InvalidInput("There is nothing to import yet.")
        shown, run_automations = self.plan, self.run_automations
        job_id = await run(
            _start,
            self._file,
            self._targets(),
            self.existing,
            run_automations=run_automations,
            shown=(shown.new, shown.updated),
            actor=current_user().label,
        )
        self._forget()
        bar = await self.get_state(JobsState)
        await bar._show(job_id)
        return say.go(query.address(routes.IMPORT, {"job": str(job_id)}))

    @handler("admin")
    async def download_problems(self) -> Event:
        """Download the rows that would be left out, each with what is wrong with it."""
        if not self._file:
            raise InvalidInput("Choose a file first.")
        text = await run(_problem_file, self._file, self._targets(), self.existing)
        return say.save(text, "rows-left-out.csv")

    async def _plan(self, targets: Sequence[str] | None) -> None:
        try:
            parsed, found = await run(_read, self._file, targets, self.existing)
            way = await run(_way)
        except InvalidInput as error:
            self.problem, self.plan = error.sentence, ImportPlan()
            if targets is not None:
                self.columns = _retargeted(self.columns, targets)
        else:
            self.problem, self.plan = "", _shown(found, parsed, way)
            self.columns = _columns(parsed)
        self._judge()

    def _targets(self) -> list[str]:
        chosen = [column.target for column in self.columns]
        return [import_columns.IGNORE if one == IGNORED else one for one in chosen]

    def _judge(self) -> None:
        """Whether the import can be started."""
        emails = self.plan.emails if self.run_automations else 0
        self.must_type = emails > TYPE_ABOVE
        typed = not self.must_type or as_number(self.typed) == emails
        self.ready = not self.problem and self.plan.rows > 0 and typed

    def _forget(self) -> None:
        self._file, self.file_name, self.problem, self.typed = b"", "", "", ""
        self.columns, self.plan = [], ImportPlan()
        self.existing, self.run_automations = "update", False
        self._judge()


def _read(file: bytes, targets: Sequence[str] | None, existing: Existing) -> tuple[Parsed, Plan]:
    parsed = imports.read(zlib.decompress(file), targets)
    with reading() as session:
        return parsed, plan(session, parsed, existing)


def _start(
    file: bytes,
    targets: Sequence[str],
    existing: Existing,
    *,
    run_automations: bool,
    shown: tuple[int, int],
    actor: str,
) -> int:
    _, now = _read(file, targets, existing)
    left_out = imports.rejected(zlib.decompress(file), now.problems)
    if (now.create, now.update) != shown:
        raise Conflict(
            f"Meanwhile this would add {people(now.create)} and update {now.update:,}. "
            "Nothing was started. Upload the file again to look at it."
        )
    with writing() as session:
        hold = settings.program(session).undo_seconds if run_automations else 0
        job = imports.start(
            session,
            now.rows,
            actor=actor,
            existing=existing,
            run_automations=run_automations,
            hold_seconds=hold,
            left_out=left_out,
        )
        return job.id


def _problem_file(file: bytes, targets: Sequence[str], existing: Existing) -> str:
    _, now = _read(file, targets, existing)
    return imports.rejected(zlib.decompress(file), now.problems).file()


def _columns(parsed: Parsed) -> list[ColumnLine]:
    return [
        ColumnLine(
            place=place,
            heading=column.heading,
            target=column.target or IGNORED,
            sample=", ".join(
                row[place] for _, row in parsed.sample if place < len(row) and row[place]
            ),
            choices=_choices(column),
        )
        for place, column in enumerate(parsed.columns)
    ]


def _retargeted(columns: Sequence[ColumnLine], targets: Sequence[str]) -> list[ColumnLine]:
    """The same columns with what they are read as now, though that cannot be imported."""
    for column, target in zip(columns, targets, strict=True):
        column.target = target or IGNORED
    return list(columns)


def _choices(column: Column) -> list[Option]:
    own = column.target if column.is_field else partner_fields.suggested_name(column.heading)
    choices = [Option(IGNORED, "Leave out"), *(Option(one, NAMES[one]) for one in TARGETS)]
    if own and own not in TARGETS:
        choices.append(Option(own, f"Custom field “{own}”"))
    return choices


def _way() -> Leaving:
    with reading() as session:
        return leaving(session)


def _shown(found: Plan, parsed: Parsed, way: Leaving) -> ImportPlan:
    read = [(place, one) for place, one in enumerate(parsed.columns) if one.target]
    wrong = {problem.row: problem.sentence for problem in found.problems}
    first = [
        FirstRow(
            number,
            [row[place] if place < len(row) else "" for place, _ in read],
            wrong.get(number, ""),
        )
        for number, row in parsed.sample
    ]
    problems = [ProblemLine(one.row, one.sentence) for one in found.problems[:PROBLEMS_SHOWN]]
    tags = [
        TagPlan(
            name=tag.name,
            is_new=tag.id is None,
            words=f"{people(tag.new)} newly tagged"
            + (f", {tag.partners - tag.new:,} already" if tag.partners > tag.new else ""),
            sends=f"up to {counted(tag.emails, 'email')} if automations run" if tag.emails else "",
        )
        for tag in found.tags
    ]
    return ImportPlan(
        new=found.create,
        updated=found.update,
        untouched=found.skip,
        rows=len(found.rows),
        emails=found.emails,
        emails_words=counted(found.emails, "email"),
        verb=way.verb,
        past=way.done,
        rows_words=counted(len(found.rows), "row"),
        left_out="1 row is" if len(found.problems) == 1 else f"{len(found.problems):,} rows are",
        written=f"{found.emails:,}",
        tags=tags,
        problems=problems,
        problem_number=len(found.problems),
        headings=[NAMES.get(one.target, one.target) for _, one in read],
        first=first,
    )
