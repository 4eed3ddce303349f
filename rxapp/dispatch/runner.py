"""A worker: dispatcher, jobs and the ear for other processes, each in a thread of its own.

The web process starts one; `rxapp worker` is nothing but one.
"""

import os
import signal
import socket
import threading
from uuid import uuid4

from rxapp.config import Settings
from rxapp.db.engine import on_wake
from rxapp.db.watch import watch
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.jobs import JobRunner
from rxapp.dispatch.provider import Provider
from rxapp.dispatch.resend import ResendProvider
from rxapp.dispatch.sandbox import SandboxProvider

STOP_SECONDS = 40.0


def provider_for(settings: Settings) -> Provider:
    """Resend when there is a key for it, otherwise the sandbox, which sends nothing."""
    if settings.resend_api_key:
        return ResendProvider(settings.resend_api_key, settings.resend_api_url)
    return SandboxProvider()


class Runner:
    """Starts and stops the threads of one worker."""

    def __init__(self, settings: Settings) -> None:
        self.worker = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
        self._provider = provider_for(settings)
        self._dispatcher = Dispatcher(self._provider, self.worker)
        self._jobs = JobRunner(self.worker)
        self._stopping = threading.Event()
        self._forget_wake = on_wake(self._wake)
        self._threads = [
            threading.Thread(target=self._dispatcher.run, name="dispatcher", daemon=True),
            threading.Thread(target=self._jobs.run, name="jobs", daemon=True),
            threading.Thread(
                target=watch, args=(self._wake, self._stopping), name="watch", daemon=True
            ),
        ]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take nothing new, finish what is under way, and give the connections back. Blocks."""
        self._forget_wake()
        self._stopping.set()
        self._dispatcher.stop()
        self._jobs.stop()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self._provider.close()

    def _wake(self) -> None:
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
