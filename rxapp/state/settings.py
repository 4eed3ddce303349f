"""Settings: who the program is, whether it sends, and the keys of the REST API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import reflex as rx
from reflex.event import EventCallback, EventSpec

from rxapp.auth import keys
from rxapp.config import DEFAULT_FROM, get_settings
from rxapp.db import access, pace
from rxapp.db.engine import reading, writing
from rxapp.db.models import Role
from rxapp.domain import settings
from rxapp.errors import InvalidInput
from rxapp.state.base import AppState, current_user, handler, run

FIELDS = ("name", "website", "address", "from_", "reply_to", "logo_url", "color", "undo_seconds")


@dataclass
class KeyRow:
    """An API key as listed; the key itself is nowhere but with whom it was given to."""

    id: int
    name: str
    prefix: str
    role: str
    created: str
    used: str


@dataclass
class Provider:
    """How the email provider stands: since when and why it stopped us, if it did."""

    name: str = ""
    stopped_at: str = ""
    why: str = ""
    until: str = ""


class SettingsState(AppState):
    """The settings as they are, and what is open in front of them."""

    values: dict[str, str] = {}
    # Counted up to have the form show what was loaded.
    revision: int = 0
    loading: bool = True
    test_sender: bool = False
    provider: Provider = Provider()
    paused: bool = False
    held: int = 0
    resuming: bool = False
    keys: list[KeyRow] = []
    naming_key: bool = False
    new_key: str = ""

    @handler("admin")
    async def load(self) -> None:
        """Read everything; forget what was open."""
        self.naming_key = self.resuming = False
        self.new_key, self.errors = "", {}
        await self._read()
        self.revision += 1
        self.loading = False

    @handler("admin", form=True)
    async def save(self, form: dict[str, str]) -> EventSpec:
        """Change the program's settings."""
        changes = {name: form[name] for name in FIELDS if name in form}
        await run(_update, changes, current_user().label)
        await self._read()
        self.revision += 1
        self.program = self.values["name"]
        return rx.toast.success("Saved.")

    @handler("admin")
    async def pause(self) -> EventCallback[()]:
        """Stop sending."""
        await run(_pause, current_user().label)
        await self._read()
        return AppState.enter

    @handler("admin")
    async def ask_resume(self) -> None:
        """Ask what to do with the emails that were held, with how many there are now."""
        await self._read()
        self.resuming = True

    @handler("admin")
    async def set_resuming(self, asked: bool) -> None:
        """Close the question."""
        self.resuming = asked

    @handler("admin")
    async def resume(self, held: str) -> list[Any]:
        """Send again; the held emails are sent ("send") or discarded ("discard")."""
        discarded = await run(_resume, held, current_user().label)
        self.resuming = False
        await self._read()
        words = f"Sending again; {discarded:,} discarded." if discarded else "Sending again."
        return [AppState.enter, rx.toast.success(words)]

    @handler("admin")
    async def set_naming_key(self, asked: bool) -> None:
        """Open or close the dialog for a new key."""
        self.naming_key, self.new_key, self.errors = asked, "", {}

    @handler("admin", form=True)
    async def create_key(self, form: dict[str, str]) -> None:
        """Make a key and show it, once."""
        self.new_key = await run(
            _create_key, form.get("key_name", ""), form.get("key_role", ""), current_user().label
        )
        await self._read()

    @handler("admin")
    async def revoke_key(self, number: int) -> EventSpec:
        """End a key for good."""
        await run(_revoke_key, number, current_user().label)
        await self._read()
        return rx.toast.success("The key no longer works.")

    async def _read(self) -> None:
        program, self.held, self.keys, self.provider = await run(_read)
        self.values = {name: str(getattr(program, name)) for name in FIELDS}
        self.paused = program.paused
        self.test_sender = program.from_ == DEFAULT_FROM


def _read() -> tuple[settings.Program, int, list[KeyRow], Provider]:
    with reading() as session:
        program = settings.program(session)
        live = [key for key in access.keys(session) if key.revoked_at is None]
        rows = [
            KeyRow(
                key.id,
                key.name,
                key.prefix,
                key.role,
                key.created_at.isoformat(),
                key.last_used_at.isoformat() if key.last_used_at else "",
            )
            for key in live
        ]
        name = "resend" if get_settings().resend_api_key else "sandbox"
        row = pace.find(session, name)
        provider = Provider(name=name)
        if row is not None and row.stopped_at is not None:
            provider.stopped_at, provider.why = row.stopped_at.isoformat(), row.stop_message
            provider.until = row.stop_until.isoformat() if row.stop_until else ""
        return program, settings.held(session), rows, provider


def _update(changes: dict[str, str], actor: str) -> None:
    with writing() as session:
        settings.update(session, changes, actor)


def _pause(actor: str) -> None:
    with writing() as session:
        settings.pause(session, actor)


def _resume(held: str, actor: str) -> int:
    if held not in ("send", "discard"):
        raise InvalidInput("Choose what happens to the emails that were held.")
    with writing() as session:
        return settings.resume(session, actor, cast(Literal["send", "discard"], held))


def _create_key(name: str, role: str, actor: str) -> str:
    if role not in set(Role):
        raise InvalidInput("Choose what the key may do.", "key_role")
    try:
        with writing() as session:
            return keys.create(session, name, Role(role), actor=actor)
    except InvalidInput as error:
        raise InvalidInput(error.sentence, "key_name") from error


def _revoke_key(number: int, actor: str) -> None:
    with writing() as session:
        keys.revoke(session, number, actor=actor)
