"""From a single assignment to the provider, idle and while a bulk of 10,000 drains."""

import statistics
import time

from rxapp.config import get_settings
from rxapp.db.engine import writing
from rxapp.db.models import Source
from rxapp.dispatch.runner import Runner
from rxapp.domain.tags import assign_tags
from tests.bench.setup import database, program, use_provider
from tests.fakes.resend import FakeProcess

BULK = 10_000
SINGLES = 25


def main() -> None:
    """Print both medians, against the provider's default limit of 10 requests a second."""
    for bulk in (0, BULK):
        with FakeProcess(rate=10, latency=0.05) as fake, database():
            times = _measure(fake, bulk)
        what = f"while {bulk:,} bulk sends drain" if bulk else "with nothing else to do"
        print(f"A single assignment reaches the provider, {what}")
        print(f"  median (aim: under 300 ms):      {statistics.median(times) * 1000:>9,.0f} ms")
        print(f"  slowest of {len(times)}:                   {max(times) * 1000:>9,.0f} ms")


def _measure(fake: FakeProcess, bulk: int) -> list[float]:
    use_provider(fake.url)
    vip, people = program(bulk + SINGLES + 1)
    runner = Runner(get_settings())
    runner.start()
    # The first request also opens the connection and tells the limit.
    began = [_assign(vip, people[:1])]
    fake.wait("accepted", 1)
    if bulk:
        with writing() as session:
            assign_tags(
                session, vip, people[SINGLES + 1 :], source=Source.BULK, actor="bench", bulk=True
            )
        fake.wait("accepted", 201)
    for person in people[1 : SINGLES + 1]:
        began.append(_assign(vip, [person]))
        time.sleep(0.23)  # clicks come one at a time, and not in step with the limit
    accepted = _accepted_at(fake, SINGLES)
    runner.stop()
    return [accepted[i] - began[i] for i in range(1, SINGLES + 1)]


def _assign(vip: int, people: list[int]) -> float:
    began = time.time()
    with writing() as session:
        assign_tags(session, vip, people, source=Source.API, actor="bench")
    return began


def _accepted_at(fake: FakeProcess, last: int) -> dict[int, float]:
    """When the email of each of the first partners was accepted, by the partner's place."""
    while True:
        at = {int(e.to.split("@")[0][1:]): e.accepted_at for e in fake.ledger()}
        if all(place in at for place in range(last + 1)):
            return at
        time.sleep(0.1)
