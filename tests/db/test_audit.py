"""The audit log can be searched by who, what, when, and by the names things have now."""

from datetime import timedelta

import pytest

from rxapp.db import audit as sql
from rxapp.db.audit import AuditFilter
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from rxapp.domain import audit
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def written(database: str) -> None:
    with writing() as s:
        vip, ada = f.tag(s, "VIP 100%"), f.partner(s, "ada")
        audit.record(s, "ann@acme.com", "tag", vip, "created", name="old name")
        audit.record(s, "ann@acme.com", "settings", None, "paused")
        audit.record(s, "bob@acme.com", "partner", ada, "updated", changed=["company"])


def found(**wanted: object) -> list[str]:
    with reading() as s:
        return [one.action for one in sql.page(s, AuditFilter(**wanted), limit=10)]  # type: ignore[arg-type]


def test_filters_narrow_and_the_newest_comes_first() -> None:
    assert found() == ["updated", "paused", "created"]
    assert found(actor="ann@acme.com") == ["paused", "created"]
    assert found(actor="ann@acme.com", subject="tag") == ["created"]
    assert found(since=utcnow() + timedelta(hours=1)) == []
    assert found(until=utcnow() + timedelta(hours=1)) == ["updated", "paused", "created"]


@pytest.mark.parametrize(
    ("q", "actions"),
    [
        ("BOB@", ["updated"]),
        ("vip 100%", ["created"]),
        ("old NAME", ["created"]),
        ("company", ["updated"]),
        ("ada@partners", ["updated"]),
        ("%", ["created"]),
        ("_", []),
        ("nothing like it", []),
    ],
)
def test_words_are_looked_for_in_people_names_and_details(q: str, actions: list[str]) -> None:
    assert found(q=q) == actions


def test_pages_turn_both_ways() -> None:
    with reading() as s:
        first, second, third = sql.page(s, AuditFilter(), limit=3)
        assert [one.id for one in sql.page(s, AuditFilter(), before=first.id, limit=1)] == [
            second.id
        ]
        assert [one.id for one in sql.page_before(s, AuditFilter(), after=third.id, limit=2)] == [
            first.id,
            second.id,
        ]
        assert sql.actors(s) == ["ann@acme.com", "bob@acme.com"]
