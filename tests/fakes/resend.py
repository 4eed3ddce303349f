"""A faithful Resend on loopback: the ground truth for what was sent, how often and to whom.

In a test:          with FakeResend(rate=0) as fake: ... fake.url, fake.ledger()
In its own process: with FakeProcess(latency=0.05) as fake: ...   (same methods)
By hand:            python -m tests.fakes.resend --port 0 --rate 10 --latency 0.05
                    prints its address as the first line, runs until interrupted

Every field of resend_state.Config is a keyword and an option. An email accepted before its
connection was dropped is in the ledger: that is the point.
"""

import argparse
import asyncio
import contextlib
import gc
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Self

import orjson

from tests.fakes.resend_api import Api
from tests.fakes.resend_control import PREFIX, ControlApi, FakeControl
from tests.fakes.resend_faults import Faults
from tests.fakes.resend_http import Reply, Request, Server
from tests.fakes.resend_state import Clock, Config, Store
from tests.fakes.resend_webhooks import Webhooks

ROOT = Path(__file__).resolve().parent.parent.parent
START_TIMEOUT = 30.0


class Fake:
    """The provider itself, to be run in an event loop; its memory outlives a restart."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Callable[[], float] = time.time,
        faults: dict[str, float] | None = None,
        seed: int = 0,
    ) -> None:
        self.config = config
        self.faults = Faults(seed)
        self.faults.set(faults or {})
        clock_ = Clock(clock)
        self.store = Store(clock_)
        self.webhooks = Webhooks(config, self.store, self.faults.random)
        self._api = Api(config, self.store, self.faults, self.webhooks)
        self._control = ControlApi(config, self.store, self.faults, self.webhooks, clock_)
        self._server = Server(self._handle, lambda: self.config.idle_timeout)

    async def start(self, port: int) -> int:
        """Listen; returns the port."""
        self.store.wake()
        self.webhooks.start()
        return await self._server.start(port)

    async def stop(self) -> None:
        """Cut all connections and stop listening."""
        await self._server.stop()
        await self.webhooks.stop()

    async def _handle(self, request: Request) -> Reply:
        if request.target.startswith(PREFIX):
            return await self._control.handle(request)
        return await self._api.handle(request)


class FakeResend(FakeControl):
    """The provider in a thread of this process. Stopping and starting it again is an outage."""

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        faults: dict[str, float] | None = None,
        seed: int = 0,
        **settings: Any,
    ) -> None:
        super().__init__()
        self._fake = Fake(Config(**settings), clock=clock, faults=faults, seed=seed)
        self._port = port
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen, on the same port as before when started again."""
        ready: Future[int] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(ready)), daemon=True)
        self._thread.start()
        self._port = ready.result(START_TIMEOUT)
        self.url = f"http://127.0.0.1:{self._port}"
        return self

    def stop(self) -> None:
        """Cut all connections; emails, keys and settings are kept."""
        if self._thread:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
            self._thread = None
        self._http.clear()

    async def _run(self, ready: Future[int]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        try:
            ready.set_result(await self._fake.start(self._port))
        except OSError as error:
            ready.set_exception(error)
            return
        await self._stopping.wait()
        await self._fake.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


class FakeProcess(FakeControl):
    """The provider in a process of its own, for benchmarks and for tests that kill the app."""

    def __init__(self, *, port: int = 0, seed: int = 0, **settings: Any) -> None:
        super().__init__()
        self._command = [sys.executable, "-m", "tests.fakes.resend", f"--port={port}"]
        # Should this process be killed, its end of the pipe closes and the fake goes too.
        self._command += [f"--seed={seed}", "--until-eof"]
        self._command += [_as_option(name, value) for name, value in settings.items()]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError("the fake provider did not start")
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.clear()
        if self._process:
            self._process.communicate()


def _as_option(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"--{name.replace('_', '-')}={text}"


def _parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A faithful Resend on loopback, for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--until-eof", action="store_true", help="stop when stdin closes")
    parser.add_argument("--faults", type=orjson.loads, default={}, help='{"500": 0.01, ...}')
    for field in fields(Config):
        default = field.default if field.default_factory is MISSING else field.default_factory()
        reader = str if isinstance(default, str) else orjson.loads
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=reader, default=default)
    return parser.parse_args(arguments)


async def _serve(options: argparse.Namespace) -> None:
    settings = {field.name: getattr(options, field.name) for field in fields(Config)}
    fake = Fake(Config(**settings), faults=options.faults, seed=options.seed)
    port = await fake.start(options.port)
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    if options.until_eof:
        await asyncio.to_thread(sys.stdin.read)
    else:
        await asyncio.Event().wait()
    await fake.stop()


if __name__ == "__main__":
    # A ledger of many thousand emails is searched for garbage in vain: a third of the time.
    gc.disable()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(_parse_arguments()))
