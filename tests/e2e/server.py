"""The app as its users run it: `rxapp run` in a process of its own, on a port of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
from sqlmodel import Session

from rxapp.auth.sessions import COOKIE
from rxapp.config import ROOT
from rxapp.db.engine import get_engine
from tests.patience import PATIENCE

EMAIL = "ada@example.com"
PASSWORD = "a long enough passphrase"
# The first start builds the front end, and other test processes may wait for the same build.
START_SECONDS = 3 * PATIENCE
# Two runs at once, of two checkouts, are unlikely to begin at the same one.
_ports = count(os.getpid())
# Nothing of the developer's own settings reaches the app under test.
_OWN = re.compile(r"RXAPP_|RESEND_|DATABASE_URL|REDIS_URL|PORT$|HOST$")


@dataclass(frozen=True)
class App:
    """A running app."""

    url: str
    data: Path
    process: subprocess.Popen[bytes]
    log: Path
    # What it was started with, and its commands are run with.
    environment: dict[str, str]

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> str:
        """Sign in as a browser would; returns the session cookie's value."""
        with httpx.Client(base_url=self.url, timeout=60) as browser:
            form = browser.get("/login").text
            token = re.search(r'name="token" value="([^"]+)"', form)
            assert token, form
            entered = browser.post(
                "/login",
                data={"email": email, "password": password, "token": token[1]},
                headers={"Origin": self.url},
            )
            assert entered.status_code == 303, entered.text
            return entered.cookies[COOKIE]

    def command(self, *words: str, said: str = "") -> str:
        """Run an `rxapp` command on this app's data, told what was `said`; returns its print."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("rxapp")), *words],
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """Send the signal and wait for the end; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signum)
        return self.process.wait(PATIENCE)


def start(data: Path, port: int, **environment: str) -> App:
    """Start the app on an empty or existing data directory, without waiting for anything."""
    data.mkdir(parents=True, exist_ok=True)
    log = data / "server.log"
    settings = {
        "PORT": str(port),
        "RXAPP_DATA_DIR": str(data),
        "RXAPP_ADMIN_EMAIL": EMAIL,
        "RXAPP_ADMIN_PASSWORD": PASSWORD,
        # On SIGABRT it says where each of its threads is.
        "PYTHONFAULTHANDLER": "1",
    }
    given = _own_environment() | settings | environment
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("rxapp")), "run"],
            cwd=ROOT,
            env=given,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return App(f"http://127.0.0.1:{port}", data, process, log, given)


def _own_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not _OWN.match(name)}


@contextmanager
def database(app: App) -> Iterator[Session]:
    """The database of the running app."""
    with Session(get_engine(f"sqlite:///{app.data / 'rxapp.db'}")) as session:
        yield session
        session.commit()


@contextmanager
def running(data: Path, port: int | None = None, **environment: str) -> Iterator[App]:
    """The app, started and answering; stopped at the end in any case."""
    app = start(data, port or free_port(), **environment)
    try:
        wait_until_ready(app)
        yield app
    finally:
        try:
            app.stop()
        except subprocess.TimeoutExpired as late:
            app.stop(signal.SIGABRT)
            raise AssertionError(f"The app did not stop. Its log:\n{app.log.read_text()}") from late


def wait_until_ready(app: App) -> None:
    """Wait until the app answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if app.process.poll() is not None:
            break
        try:
            if httpx.get(f"{app.url}/healthz", timeout=PATIENCE).status_code == 200:
                return
        except httpx.TransportError:
            # Nothing to await: the only sign of a server is that it answers.
            time.sleep(0.05)
    raise AssertionError(f"The app did not start. Its log:\n{app.log.read_text()}")


def free_port() -> int:
    """A port nobody listens on now, and that no test process beside this one will pick.

    Those the system hands out for the asking are also given to connections, a moment later.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = 20_000 + 1_000 * worker + next(_ports) % 1_000
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
