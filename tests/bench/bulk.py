"""Assigning a tag to 100,000 partners as a job, with single assignments slipping in between."""

import threading
import time

from rxapp.db.engine import reading, writing
from rxapp.db.models import JobKind, Source
from rxapp.dispatch.jobs import JobRunner
from rxapp.domain import jobs
from rxapp.domain.tags import assign_tags
from tests.bench.setup import database, program

PARTNERS = 100_000
SINGLES = 40


def main() -> None:
    """Print how long the job took, and how long clicks and looks waited meanwhile."""
    with database():
        vip, people = program(PARTNERS + SINGLES)
        with writing() as session:
            job = jobs.start_bulk(
                session, JobKind.ASSIGN, vip, people[:PARTNERS], actor="bench", hold_seconds=30
            )
        runner = threading.Thread(target=JobRunner("bench").work_off_one)
        began = time.perf_counter()
        runner.start()
        singles, looks, steps = _meanwhile(runner, job.id, vip, people[PARTNERS:])
        took = time.perf_counter() - began
        with reading() as session:
            counts = jobs.view(session, job.id).counts
    print(f"Assigning a tag to {PARTNERS:,} partners, each owed an email (SQLite)")
    print(f"  decided and committed in (aim: under 5 s):  {took:>8.2f} s   {counts}")
    print(f"  progress seen meanwhile:                    {steps:>8} steps")
    for what, times in (("single assignments", singles), ("looks at the progress", looks)):
        slowest = max(times) * 1000
        print(f"  {what + ' meanwhile: ' + str(len(times)):<42}  slowest {slowest:>6.0f} ms")


def _meanwhile(
    runner: threading.Thread, job_id: int, vip: int, people: list[int]
) -> tuple[list[float], list[float], int]:
    singles: list[float] = []
    looks: list[float] = []
    seen: set[int] = set()
    for person in people:
        if not runner.is_alive():
            break
        began = time.perf_counter()
        with writing() as session:
            assign_tags(session, vip, [person], source=Source.API, actor="bench")
        singles.append(time.perf_counter() - began)
        began = time.perf_counter()
        with reading() as session:
            seen.add(jobs.view(session, job_id).done)
        looks.append(time.perf_counter() - began)
        runner.join(0.05)
    runner.join()
    return singles, looks, len(seen)
