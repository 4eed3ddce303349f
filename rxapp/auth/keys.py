"""Keys for the REST API: shown once, stored as a hash.

A key that a person made is theirs: it never may do more than they may now, and nothing while they
are disabled. Without an owner (made on the machine itself) it is the program's own.
"""

import hashlib
import secrets
from datetime import timedelta

from sqlmodel import Session

from rxapp.auth import roles
from rxapp.auth.notes import note
from rxapp.auth.sessions import Identity
from rxapp.db import access
from rxapp.db.engine import reading
from rxapp.db.models import ApiKey, Role, User
from rxapp.db.types import utcnow
from rxapp.domain import audit
from rxapp.domain.people import OPERATOR
from rxapp.domain.text import required
from rxapp.errors import NotFound

PREFIX = "rx_"
SHOWN = len(PREFIX) + 6
NAME_LENGTH = 80
# "Last used" is written this often, not with every call.
NOTE_USE_AFTER = timedelta(minutes=1)


def create(
    session: Session, name: str, role: Role, *, owner: int | None = None, actor: str = OPERATOR
) -> str:
    """Make a key and return it; it can never be read again. Raises InvalidInput."""
    name = required(name, "name", NAME_LENGTH)
    key = PREFIX + secrets.token_urlsafe(32)
    row = ApiKey(name=name, prefix=key[:SHOWN], key_hash=_hash(key), role=role, owner_id=owner)
    access.add_key(session, row)
    audit.record(session, actor, "api_key", row.id, "created", name=name, role=role)
    return key


def resolve(key: str) -> Identity | None:
    """Who the key stands for, with the role it has now; None when it was revoked or its owner is
    disabled. Blocking: call it from a thread.
    """
    now = utcnow()
    with reading() as session:
        live = access.live_key(session, _hash(key))
    if live is None:
        return None
    if live.last_used_at is None or now - live.last_used_at >= NOTE_USE_AFTER:
        note(lambda s: access.key_used(s, live.id, now))
    return Identity(
        None, live.id, f"API key “{live.name}”", live.name, _may(live.role, live.owner_role)
    )


def role_now(key: ApiKey, owner: User | None) -> Role | None:
    """What a key may do now; None when nothing: it was revoked, or its owner is disabled."""
    if key.revoked_at is not None or (owner and owner.disabled_at is not None):
        return None
    return _may(key.role, owner.role if owner else None)


def revoke(session: Session, key_id: int, *, actor: str = OPERATOR) -> None:
    """End a key for good; raises NotFound."""
    if not access.revoke_key(session, key_id, utcnow()):
        raise NotFound("There is no such key, or it was revoked already.")
    audit.record(session, actor, "api_key", key_id, "revoked")


def _may(role: str, owner_role: str | None) -> Role:
    return roles.lower(Role(role), Role(owner_role)) if owner_role else Role(role)


def _hash(key: str) -> str:
    # Keys are random, so a fast hash is enough.
    return hashlib.sha256(key.encode()).hexdigest()
