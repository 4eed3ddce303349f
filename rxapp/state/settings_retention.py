"""Settings, the system: how long the app keeps what emails said, and how work was done."""

from __future__ import annotations

from datetime import timedelta

from reflex.event import Event

from rxapp.db import batches, forgetting
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from rxapp.domain import settings
from rxapp.domain.settings import KEEP_DAYS, KEEP_TRACES
from rxapp.errors import InvalidInput
from rxapp.state import say
from rxapp.state.base import AppState, current_user, handler, run

OFFERED = {"keep_days": KEEP_DAYS, "keep_traces": KEEP_TRACES}


class RetentionState(AppState):
    """What is kept now, and what a shorter time would forget."""

    days: str = "0"
    traces: str = "0"
    # Which of the two the question is about, and the time that was chosen.
    what: str = "keep_days"
    wanted: str = ""
    wanted_words: str = ""
    # How many emails would lose their text, or how many entries and events would be forgotten.
    loses: int = 0
    loses_events: int = 0
    asking: bool = False

    @handler("admin")
    async def load(self) -> None:
        """Read what holds."""
        self.days, self.traces = await run(_read)
        if not self._goes_on:
            self.asking = False

    @handler("admin")
    async def choose(self, days: str) -> Event | None:
        """Keep what emails said for so long; asked about first where something would be lost."""
        return await self._choose("keep_days", days)

    @handler("admin")
    async def choose_traces(self, days: str) -> Event | None:
        """Keep lists and events for so long; asked about first where some would be lost."""
        return await self._choose("keep_traces", days)

    @handler("admin")
    async def set_asking(self, opened: bool) -> None:
        """Close the question; nothing changes."""
        self.asking = opened

    @handler("admin")
    async def confirm(self) -> Event:
        """Forget what is older than was chosen."""
        self.asking = False
        return await self._keep()

    async def _choose(self, what: str, days: str) -> Event | None:
        offered = OFFERED[what]
        if days not in offered:
            raise InvalidInput("Choose one of the times that are offered.")
        self.loses, self.loses_events = await run(_loses, what, days)
        self.what, self.wanted, self.wanted_words = what, days, offered[days].lower()
        if self.loses or self.loses_events:
            self.asking = True
            return None
        return await self._keep()

    async def _keep(self) -> Event:
        await run(_update, self.what, self.wanted, current_user().label)
        self.days, self.traces = await run(_read)
        return say.success("Saved.")


def _read() -> tuple[str, str]:
    with reading() as session:
        now = settings.program(session)
        return str(now.keep_days), str(now.keep_traces)


def _loses(what: str, days: str) -> tuple[int, int]:
    if days == "0":
        return 0, 0
    before = utcnow() - timedelta(days=int(days))
    with reading() as session:
        if what == "keep_days":
            return batches.count_forgettable(session, before), 0
        return forgetting.count(session, before)


def _update(what: str, days: str, actor: str) -> None:
    with writing() as session:
        settings.update(session, {what: days}, actor)
