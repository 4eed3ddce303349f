"""Home: how the program stands, and what is left to set up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rxapp import routes
from rxapp.config import DEFAULT_FROM
from rxapp.db import overview, send_log, workers
from rxapp.db.engine import reading
from rxapp.db.models import SendStatus
from rxapp.db.overview import Inventory
from rxapp.db.send_log import SendFilter
from rxapp.db.types import utcnow
from rxapp.domain import settings
from rxapp.domain.delivery import delivery
from rxapp.domain.settings import Program
from rxapp.state import query
from rxapp.state.base import AppState, handler, run

# What the last day is told in: a word, the statuses it stands for, and the filter under Sends.
OUTCOMES = (
    ("Sent", (SendStatus.SENT, SendStatus.DELAYED), "sent", "blue"),
    ("Delivered", (SendStatus.DELIVERED,), "delivered", "green"),
    ("Bounced or spam", (SendStatus.BOUNCED, SendStatus.COMPLAINED), "undelivered", "red"),
    ("Failed", (SendStatus.FAILED, SendStatus.UNKNOWN), "failed", "red"),
    ("Skipped", (SendStatus.SKIPPED,), "skipped", "gray"),
)


@dataclass
class Todo:
    """A step of setting up, whether it is done, and where to do it."""

    title: str
    text: str
    done: bool
    href: str


@dataclass
class Figure:
    """A number with what it counts, and where to see what it counted."""

    label: str
    number: int
    href: str
    tone: str = "gray"


class HomeState(AppState):
    """The numbers of this moment."""

    loading: bool = True
    todos: list[Todo] = []
    left: int = 0
    waiting: list[Figure] = []
    day: list[Figure] = []
    worker: bool = True

    @handler("viewer", temporal=True)
    async def load(self) -> None:
        """Read the numbers."""
        found = await run(_read)
        self.todos, self.waiting, self.day, self.worker = found
        self.left = sum(not todo.done for todo in self.todos)
        self.loading = False


def _read() -> tuple[list[Todo], list[Figure], list[Figure], bool]:
    now = utcnow()
    since = now - timedelta(days=1)
    with reading() as session:
        queue = overview.queue(session, now)
        counts = overview.decided_since(session, since)
        seen = workers.last_seen(session)
        sent = send_log.count(session, SendFilter(), at_most=1) > 0
        todos = _todos(
            settings.program(session),
            overview.inventory(session),
            sent=sent,
            live=delivery(session).live,
        )
    waiting = [
        Figure("Waiting to leave", queue.due, _sends("waiting"), "blue"),
        Figure("Being sent", queue.sending, _sends("waiting"), "blue"),
        Figure("Scheduled for later", queue.later, _sends("waiting")),
    ]
    day = [
        Figure(
            word, sum(counts.get(one, 0) for one in statuses), _sends(name, since.isoformat()), tone
        )
        for word, statuses, name, tone in OUTCOMES
    ]
    return todos, waiting, day, seen is not None and now - seen < workers.DEAD_AFTER


def _sends(status: str, since: str = "") -> str:
    return query.address(routes.SENDS, {"status": status, "since": since})


def _todos(program: Program, there: Inventory, *, sent: bool, live: bool) -> list[Todo]:
    """What to do first, in this order."""
    named = bool(program.address) and program.from_ != DEFAULT_FROM
    return [
        Todo(
            "Introduce your program",
            "Its name, sender and postal address stand in every email.",
            named,
            routes.SETTINGS,
        ),
        Todo(
            "Add partners",
            "One by one, from a file, or through the API.",
            there.partners > 0,
            routes.PARTNERS,
        ),
        Todo("Write an email", "Or start from one of ours.", there.templates > 0, routes.EMAILS),
        Todo(
            "Create an automation",
            "Choose a tag and the email it sends.",
            there.automations > 0,
            routes.NEW_AUTOMATION,
        ),
        Todo(
            "Assign the tag",
            "Open a partner and assign it: the email is on its way at once.",
            sent,
            routes.PARTNERS,
        ),
        Todo(
            "Send for real",
            "Paste your Resend API key; until then the app is a sandbox.",
            live,
            routes.DELIVERY,
        ),
    ]
