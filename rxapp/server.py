"""One process that serves everything: pages, websocket, API and, unless told otherwise, the worker.

Granian runs embedded in this process instead of forking workers: there is nothing to supervise,
a killed server leaves no child behind that goes on sending, and signals reach the right process.
"""

import asyncio
import os
import signal
import socket
from pathlib import Path

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from reflex_base import constants
from reflex_base.environment import environment
from starlette.types import ASGIApp, Receive, Scope, Send

from rxapp.config import ROOT
from rxapp.errors import CannotStart
from rxapp.frontend import CACHE


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

    server = Server(_calm(app()), host, port, interface=Interfaces.ASGI, log_level=LogLevels.error)
    asyncio.run(_serve(server))


def _calm(app: ASGIApp) -> ASGIApp:
    """`app`, without a traceback for each open tab when the server stops.

    Stopping, Granian refuses the goodbye Reflex wants to say on a websocket by cancelling it.
    """

    async def calm(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            if scope["type"] != "websocket":
                raise

    return calm


async def _serve(server: Server) -> None:
    def stop() -> None:
        if server.interrupt_signal:
            os._exit(1)  # Asked a second time: not even waiting for what is under way.
        server.stop()  # type: ignore[no-untyped-call]  # Granian leaves it untyped

    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop)
    await server.serve()
    if not server.interrupt_signal:
        raise CannotStart("The app stopped by itself; the reason is above.")


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
