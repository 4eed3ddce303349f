"""Settings, the keys of the REST API: shown once, listed by their beginnings, ended for good."""

from __future__ import annotations

from dataclasses import dataclass

from reflex.event import Event

from rxapp.auth import keys
from rxapp.auth.sessions import Identity
from rxapp.db import access
from rxapp.db.engine import reading, writing
from rxapp.db.models import ApiKey, Role, User
from rxapp.errors import InvalidInput
from rxapp.state import say
from rxapp.state.base import AppState, current_user, given_back, handler, run


@dataclass
class KeyRow:
    """An API key as listed; the key itself is nowhere but with whom it was given to."""

    id: int
    name: str
    prefix: str
    role: str
    # Whose it is; empty for the program's own.
    owner: str
    # What it may do now: its own role, or less since its owner may less; empty for nothing.
    may: str
    created: str
    used: str
    revoked: str


@given_back
class KeysState(AppState):
    """The keys there are, those that were revoked, and the dialog for a new one."""

    keys: list[KeyRow] = []
    revoked: list[KeyRow] = []
    loading: bool = True
    naming: bool = False
    new_key: str = ""

    @handler("admin")
    async def load(self) -> None:
        """Read the keys; forget what was open."""
        if not self._goes_on:
            self.naming, self.new_key, self.errors = False, "", {}
        await self._read()
        self.loading = False

    @handler("admin")
    async def refresh(self) -> None:
        """Read them again while they are looked at: when was each last used?"""
        await self._read()

    @handler("admin")
    async def set_naming(self, asked: bool) -> None:
        """Open or close the dialog for a new key."""
        self.naming, self.new_key, self.errors = asked, "", {}

    @handler("admin", form=True)
    async def create(self, form: dict[str, str]) -> None:
        """Make a key and show it, once."""
        self.new_key = await run(
            _create, form.get("key_name", ""), form.get("key_role", ""), current_user()
        )
        await self._read()

    @handler("admin")
    async def revoke(self, number: int) -> Event:
        """End a key for good."""
        await run(_revoke, number, current_user().label)
        await self._read()
        return say.success("The key no longer works.")

    async def _read(self) -> None:
        rows = await run(_read)
        self.keys = [row for row in rows if not row.revoked]
        self.revoked = [row for row in rows if row.revoked]


def _read() -> list[KeyRow]:
    with reading() as session:
        return [_row(key, owner) for key, owner in access.keys(session)]


def _row(key: ApiKey, owner: User | None) -> KeyRow:
    return KeyRow(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        role=key.role,
        owner=owner.email if owner else "",
        may=keys.role_now(key, owner) or "",
        created=key.created_at.isoformat(),
        used=key.last_used_at.isoformat() if key.last_used_at else "",
        revoked=key.revoked_at.isoformat() if key.revoked_at else "",
    )


def _create(name: str, role: str, me: Identity) -> str:
    if role not in set(Role):
        raise InvalidInput("Choose what the key may do.", "key_role")
    try:
        with writing() as session:
            return keys.create(session, name, Role(role), owner=me.user_id, actor=me.label)
    except InvalidInput as error:
        raise InvalidInput(error.sentence, "key_name") from error


def _revoke(number: int, actor: str) -> None:
    with writing() as session:
        keys.revoke(session, number, actor=actor)
