"""Home: how the program stands, what happened lately, and what is left to set up."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx
from reflex.event import Event
from sqlmodel import Session

from rxapp import routes
from rxapp.config import DEFAULT_FROM
from rxapp.db import overview, pace
from rxapp.db.engine import reading
from rxapp.db.overview import Inventory, Queue
from rxapp.db.types import utcnow
from rxapp.domain import settings
from rxapp.domain.delivery import delivery
from rxapp.domain.leaving import leaving
from rxapp.domain.settings import Program
from rxapp.state import query, say
from rxapp.state.activity import Happening, latest
from rxapp.state.base import AppState, handler, run
from rxapp.state.outcomes import Bar, Figure, bars, figures, span

# Emails in one request to the provider.
PER_REQUEST = 100


@dataclass
class Todo:
    """A step of setting up, whether it is done, and where to do it."""

    title: str
    text: str
    done: bool
    href: str


@dataclass
class Waiting:
    """What has not left yet, in words; `next_at` is when the first one for later does."""

    words: str = ""
    hint: str = ""
    number: int = 0
    later: int = 0
    next_at: str = ""


class HomeState(AppState):
    """The numbers of this moment."""

    loading: rx.Field[bool] = rx.field(default=True)
    todos: list[Todo] = []
    left: int = 0
    # Whoever stays in the sandbox need not see the list for ever; remembered by the browser.
    hidden: str = rx.LocalStorage("", name="rxapp-hide-first-steps", sync=True)
    waiting: Waiting = Waiting()
    days: str = "7"
    zone: str = "UTC"
    figures: list[Figure] = []
    bars: list[Bar] = []
    happenings: list[Happening] = []

    @handler("viewer")
    async def load(self) -> None:
        """Read everything, for the period the address asks for."""
        asked = query.asked(self.router.url.query_parameters).get("days", "")
        self.days = asked if asked in ("1", "30") else "7"
        await self._count()
        await self._look()
        self.loading = False

    @handler("viewer", temporal=True)
    async def look(self) -> None:
        """See what waits and what has happened meanwhile."""
        await self._look()

    @handler("viewer", temporal=True)
    async def count(self) -> None:
        """Count the period again."""
        await self._count()

    @handler("viewer")
    async def use_zone(self, zone: str) -> None:
        """Count by the days of the reader's time zone."""
        if zone != self.zone:
            self.zone = zone
            await self._count()

    @handler("viewer")
    async def choose(self, days: str | list[str]) -> Event:
        """Look at another period; the control could also hand over several."""
        wanted = {"days": str(days) if days != "7" else ""}
        return say.go(query.address(routes.HOME, wanted), replace=True)

    @handler("viewer")
    async def hide(self) -> None:
        """Put the first steps away."""
        self.hidden = "yes"

    @handler("viewer")
    async def unhide(self) -> None:
        """Bring the first steps back."""
        self.hidden = ""

    async def _count(self) -> None:
        found = await run(_counted, int(self.days), self.zone)
        if found != (self.figures, self.bars):
            self.figures, self.bars = found

    async def _look(self) -> None:
        todos, waiting, happenings = await run(_read)
        if todos != self.todos:
            self.todos, self.left = todos, sum(not todo.done for todo in todos)
        if waiting != self.waiting:
            self.waiting = waiting
        if happenings != self.happenings:
            self.happenings = happenings


def _counted(days: int, zone: str) -> tuple[list[Figure], list[Bar]]:
    edges = span(days, zone, utcnow())
    with reading() as session:
        counts = overview.decided_between(session, edges)
    return figures(edges[0], counts), bars(edges, counts)


def _read() -> tuple[list[Todo], Waiting, list[Happening]]:
    with reading() as session:
        program = settings.program(session)
        todos = _todos(program, overview.inventory(session), live=delivery(session).live)
        return todos, _waiting(session), latest(session)


def _waiting(session: Session) -> Waiting:
    queue = overview.queue(session, utcnow())
    number = queue.due + queue.sending
    return Waiting(
        words=f"{number:,} waiting" if number else "Nothing is waiting",
        hint=""
        if leaving(session).held or not number
        else f"about {_eta(session, queue)} at your limit",
        number=number,
        later=queue.later,
        next_at=queue.first_later.isoformat() if queue.first_later else "",
    )


def _eta(session: Session, queue: Queue) -> str:
    """How long it takes until all of it has left, in words."""
    row = pace.find(session, delivery(session).provider)
    rate = row.rate if row else pace.USUAL
    seconds = max(1, round((queue.due + queue.sending) / PER_REQUEST / rate))
    if seconds < 60:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{round(minutes / 60)} hours"


def _todos(program: Program, there: Inventory, *, live: bool) -> list[Todo]:
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
            there.partners,
            routes.PARTNERS,
        ),
        Todo(
            "Create a tag",
            "Such as “vip” or “first sale”: assigning it is what sends an email.",
            there.tags,
            routes.TAGS,
        ),
        Todo("Write an email", "Or start from one of ours.", there.templates, routes.EMAILS),
        Todo(
            "Create an automation",
            "Choose a tag and the email it sends.",
            there.automations,
            routes.NEW_AUTOMATION,
        ),
        Todo(
            "Assign the tag",
            "Open a partner and assign it: the app says which email that sends.",
            there.sends,
            routes.PARTNERS,
        ),
        Todo(
            "Send for real",
            "Paste your Resend API key; until then the app is a sandbox.",
            live,
            routes.DELIVERY,
        ),
    ]
