"""One process that serves everything: pages, websocket, API and, unless told otherwise, the worker.

Granian runs embedded in this process instead of forking workers: there is nothing to supervise,
a killed server leaves no child behind that goes on sending, and signals reach the right process.
"""

import asyncio
import faulthandler
import logging
import os
import resource
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server
from reflex_base import constants
from reflex_base.environment import environment
from starlette.types import ASGIApp, Receive, Scope, Send

from rxapp.config import ROOT
from rxapp.errors import CannotStart
from rxapp.frontend import CACHE
from rxapp.traffic import Traffic, end

# Granian counts connections, not requests: with its default of 128, as many idle browsers or
# half-sent requests lock everybody else out. Each costs a few kilobytes and a file descriptor.
CONNECTIONS = 8_192
# File descriptors for everything else: databases, files, requests to the provider.
RESERVED_FILES = 256
# For a request's head, and for the next one on a connection kept alive. The body has its deadline
# in the gate (rxapp/auth/patience.py).
HEAD_SECONDS = 20
# Stopping: requests under way may finish; then the worker settles what it has in flight
# (runner.STOP_SECONDS). Whatever still holds on after the last is left where it is: batches that
# were not settled are taken up by their lease, with the same bytes and the same key.
FINISH_SECONDS = 1.0
THREADS_SECONDS = 1.0
STOP_SECONDS = 9.5


def serve(host: str, port: int, frontend: Path) -> None:
    """Answer on `host:port` with the pages of `frontend`, until SIGTERM or SIGINT.

    Raises `CannotStart` when the app stopped by itself.
    """
    os.chdir(ROOT)  # Reflex looks for rxconfig.py and assets/ in the working directory.
    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_WEB_WORKDIR.set(frontend)
    environment.REFLEX_UPLOADED_FILES_DIR.set(CACHE / "uploads")
    environment.REFLEX_SKIP_COMPILE.set(True)
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(True)

    from rxapp.rxapp import app  # noqa: PLC0415  (putting it together reads the settings above)

    traffic = Traffic(_on_one_line(app()))
    server = Server(
        traffic,
        host,
        port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.error,
        # HTTP/2 is for proxies in front; here it would have no deadline for idle connections.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1_000),
        backlog=1_024,
        backpressure=_connections(),
    )
    # Not asyncio.run: at its end it waits for every task and thread, however long they take.
    loop = asyncio.new_event_loop()
    threads = ThreadPoolExecutor()
    loop.set_default_executor(threads)
    loop.run_until_complete(_serve(server, traffic))
    _leave(threads)


def _on_one_line(app: ASGIApp) -> ASGIApp:
    """`app`, to whom a line break in an address is a blank.

    The outermost router, which is Reflex's, matches one line only: an unsubscribe link that a mail
    program broke in two would be answered by nobody.
    """

    async def on_one_line(scope: Scope, receive: Receive, send: Send) -> None:
        if "\n" in scope.get("path", ""):
            scope = {**scope, "path": scope["path"].replace("\n", " ")}
        await app(scope, receive, send)

    return on_one_line


def _connections() -> int:
    """How many connections are taken at once: as many as the system lets us have files for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + RESERVED_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return CONNECTIONS
    return max(RESERVED_FILES, min(CONNECTIONS, soft - RESERVED_FILES))


async def _serve(server: Server, traffic: Traffic) -> None:
    stopping = asyncio.Event()
    _on_signal(asyncio.get_running_loop(), stopping)
    serving = asyncio.ensure_future(server.serve())
    asked = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
    if not stopping.is_set():
        await serving
        raise CannotStart("The app stopped by itself; the reason is above.")
    await traffic.close(FINISH_SECONDS)
    server.stop()  # type: ignore[no-untyped-call]  # Granian leaves it untyped
    await serving
    await end(asyncio.all_tasks() - {asyncio.current_task()})


def _on_signal(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    """Have SIGTERM and SIGINT stop the server, also while something holds up its loop."""
    asked = 0

    def stop(_signum: int, _frame: object) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            os._exit(1)  # Not even waiting for what is under way.
        # Says where every thread was, and ends the process, should it still be there by then.
        faulthandler.dump_traceback_later(STOP_SECONDS, exit=True)
        loop.call_soon_threadsafe(stopping.set)

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, stop)


def _leave(threads: ThreadPoolExecutor) -> None:
    """End the process: after what threads are writing, without what they are waiting for."""
    finishing = threading.Thread(target=threads.shutdown, daemon=True)
    finishing.start()
    finishing.join(THREADS_SECONDS)
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def refuse_taken_port(host: str, port: int) -> None:
    """Raise `CannotStart` when somebody else listens there.

    Granian would share the port with another Granian, and each would get half the requests.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(f"Port {port} on {host} cannot be used: {error.strerror}.") from error
