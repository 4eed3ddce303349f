"""API keys."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from rxapp.auth import keys
from rxapp.db import access, audit
from rxapp.db.engine import reading, writing
from rxapp.db.models import ApiKey, Role
from rxapp.db.types import utcnow
from rxapp.errors import InvalidInput, NotFound

pytestmark = pytest.mark.usefixtures("database")


def create(name: str = "Shop", role: Role = Role.EDITOR) -> str:
    with writing() as session:
        return keys.create(session, name, role, actor="ada@example.com")


def row() -> ApiKey:
    with reading() as session:
        return session.scalars(select(ApiKey)).one()


def test_a_key_is_shown_once_and_kept_as_a_hash() -> None:
    key = create(" Online   shop ")
    assert key.startswith("rx_")
    assert len(key) == 46
    kept = row()
    assert kept.name == "Online shop"
    assert kept.prefix == key[:9]
    assert key not in {kept.key_hash, kept.prefix}


def test_a_key_stands_for_its_name_and_role() -> None:
    who = keys.resolve(create())
    assert who is not None
    assert (who.user_id, who.key_id, who.role) == (None, row().id, Role.EDITOR)
    assert who.label == "API key “Shop”"
    assert keys.resolve("rx_something-else") is None
    assert keys.resolve(row().key_hash) is None


def test_the_last_use_is_noted_once_a_minute() -> None:
    key = create()
    assert row().last_used_at is None
    keys.resolve(key)
    first = row().last_used_at
    assert first is not None
    keys.resolve(key)
    assert row().last_used_at == first
    with writing() as session:
        session.connection().execute(
            update(ApiKey).values(last_used_at=utcnow() - timedelta(minutes=1))
        )
    keys.resolve(key)
    assert row().last_used_at != first


def test_a_revoked_key_is_nobodys_and_stays_in_the_list() -> None:
    key = create()
    with writing() as session:
        keys.revoke(session, row().id, actor="ada@example.com")
    assert keys.resolve(key) is None
    create("Another")
    with reading() as session:
        assert [one.name for one, _ in access.keys(session)] == ["Another", "Shop"]
    with writing() as session, pytest.raises(NotFound):
        keys.revoke(session, row_id("Shop"))


def row_id(name: str) -> int:
    with reading() as session:
        return next(one.id for one, _ in access.keys(session) if one.name == name)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_key_needs_a_name(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        create(name)
    assert refused.value.field == "name"


def test_making_and_revoking_keys_is_audited() -> None:
    create()
    with writing() as session:
        keys.revoke(session, row().id, actor="grace@example.com")
    with reading() as session:
        log = audit.entries(session, subject="api_key")
    assert [(one.actor, one.action) for one in log] == [
        ("grace@example.com", "revoked"),
        ("ada@example.com", "created"),
    ]
