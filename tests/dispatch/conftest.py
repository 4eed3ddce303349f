"""A dispatcher, a database and the fake provider, all real, in one process."""

from collections.abc import Iterator

import pytest

from rxapp.db.engine import on_wake
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.resend import ResendProvider
from tests.fakes.resend import FakeResend


@pytest.fixture
def fake() -> Iterator[FakeResend]:
    """A fake Resend without a rate limit."""
    with FakeResend(rate=0) as running:
        yield running


@pytest.fixture
def dispatcher(database: str, fake: FakeResend) -> Iterator[Dispatcher]:
    """A dispatcher that posts to the fake; `drain()` empties the outbox."""
    provider = ResendProvider("re_test", fake.url)
    running = Dispatcher(provider, "worker-1")
    forget = on_wake(running.wake)
    yield running
    forget()
    running.close()
    provider.close()
