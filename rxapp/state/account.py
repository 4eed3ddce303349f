"""One's own account, whatever the role: name, password, and where one is signed in."""

from __future__ import annotations

from dataclasses import dataclass

from reflex.event import Event, EventCallback

from rxapp.auth import account
from rxapp.auth.sessions import Identity
from rxapp.db.engine import reading, writing
from rxapp.domain import people
from rxapp.errors import InvalidInput
from rxapp.state import say
from rxapp.state.base import AppState, current_user, given_back, handler, run, session_token


@dataclass
class BrowserRow:
    """A browser one is signed in with; moments are ISO 8601."""

    name: str
    browser: str
    address: str
    since: str
    seen: str
    here: bool


@given_back
class AccountState(AppState):
    """The page about oneself."""

    browsers: list[BrowserRow] = []
    loading: bool = True
    # Counted up to empty the password form once it was taken.
    revision: int = 0

    @handler("viewer")
    async def load(self) -> None:
        """Read where one is signed in."""
        if not self._goes_on:
            self.errors = {}
        await self._read()
        self.loading = False

    @handler("viewer", form=True)
    async def rename(self, form: dict[str, str]) -> list[EventCallback[()] | Event]:
        """Change what one is called."""
        await run(_rename, current_user(), form.get("own_name", ""))
        return [AppState.enter, say.success("Saved.")]

    @handler("viewer", form=True)
    async def change_password(self, form: dict[str, str]) -> Event:
        """Change one's password; every other browser is signed out."""
        new = form.get("password", "")
        if new != form.get("again", ""):
            raise InvalidInput("This is not the same as above.", "again")
        await run(account.change_password, session_token(self), form.get("current", ""), new)
        self.revision += 1
        await self._read()
        return say.success("Your password is changed. Other browsers are signed out.")

    @handler("viewer")
    async def end(self, name: str) -> Event:
        """Sign one browser out."""
        await run(_end, current_user(), name)
        await self._read()
        return say.success("Signed out there.")

    @handler("viewer")
    async def end_others(self) -> Event:
        """Sign every other browser out."""
        ended = await run(_end_others, current_user(), session_token(self))
        await self._read()
        return say.success(f"Signed out of {ended} other browser{'s' if ended != 1 else ''}.")

    async def _read(self) -> None:
        self.browsers = await run(_read, current_user(), session_token(self))


def _read(me: Identity, token: str) -> list[BrowserRow]:
    with reading() as session:
        return [
            BrowserRow(
                name=one.name,
                browser=one.browser,
                address=one.address,
                since=one.since.isoformat(),
                seen=one.seen.isoformat(),
                here=one.here,
            )
            for one in account.signins(session, me.user_id or 0, token)
        ]


def _rename(me: Identity, name: str) -> None:
    with writing() as session:
        people.rename(session, me.user_id or 0, name, actor=me.label)


def _end(me: Identity, name: str) -> None:
    with writing() as session:
        account.end(session, me.user_id or 0, name, actor=me.label)


def _end_others(me: Identity, token: str) -> int:
    with writing() as session:
        return account.end_others(session, me.user_id or 0, token, actor=me.label)
