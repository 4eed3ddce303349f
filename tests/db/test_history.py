"""What happened to a partner, read back: tags on and off, changes, and what led to what."""

from typing import Any

import pytest

from rxapp.db import history
from rxapp.db.engine import writing
from rxapp.db.models import Cause, Source, TemplateKind
from rxapp.domain import partners
from rxapp.domain.tags import assign_tags, remove_tags
from tests import factory

pytestmark = pytest.mark.usefixtures("database")

BY: dict[str, Any] = {"source": Source.DASHBOARD, "actor": "ana@acme.com"}


def test_tags_on_and_off_are_told_newest_first_with_door_and_actor() -> None:
    with writing() as s:
        ada, vip = factory.partner(s), factory.tag(s)
        assign_tags(s, vip, [ada], source=Source.API, actor="API key “crm”")
        remove_tags(s, vip, [ada], **BY)
        assign_tags(s, vip, [ada], **BY)
        told = history.tag_events(s, ada, limit=10)
    assert [(one.on, one.source, one.actor) for one in told] == [
        (True, "dashboard", "ana@acme.com"),
        (False, "dashboard", "ana@acme.com"),
        (True, "api", "API key “crm”"),
    ]
    assert all(one.at.tzinfo is not None for one in told)


def test_only_the_latest_events_are_read() -> None:
    with writing() as s:
        ada = factory.partner(s)
        for name in ("one", "two", "three"):
            assign_tags(s, factory.tag(s, name), [ada], **BY)
        assert [one.tag for one in history.tag_events(s, ada, limit=2)] == ["three", "two"]


def test_the_tags_a_partner_has_say_which_automation_put_them_on() -> None:
    with writing() as s:
        ada, vip, gold = factory.partner(s), factory.tag(s, "vip"), factory.tag(s, "gold")
        factory.automation(s, vip, factory.adds(gold), name="VIP to gold")
        assign_tags(s, vip, [ada], **BY)
        remove_tags(s, vip, [ada], **BY)
        held = history.held(s, ada)
    assert [(one.tag, one.source, one.automation) for one in held] == [
        ("gold", "automation", "VIP to gold")
    ]


def test_chains_of_several_causes_come_in_one_go_each_from_its_first_link_on() -> None:
    with writing() as s:
        ada, vip, gold = factory.partner(s), factory.tag(s, "vip"), factory.tag(s, "gold")
        welcome = factory.template(s)
        factory.automation(s, vip, factory.adds(gold), name="VIP to gold")
        factory.automation(s, gold, factory.email(welcome), name="Gold")
        assign_tags(s, vip, [ada], **BY)
        ids = [cause.id for cause in factory.rows(s, Cause)]
        chains = history.chains(s, ids)
    assert [[link.tag for link in chains[one]] for one in ids] == [["vip"], ["vip", "gold"]]


def test_changes_by_people_are_read_from_the_audit_log() -> None:
    with writing() as s:
        ada, other = factory.partner(s), factory.partner(s, "bob")
        partners.unsubscribe(s, ada, "ana@acme.com")
        partners.unsubscribe(s, other, "ana@acme.com")
        (change,) = history.changes(s, ada, limit=5)
    assert (change.action, change.actor, change.data) == (
        "updated",
        "ana@acme.com",
        {"changed": ["consent"], "consent": "unsubscribed"},
    )


@pytest.mark.parametrize(
    ("values", "marketing", "transactional"),
    [
        ({}, "", ""),
        ({"consent": "unsubscribed"}, "unsubscribed", ""),
        ({"status": "suspended"}, "suspended", "suspended"),
        ({"email": None}, "no_address", "no_address"),
    ],
)
def test_why_no_mail_is_answered_by_the_rule_that_decides(
    values: dict[str, Any], marketing: str, transactional: str
) -> None:
    with writing() as s:
        ada = factory.partner(s, **values)
        assert history.why_no_mail(s, ada, TemplateKind.MARKETING) == marketing
        assert history.why_no_mail(s, ada, TemplateKind.TRANSACTIONAL) == transactional
