"""A dispatcher, a database and the fake provider, all real, in one process."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from rxapp.db.engine import get_engine, on_wake
from rxapp.db.models import SendStatus
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.resend import ResendProvider
from rxapp.domain.sends import can_step
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


@pytest.fixture(autouse=True)
def _every_step_is_one_of_the_table(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever writes a status, in whatever way, is held to domain/sends.py by the database."""
    url = request.getfixturevalue("database") if "database" in request.fixturenames else ""
    if not url.startswith("sqlite"):
        yield
        return
    with get_engine(url).begin() as connection:
        connection.execute(text("CREATE TABLE steps (was TEXT, then_ TEXT)"))
        connection.execute(
            text(
                "CREATE TRIGGER note_steps AFTER UPDATE OF status ON sends"
                " WHEN old.status <> new.status"
                " BEGIN INSERT INTO steps VALUES (old.status, new.status); END"
            )
        )
    yield
    with get_engine(url).begin() as connection:
        taken = connection.execute(text("SELECT DISTINCT was, then_ FROM steps")).all()
    wrong = [(was, to) for was, to in taken if not can_step(SendStatus(was), SendStatus(to))]
    assert wrong == []
