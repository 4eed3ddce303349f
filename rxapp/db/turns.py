"""Taking turns at what only one may have at a time."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import TimeoutError  # noqa: A004 (the database's)


class Turns:
    """A lock that is handed over in order of arrival, and that nobody waits for without end."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Wait for the turn, at most `patience` seconds; raises TimeoutError if it did not come."""
        self._take(patience)
        try:
            yield
        finally:
            with self._mutex:
                if self._waiting:
                    self._waiting.popleft().release()
                else:
                    self._held = False

    def _take(self, patience: float) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=patience):
            return
        with self._mutex:
            if mine not in self._waiting:
                return  # handed over just now
            self._waiting.remove(mine)
        raise TimeoutError("the database is locked: whoever writes does not come to an end")
