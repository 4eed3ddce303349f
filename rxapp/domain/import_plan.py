"""What an import would do to the program, in numbers, before anything is written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from rxapp.db import imports as sql
from rxapp.db import tags as tag_reads
from rxapp.domain.import_rows import Existing, Match, Row, match
from rxapp.domain.imports import Parsed, Problem
from rxapp.domain.tag_catalog import normalize

PIECE = 10_000


@dataclass(frozen=True, slots=True)
class PlannedTag:
    """A tag the file names. `id` is None for one that will be made.

    `partners` rows name it, `new` of them are not assigned yet, and running automations would
    send at most `emails`.
    """

    name: str
    id: int | None
    partners: int
    new: int
    emails: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What importing would do; `rows` is what `imports.start` takes."""

    create: int
    update: int
    skip: int
    tags: list[PlannedTag]
    problems: list[Problem]
    rows: list[Row] = field(repr=False)

    @property
    def emails(self) -> int:
        """How many emails running automations would send at most, chains aside."""
        return sum(tag.emails for tag in self.tags)


def plan(session: Session, parsed: Parsed, existing: Existing = "update") -> Plan:
    """Hold a file's rows against the program.

    Partners that exist are updated by what the file says of them, or skipped, tags and all.
    """
    planner = _Planner(session, parsed, existing)
    for start in range(0, len(parsed.rows), PIECE):
        planner.take(parsed.rows[start : start + PIECE])
    return Plan(
        create=planner.found["create"],
        update=planner.found["update"],
        skip=planner.found["skip"],
        tags=planner.tags(),
        problems=sorted(planner.problems, key=lambda problem: problem.row),
        rows=planner.rows,
    )


class _Planner:
    """Goes through the rows piece by piece and counts."""

    def __init__(self, session: Session, parsed: Parsed, existing: Existing) -> None:
        self.session = session
        self.existing = existing
        self.names = {normalize(name): name for row in parsed.rows for name in row.tags}
        self.known = tag_reads.by_keys(session, list(self.names))
        self.tag_ids = {key: tag.id for key, tag in self.known.items()}
        self.problems = list(parsed.problems)
        self.rows: list[Row] = []
        self.found: Counter[str] = Counter()
        # Per tag: rows that name it, and those among them that are not assigned yet.
        self.named: Counter[str] = Counter()
        self.new: Counter[str] = Counter()
        # In which row a partner was met.
        self.met: dict[int, int] = {}

    def take(self, rows: Sequence[Row]) -> None:
        """Count one piece of the file."""
        matches = match(self.session, rows)
        ids = [one.partner_id for one in matches if one.partner_id]
        held = sql.held(self.session, ids, list(self.tag_ids.values()))
        for row, one in zip(rows, matches, strict=True):
            if problem := self._problem(row, one):
                self.problems.append(Problem(row.number, problem))
            else:
                self._count(row, one.partner_id, held)

    def tags(self) -> list[PlannedTag]:
        """What becomes of each tag the file names."""
        emails = sql.emails_by_tag(self.session, list(self.tag_ids.values()))
        return [
            PlannedTag(
                name=self.known[key].name if key in self.known else self.names[key],
                id=self.tag_ids.get(key),
                partners=number,
                new=self.new[key],
                emails=self.new[key] * emails.get(self.tag_ids.get(key, 0), 0),
            )
            for key, number in self.named.items()
        ]

    def _problem(self, row: Row, one: Match) -> str:
        for key in map(normalize, row.tags):
            if key in self.known and self.known[key].archived_at is not None:
                return f"The tag “{self.known[key].name}” is archived. Restore it first."
        if one.partner_id is not None and one.partner_id in self.met:
            return f"This is the same partner as in row {self.met[one.partner_id]}."
        return one.problem

    def _count(self, row: Row, partner_id: int | None, held: set[tuple[int, int]]) -> None:
        if partner_id is not None:
            self.met[partner_id] = row.number
        self.found[self.existing if partner_id is not None else "create"] += 1
        if partner_id is not None and self.existing == "skip":
            return
        self.rows.append(row)
        for key in map(normalize, row.tags):
            self.named[key] += 1
            if (partner_id, self.tag_ids.get(key)) not in held:
                self.new[key] += 1
