"""How long tests wait for what must come: long, and ending at once when it does.

A machine may be busy with anything else. How quick something is, `make bench` measures.
"""

import time
from collections.abc import Callable

from sqlalchemy import text

from rxapp.config import get_settings
from rxapp.db import engine

PATIENCE = 120.0  # seconds
LOOK_SECONDS = 0.02


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds, where there is no event to wait for."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "this never came about"
        time.sleep(LOOK_SECONDS)


def somebody_waits() -> bool:
    """Whether a transaction waits for another one, which neither database tells of by itself."""
    address = get_settings().database
    if address.startswith("sqlite"):
        return bool(engine._writer_turns[address]._waiting)
    with engine.get_engine().connect() as connection:
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(connection.scalar(waiting))
