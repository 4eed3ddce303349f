"""The one way a thread of the worker runs: turn after turn, and no exception ends it."""

import logging
import threading
import time
from collections.abc import Callable
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from rxapp.db import trouble

logger = logging.getLogger(__name__)

# A turn that stumbled is followed by the next one after this long.
AGAIN_SECONDS = 1.0
# A turn that takes longer than this hangs, unless its work may be long.
LONGEST_SECONDS = 60.0


class Condition(StrEnum):
    """How a thread is. `failing`: its last turn stumbled; `stuck`: this one does not end."""

    OK = "ok"
    FAILING = "failing"
    STUCK = "stuck"
    DEAD = "dead"


class Loop:
    """A thread that takes one turn after the other until it is stopped.

    `turn` does a piece of work and returns how long to rest (seconds) unless woken. What it raises
    is logged, once until it changes, and the next turn comes a second later. `last` is called once
    when it is stopped, and again each second for as long as it raises. A turn of more than
    `longest` seconds hangs.
    """

    def __init__(
        self,
        name: str,
        turn: Callable[[], float],
        last: Callable[[], None] | None = None,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self.name = name
        self._turn = turn
        self._last = last
        self._longest = longest
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._problem = ""
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to take turns."""
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do: do not rest. Safe from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """Take no further turn; see `join`."""
        self._stopping.set()
        self._wake.set()

    def join(self, seconds: float) -> None:
        """Wait until the turn under way and what comes last are done."""
        self._thread.join(seconds)

    def condition(self) -> Condition:
        """How this thread is now. Safe from any thread."""
        since = self._busy_since
        if not self._thread.is_alive():
            return Condition.DEAD
        if since is not None and time.monotonic() - since > self._longest:
            return Condition.STUCK
        return Condition.FAILING if self._problem else Condition.OK

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            if self._stopping.is_set():
                break
            wait = self._guarded(self._turn)
            if wait is None:
                self._stopping.wait(AGAIN_SECONDS)
            elif wait > 0:
                self._wake.wait(wait)
        while self._last is not None and self._guarded(self._finish) is None:
            time.sleep(AGAIN_SECONDS)

    def _finish(self) -> float:
        if self._last is not None:
            self._last()
        return 0.0

    def _guarded(self, work: Callable[[], float]) -> float | None:
        """Do a piece of work; None when it stumbled."""
        self._busy_since = time.monotonic()
        try:
            wait = work()
        except Exception as error:  # a thread that ended would be missed by nobody but the emails
            self._stumbled(error)
            return None
        finally:
            self._busy_since = None
        if self._problem:
            logger.info("%s: goes on", self.name)
            self._problem = ""
        return wait

    def _stumbled(self, error: Exception) -> None:
        away = isinstance(error, SQLAlchemyError) and trouble.is_away(error)
        said = trouble.why(error) if isinstance(error, SQLAlchemyError) else repr(error)
        if said != self._problem and away:
            logger.warning("%s: the database cannot be used. %s Trying again.", self.name, said)
        elif said != self._problem:
            logger.error("%s stumbled; going on", self.name, exc_info=error)
        self._problem = said
