"""Settings, the system: how long the app keeps what emails said."""

from __future__ import annotations

from datetime import timedelta

from reflex.event import Event

from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from rxapp.domain import settings
from rxapp.domain.settings import KEEP_DAYS
from rxapp.errors import InvalidInput
from rxapp.state import say
from rxapp.state.base import AppState, current_user, handler, run


class RetentionState(AppState):
    """What is kept now, and what a shorter time would forget."""

    days: str = "0"
    wanted: str = ""
    wanted_words: str = ""
    # How many emails would lose their text with the time that was chosen.
    loses: int = 0
    asking: bool = False

    @handler("admin")
    async def load(self) -> None:
        """Read what holds."""
        self.days = await run(_read)
        if not self._goes_on:
            self.asking = False

    @handler("admin")
    async def choose(self, days: str) -> Event | None:
        """Keep for so long; asked about first where something would be forgotten."""
        if days not in KEEP_DAYS:
            raise InvalidInput("Choose how long the app keeps what emails said.")
        self.loses = await run(_loses, days)
        self.wanted, self.wanted_words = days, KEEP_DAYS[days].lower()
        if self.loses:
            self.asking = True
            return None
        return await self._keep()

    @handler("admin")
    async def set_asking(self, opened: bool) -> None:
        """Close the question; nothing changes."""
        self.asking = opened

    @handler("admin")
    async def confirm(self) -> Event:
        """Forget what is older than was chosen."""
        self.asking = False
        return await self._keep()

    async def _keep(self) -> Event:
        await run(_update, self.wanted, current_user().label)
        self.days = self.wanted
        return say.success("Saved.")


def _read() -> str:
    with reading() as session:
        return str(settings.program(session).keep_days)


def _loses(days: str) -> int:
    if days == "0":
        return 0
    with reading() as session:
        return batches.count_forgettable(session, utcnow() - timedelta(days=int(days)))


def _update(days: str, actor: str) -> None:
    with writing() as session:
        settings.update(session, {"keep_days": days}, actor)
