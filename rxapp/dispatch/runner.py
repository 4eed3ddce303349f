"""A worker: dispatcher, jobs and the ear for other processes, each in a thread of its own.

The web process starts one; `rxapp worker` is nothing but one.
"""

import gc
import logging
import os
import signal
import socket
import threading
import time
from functools import partial
from uuid import uuid4

from sqlmodel import Session

from rxapp.config import Settings
from rxapp.db import clock, workers
from rxapp.db.engine import on_wake, reading, wakes_dispatcher, writing
from rxapp.db.types import utcnow
from rxapp.db.watch import Watch
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.housekeeping import EVERY_SECONDS, keep_house
from rxapp.dispatch.jobs import JobRunner
from rxapp.dispatch.loop import Condition, Loop
from rxapp.dispatch.provider import Provider
from rxapp.dispatch.resend import ResendProvider
from rxapp.dispatch.sandbox import SandboxProvider
from rxapp.domain.delivery import Secret, delivery

logger = logging.getLogger(__name__)

# Less than what the whole process is given (rxapp/server.py). What the provider has not answered by
# then is left to its lease: whoever takes it up posts the same bytes with the same key.
STOP_SECONDS = 5.0
# So that four are missed before the worker is taken for dead (db/workers.py).
HEARTBEAT_SECONDS = 4.0


def provider_for(key: Secret, settings: Settings) -> Provider:
    """Resend when there is a key for it, otherwise the sandbox, which sends nothing."""
    if key.source:
        return ResendProvider(key.value, settings.resend_api_url)
    return SandboxProvider()


def spare_the_collector() -> None:
    """Have Python's garbage collector no longer walk over all that is loaded by now.

    It would do so again and again while emails are made, which takes a quarter of the time.
    """
    gc.collect()
    gc.freeze()


class Runner:
    """Starts and stops the threads of one worker."""

    def __init__(self, settings: Settings) -> None:
        self.worker = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
        self._settings = settings
        self._dispatcher: Dispatcher | None = None
        self._forget_wake = on_wake(self._wake)
        self._stopping = threading.Event()
        self._watch = Watch(self._wake)
        self._jobs = Loop("jobs", JobRunner(self.worker).turn)
        self._working = [
            Loop("dispatcher", self._dispatch, last=self._finish),
            self._jobs,
            Loop("housekeeping", partial(keep_house, self._stopping), longest=EVERY_SECONDS),
            Loop("watch", self._watch.turn, last=self._watch.close),
        ]
        # A thread of its own: however busy or stuck the others are, it says that we live.
        self._heart = Loop("heartbeat", self._beat, last=self._leave)

    def start(self) -> None:
        """Begin to work."""
        spare_the_collector()
        for loop in (self._heart, *self._working):
            loop.start()

    def stop(self) -> None:
        """Take nothing new, finish what is under way, and give the connections back. Blocks."""
        self._forget_wake()
        self._stopping.set()
        for loop in self._working:
            loop.stop()
        self._wake()
        deadline = time.monotonic() + STOP_SECONDS
        for loop in self._working:
            loop.join(max(0.0, deadline - time.monotonic()))
        self._heart.stop()
        self._heart.join(max(1.0, deadline - time.monotonic()))

    def conditions(self) -> dict[str, Condition]:
        """How each thread is, by name."""
        return {loop.name: loop.condition() for loop in (self._heart, *self._working)}

    def _beat(self) -> float:
        with writing() as session:
            provider = delivery(session).provider
            workers.beat(session, self.worker, provider, utcnow(), self.conditions())
        # In a transaction of its own: what goes wrong in it is no sign of death.
        with writing() as session:
            if moved := clock.put_right(session, utcnow()):
                logger.warning("The clock was ahead: %s rows waited for its moments", moved)
                wakes_dispatcher(session)
        return HEARTBEAT_SECONDS

    def _leave(self) -> None:
        with writing() as session:
            workers.leave(session, self.worker)

    def _dispatch(self) -> float:
        """Dispatch with the key in force; with another one as soon as an admin changes it."""
        if self._dispatcher is not None and self._dispatcher.is_over:
            # What the old key had under way is settled first: never two keys at once.
            self._finish()
        if self._dispatcher is None:
            self._dispatcher = self._begin()
        return self._dispatcher.turn()

    def _begin(self) -> Dispatcher:
        with reading() as session:
            key = delivery(session).key
        provider = provider_for(key, self._settings)
        dispatcher = Dispatcher(provider, self.worker, partial(self._serves, key))
        dispatcher.begin()
        return dispatcher

    def _finish(self) -> None:
        if self._dispatcher is not None:
            self._dispatcher.close()
            self._dispatcher.provider.close()
            self._dispatcher = None

    def _serves(self, key: Secret, session: Session) -> bool:
        """Whether this key is still in force; if not, its dispatcher ends.

        Asked inside the transaction that would take due emails: none leaves by a key (or is
        captured by the sandbox) once an admin was told that this is over.
        """
        if delivery(session).key == key:
            return True
        if self._dispatcher is not None:
            self._dispatcher.stop()
        return False

    def _wake(self) -> None:
        if self._dispatcher is not None:
            self._dispatcher.wake()
        self._jobs.wake()


def run_until_stopped(settings: Settings) -> None:
    """Be a worker until SIGTERM or SIGINT; what is under way is finished first."""
    stopping = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stopping.set())
    runner = Runner(settings)
    runner.start()
    stopping.wait()
    runner.stop()
