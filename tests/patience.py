"""How long tests wait for what must come: long, and ending at once when it does.

A machine may be busy with anything else. How quick something is, `make bench` measures.
"""

import time
from collections.abc import Callable

PATIENCE = 120.0  # seconds
LOOK_SECONDS = 0.02


def until(holds: Callable[[], bool]) -> None:
    """Wait until it holds, where there is no event to wait for."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "this never came about"
        time.sleep(LOOK_SECONDS)
