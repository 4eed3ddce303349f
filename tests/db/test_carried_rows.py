"""Migrations carry the rows that are there."""

from datetime import timedelta

import orjson
from alembic import command
from sqlmodel import select

from rxapp.db import batches, migrate, workers
from rxapp.db.engine import WRITE, get_engine, reading, writing
from rxapp.db.models import (
    AccountLink,
    ApiKey,
    Automation,
    Batch,
    BatchStatus,
    Consent,
    Partner,
    Send,
    SendStatus,
    Source,
    Tag,
    User,
    Worker,
)
from rxapp.db.types import utcnow
from rxapp.domain import audit, tag_catalog
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


def test_automations_are_unnamed_whose_name_was_what_they_did(database: str) -> None:
    with writing() as s:
        vip, gold = factory.tag(s, "vip"), factory.tag(s, "gold")
        email = factory.email(factory.template(s, "Welcome"))
        late = email | {"delay_seconds": 90000}
        said = "When vip is assigned → after 1 day 1 hour send Welcome → add tag gold"
        names = {
            said: [late, factory.adds(gold)],
            # The tag and the email were called otherwise then.
            "When old is assigned → send Hello": [email],
            # Its steps were others then; the log knows the sentence.
            "When vip is assigned → remove tag gold": [email],
            "When vip is assigned → call them": [email],
            "Greet": [email],
        }
        ids = [factory.automation(s, vip, *steps, name=name) for name, steps in names.items()]
        audit.record(
            s, "ann", "automation", ids[2], "created",
            now="When vip is assigned → remove tag gold",
        )  # fmt: skip
    _downgrade(database, "3c7d51b0a9e4")
    migrate.upgrade(get_engine(database))
    with reading() as s:
        rows = {row.id: row for row in factory.rows(s, Automation)}
        plain = "When vip is assigned → send Welcome"
        assert [rows[one].named for one in ids] == [False, False, False, True, True]
        assert [rows[one].name for one in ids] == [said, plain, plain, *list(names)[3:]]
        assert {row.version for row in rows.values()} == {1}


def test_of_a_batch_from_before_only_the_sandbox_is_known_for_its_account(database: str) -> None:
    with writing() as s:
        for provider in ("sandbox", "resend"):
            batch = batches.new(
                provider, b"[]", size=0, provider=provider, bulk=False, now=utcnow()
            )
            batch.maybe_sent = True
            s.add(batch)
    _downgrade(database, "b7d1c05e8a34")
    migrate.upgrade(get_engine(database))
    with reading() as s:
        assert [row.account for row in factory.rows(s, Batch)] == ["sandbox", ""]
        assert [batches.may_go_on(row, "ours") for row in factory.rows(s, Batch)] == [True, False]


def test_keys_stay_the_programs_own_and_links_are_of_whom_they_name(database: str) -> None:
    with writing() as s:
        ada = User(email="ada@example.com", email_key="ada@example.com", password_hash="")
        s.add(ada)
        s.add(ApiKey(name="CRM", prefix="rx_", key_hash="hash"))
        for number, actor in enumerate((ada.email, "nobody@example.com")):
            s.add(_invitation(str(number), actor))
    _downgrade(database, "91d4e07c5b3a")
    migrate.upgrade(get_engine(database))
    with reading() as s:
        (key,) = factory.rows(s, ApiKey)
        assert (key.name, key.owner_id) == ("CRM", None)
        known, unknown = factory.rows(s, AccountLink)
        assert (known.maker_id, known.ended_at) == (ada.id, None)
        # Whoever that was is not there to answer for it.
        assert (unknown.maker_id, unknown.ended_at) == (None, unknown.expires_at)


def test_a_worker_from_before_has_said_nothing_of_its_threads(database: str) -> None:
    with writing() as s:
        workers.beat(s, "old", "resend", utcnow(), {"jobs": "ok"})
    _downgrade(database, "3c1b7a905e24")
    migrate.upgrade(get_engine(database))
    with reading() as s:
        assert [row.threads for row in s.scalars(select(Worker))] == [{}]


def _invitation(token: str, actor: str) -> AccountLink:
    lasts = utcnow() + timedelta(days=7)
    return AccountLink(token_hash=token, actor=actor, created_at=utcnow(), expires_at=lasts)


def test_what_old_test_emails_said_is_forgotten_and_nothing_else(database: str) -> None:
    said = orjson.dumps([{"to": ["ada@x.com"], "html": "Ada"}])

    def stored(key: str, status: BatchStatus) -> int:
        row = batches.new(key, said, size=1, provider="sandbox", bulk=False, now=utcnow())
        row.status = status
        s.add(row)
        s.flush()
        return row.id

    with writing() as s:
        old = stored("test-1", BatchStatus.DONE)
        kept = [stored("test-2", BatchStatus.OPEN), stored("rxapp-1", BatchStatus.DONE)]
    _downgrade(database, "2b7f51c08d3e")
    migrate.upgrade(get_engine(database))
    with reading() as s:
        assert batches.emails(s, old) == [{}]
        assert all(batches.emails(s, one) == orjson.loads(said) for one in kept)


def test_partners_keep_their_consent_when_refusals_come(database: str) -> None:
    with writing() as s:
        ada = factory.partner(s, consent=Consent.UNSUBSCRIBED, consent_at=utcnow())
    _downgrade(database, "3f7c2ab9d160")
    migrate.upgrade(get_engine(database))
    with reading() as s:
        partner = s.get_one(Partner, ada)
    assert (partner.consent, partner.consent_by) == ("unsubscribed", "")
    assert partner.consent_at is not None


def test_names_lose_what_nobody_sees_unless_another_row_is_called_so(database: str) -> None:
    with writing() as s:
        tags = [factory.tag(s, name) for name in ("gold", "gold twin", "vip")]
        partners = factory.partners(s, 3)
        for tag_id, name in zip(tags, ("go\u00adld", "go\u200bld", "vip\u200b"), strict=True):
            tag = s.get(Tag, tag_id)
            assert tag
            tag.name, tag.name_key = name, name
        for partner_id, key in zip(partners, ("a\u200d-1", "a-1", None), strict=True):
            partner = s.get(Partner, partner_id)
            assert partner
            partner.key, partner.last_name, partner.search = key, "Bjørn", "bjørn"
    _downgrade(database, "c52e8f1d7b60")
    migrate.upgrade(get_engine(database))
    with reading() as s:
        names = [(tag.name, tag.name_key) for tag in factory.rows(s, Tag)]
        assert names == [("gold", "gold"), ("go\u200bld", "go\u200bld"), ("vip", "vip")]
        assert tag_catalog.find(s, "gold\u200b").id == tags[0]
        assert tag_catalog.find(s, tags[1]).id == tags[1]
        assert [row.key for row in factory.rows(s, Partner)] == ["a\u200d-1", "a-1", None]
        assert all("bjorn" in row.search for row in factory.rows(s, Partner))
