"""A worker: dispatcher, jobs and the ear for other processes, each in a thread of its own.

The web process starts one; `rxapp worker` is nothing but one.
"""

import gc
import logging
import os
import signal
import socket
import threading
from functools import partial
from uuid import uuid4

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from rxapp.config import Settings
from rxapp.db.engine import on_wake, reading
from rxapp.db.watch import watch
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.housekeeping import keep_house
from rxapp.dispatch.jobs import JobRunner
from rxapp.dispatch.provider import Provider
from rxapp.dispatch.resend import ResendProvider
from rxapp.dispatch.sandbox import SandboxProvider
from rxapp.domain.delivery import Secret, delivery

logger = logging.getLogger(__name__)

STOP_SECONDS = 40.0
TRY_AGAIN_SECONDS = 1.0


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
        self._jobs = JobRunner(self.worker)
        self._stopping = threading.Event()
        self._forget_wake = on_wake(self._wake)
        self._threads = [
            threading.Thread(target=self._dispatch, name="dispatcher", daemon=True),
            threading.Thread(target=self._jobs.run, name="jobs", daemon=True),
            threading.Thread(
                target=keep_house, args=(self._stopping,), name="housekeeping", daemon=True
            ),
            threading.Thread(
                target=watch, args=(self._wake, self._stopping), name="watch", daemon=True
            ),
        ]

    def start(self) -> None:
        """Begin to work."""
        spare_the_collector()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take nothing new, finish what is under way, and give the connections back. Blocks."""
        self._forget_wake()
        self._stopping.set()
        if self._dispatcher is not None:
            self._dispatcher.stop()
        self._jobs.stop()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _dispatch(self) -> None:
        """Dispatch with the key in force; with another one as soon as an admin changes it."""
        while not self._stopping.is_set():
            try:
                with reading() as session:
                    key = delivery(session).key
            except OperationalError:
                logger.exception("The database cannot be used; trying again")
                self._stopping.wait(TRY_AGAIN_SECONDS)
                continue
            provider = provider_for(key, self._settings)
            self._dispatcher = Dispatcher(provider, self.worker, partial(self._serves, key))
            if not self._stopping.is_set():
                # Ends when what the old key had under way is settled: never two keys at once.
                self._dispatcher.run()
            provider.close()

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
