"""Keys for the REST API: shown once, stored as a hash."""

import hashlib
import secrets
from datetime import timedelta

from sqlmodel import Session

from rxapp.auth.sessions import Identity
from rxapp.db import access
from rxapp.db.engine import reading, writing
from rxapp.db.models import ApiKey, Role
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


def create(session: Session, name: str, role: Role, *, actor: str = OPERATOR) -> str:
    """Make a key and return it; it can never be read again. Raises InvalidInput."""
    name = required(name, "name", NAME_LENGTH)
    key = PREFIX + secrets.token_urlsafe(32)
    row = ApiKey(name=name, prefix=key[:SHOWN], key_hash=_hash(key), role=role)
    access.add_key(session, row)
    audit.record(session, actor, "api_key", row.id, "created", name=name, role=role)
    return key


def resolve(key: str) -> Identity | None:
    """Who the key stands for, unless it was revoked. Blocking: call it from a thread."""
    now = utcnow()
    with reading() as session:
        live = access.live_key(session, _hash(key))
    if live is None:
        return None
    if live.last_used_at is None or now - live.last_used_at >= NOTE_USE_AFTER:
        with writing() as session:
            access.key_used(session, live.id, now)
    return Identity(None, live.id, f"API key “{live.name}”", live.name, Role(live.role))


def revoke(session: Session, key_id: int, *, actor: str = OPERATOR) -> None:
    """End a key for good; raises NotFound."""
    if not access.revoke_key(session, key_id, utcnow()):
        raise NotFound("There is no such key, or it was revoked already.")
    audit.record(session, actor, "api_key", key_id, "revoked")


def _hash(key: str) -> str:
    # Keys are random, so a fast hash is enough.
    return hashlib.sha256(key.encode()).hexdigest()
