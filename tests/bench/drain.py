"""Draining the outbox, beside the plain loop over the SDK, and against a rate limit."""

import time

import resend
from resend.http_client_requests import RequestsClient

from rxapp.db.engine import writing
from rxapp.db.models import Source
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.resend import ResendProvider
from rxapp.dispatch.runner import spare_the_collector
from rxapp.domain.tags import assign_tags
from tests.bench.setup import BODY, database, program
from tests.fakes.resend import FakeProcess

EMAILS = 10_000
LOOP_EMAILS = 1_000
LIMITED_EMAILS = 6_000


def main() -> None:
    """Print both comparisons."""
    with FakeProcess(rate=0, keep_bodies=False) as fake:
        loop = LOOP_EMAILS / _plain_loop(fake.url, LOOP_EMAILS)
        ours = EMAILS / _drain(fake.url, EMAILS)
        again = LOOP_EMAILS / _plain_loop(fake.url, LOOP_EMAILS)
    loop = max(loop, again)
    print("Without limits, emails a second")
    print(f"  our drain of {EMAILS:,}:            {ours:>10,.0f}")
    print(f"  the SDK's Emails.send in a loop: {loop:>10,.0f}")
    print(f"  ratio (aim: at least 5):         {ours / loop:>10.1f}")
    with FakeProcess(rate=10, latency=0.05, keep_bodies=False) as fake:
        limited = LIMITED_EMAILS / _drain(fake.url, LIMITED_EMAILS)
        throttled = fake.stats()
    print("Against 10 requests a second with 50 ms latency (at most 1,000 emails a second)")
    print(f"  our drain of {LIMITED_EMAILS:,}:             {limited:>10,.0f}")
    print(f"  share of the limit (aim: 95 %):  {limited / 10:>9.1f}%")
    print(f"  the fake saw: {throttled}")


def _drain(url: str, number: int) -> float:
    with database():
        vip, people = program(number)
        with writing() as session:
            assign_tags(session, vip, people, source=Source.BULK, actor="bench", bulk=True)
        provider = ResendProvider("re_bench", url)
        dispatcher = Dispatcher(provider, "bench")
        spare_the_collector()
        began = time.perf_counter()
        dispatcher.drain()
        took = time.perf_counter() - began
        dispatcher.close()
        provider.close()
        return took


def _plain_loop(url: str, number: int) -> float:
    """Seconds of the loop one would write first, with the SDK as it comes.

    Its own client is put back: the one of our provider, whose connections stay open, is the
    SDK's for the whole process.
    """
    resend.api_key, resend.api_url = "re_bench", url
    resend.default_http_client = RequestsClient()
    began = time.perf_counter()
    for i in range(number):
        resend.Emails.send(
            {"from": "a@b.test", "to": [f"p{i}@b.test"], "subject": "Hi", "html": BODY}
        )
    return time.perf_counter() - began
