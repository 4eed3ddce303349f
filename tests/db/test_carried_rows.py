"""Migrations carry the rows that are there."""

from alembic import command

from rxapp.db import migrate
from rxapp.db.engine import WRITE, get_engine, reading, writing
from rxapp.db.models import Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.domain.tags import assign_tags
from tests import factory


def _downgrade(database: str, revision: str) -> None:
    with get_engine(database).connect() as plain:
        connection = plain.execution_options(**{WRITE: True})
        with connection.begin():
            command.downgrade(migrate._config(connection), revision)


def test_what_the_sandbox_was_said_to_have_sent_becomes_captured(database: str) -> None:
    with writing() as s:
        vip = factory.tag(s)
        factory.automation(s, vip, factory.email(factory.template(s)))
        assign_tags(s, vip, factory.partners(s, 3), source=Source.API, actor="crm")
        for send, theirs in zip(factory.rows(s, Send), ("sandbox-1", "re-1", None), strict=True):
            if theirs:
                send.status, send.provider_id = SendStatus.SENT, theirs
                send.sent_at = send.status_at = utcnow()
    _downgrade(database, "8e2d6a90c4f7")
    migrate.upgrade(get_engine(database))
    with reading() as s:
        rows = factory.rows(s, Send)
        assert [row.status for row in rows] == ["captured", "sent", "queued"]
        assert [row.sent_at is None for row in rows] == [True, False, True]
    _downgrade(database, "8e2d6a90c4f7")
    with reading() as s:
        assert [row.status for row in factory.rows(s, Send)] == ["sent", "sent", "queued"]
    migrate.upgrade(get_engine(database))
