"""Emails: a new version for every change, shown as they are sent, kept while they are used."""

from typing import Any

import orjson
import pytest
from sqlmodel import Session

from rxapp.config import get_settings
from rxapp.db import batches
from rxapp.db import templates as reads
from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    AuditEntry,
    Partner,
    Send,
    Source,
    Template,
    TemplateKind,
    TemplateVersion,
)
from rxapp.db.outbox import due
from rxapp.db.types import utcnow
from rxapp.dispatch.freeze import freeze
from rxapp.domain import automations, preview, settings, templates, unsubscribe
from rxapp.domain.automations import AutomationInput
from rxapp.domain.tags import assign_tags
from rxapp.domain.templates import TemplateChanges
from rxapp.errors import (
    AlreadyExists,
    Conflict,
    InUse,
    InvalidInput,
    InvalidTemplate,
    MissingVariable,
    NotFound,
)
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")

SAYS: dict[str, Any] = {
    "subject": "Hello {{ partner.first_name }}",
    "preheader": "News from {{ program.name }}",
    "body": "<h1>Hi {{ partner.first_name }}</h1><p>You are {{ tag.name }}.</p>",
}


def create(name: str = "Welcome", **says: Any) -> int:
    with writing() as s:
        return templates.create(s, name=name, author="ann", **(SAYS | says)).id


def save(template_id: int, **changes: Any) -> None:
    with writing() as s:
        templates.save(s, template_id, TemplateChanges(**changes), "bea")


def versions(template_id: int) -> list[tuple[int, str, str]]:
    with reading() as s:
        return [(v.number, v.subject, v.author) for v in reads.versions(s, template_id)]


def test_a_new_email_has_one_version_ready_to_be_filled_in() -> None:
    made = create()
    with reading() as s:
        version = templates.current(s, made)
    assert (version.number, version.author) == (1, "ann")
    assert version.body == SAYS["body"]
    assert "{{ partner.first_name }}" in version.subject
    assert "Hi" in version.text
    assert "<h1" not in version.text
    assert {one["name"] for one in version.variables} >= {"partner.first_name", "tag.name"}


def test_an_unknown_variable_is_refused_and_nothing_is_saved() -> None:
    with pytest.raises(InvalidTemplate) as refused:
        create(body="<p>{{ partner.first_nam }}</p>")
    assert refused.value.extra["problems"][0]["part"] == "body"
    with reading() as s:
        assert not f.rows(s, Template)


def test_the_partners_custom_fields_can_be_read() -> None:
    with pytest.raises(InvalidTemplate):
        create(body="<p>{{ partner.tier }}</p>")
    with writing() as s:
        f.partner(s, fields={"tier": "gold"})
    create(body="<p>{{ partner.tier }}</p>")


def test_each_change_of_what_it_says_is_a_new_version_and_old_ones_stay() -> None:
    made = create()
    save(made, subject="Second")
    save(made, subject="Second")
    save(made, name="Hello")
    save(made, kind="transactional")
    assert versions(made) == [
        (3, "Second", "bea"),
        (2, "Second", "bea"),
        (1, SAYS["subject"], "ann"),
    ]
    with reading() as s:
        template = templates.find(s, made)
        assert (template.name, template.version, template.kind) == ("Hello", 3, "transactional")


def test_a_save_that_would_lose_somebody_elses_is_refused() -> None:
    made = create()
    save(made, subject="Second", based_on=1)
    with pytest.raises(Conflict, match="bea saved this email in the meantime"):
        save(made, subject="Third", based_on=1)
    assert len(versions(made)) == 2


def test_a_waiting_email_keeps_the_version_it_was_decided_with() -> None:
    made = create(kind=TemplateKind.TRANSACTIONAL)
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        f.automation(s, vip, f.email(made))
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")
    save(made, subject="Changed")
    with writing() as s:
        decided = due(s, utcnow(), 10, bulk=False)
        kept = {v.id: v for v in f.rows(s, TemplateVersion)}
        frost = freeze(decided, kept, settings.program(s))
    assert b"Hello Ada" in frost.payload
    assert b"Changed" not in frost.payload


def test_names_are_unique_whatever_their_case_and_never_only_digits() -> None:
    made = create("Welcome")
    with pytest.raises(AlreadyExists) as taken:
        create(" WELCOME ")
    assert taken.value.extra["field"] == "name"
    for bad in ("", "7", "x" * 121):
        with pytest.raises(InvalidInput) as refused:
            save(made, name=bad)
        assert refused.value.field == "name"
    save(made, name="welcome")


def test_an_email_is_found_by_id_digits_and_name() -> None:
    made = create("Welcome to VIP")
    with reading() as s:
        for ref in (made, str(made), "welcome  to vip"):
            assert templates.find(s, ref).id == made
        for unknown in (0, 99, "99", "", "VIP"):
            with pytest.raises(NotFound):
                templates.find(s, unknown)


def test_a_copy_says_the_same_under_a_free_name() -> None:
    made = create()
    with writing() as s:
        copies = [templates.duplicate(s, made, "bea") for _ in range(2)]
        assert [copy.name for copy in copies] == ["Welcome (copy)", "Welcome (copy 2)"]
        assert templates.current(s, copies[0].id).body == SAYS["body"]


def test_an_email_never_used_is_deleted_with_its_versions() -> None:
    made = create()
    save(made, subject="Second")
    with writing() as s:
        templates.delete(s, made, "ann")
    with reading() as s:
        assert not [*f.rows(s, Template), *f.rows(s, TemplateVersion)]


def test_deleting_a_used_email_is_refused_with_the_list_of_users() -> None:
    made = create()
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        used = f.automation(s, vip, f.email(made), name="Hello VIP")
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")
    with pytest.raises(InUse) as refused, writing() as s:
        templates.delete(s, made, "ann")
    assert refused.value.extra["used_by"] == [
        {"kind": "automation", "id": used, "name": "Hello VIP"},
        {"kind": "waiting_sends", "count": 1},
    ]
    with writing() as s:
        f.rows(s, Send)[0].status = "sent"
        automations.delete(s, used, "ann")
    with pytest.raises(InUse, match="archive it instead") as refused, writing() as s:
        templates.delete(s, made, "ann")
    assert refused.value.extra["used_by"] == [{"kind": "history"}]


def test_an_archived_email_leaves_the_list_and_cannot_be_chosen_anew() -> None:
    made = create()
    with writing() as s:
        templates.archive(s, made, "ann")
        vip = f.tag(s)
    with reading() as s:
        assert reads.page(s) == []
        assert [row.id for row in reads.page(s, archived=True)] == [made]
    step = {"kind": "send_email", "template_id": made}
    data = AutomationInput.model_validate({"tag_id": vip, "actions": [step]})
    with pytest.raises(InvalidInput, match="archived"), writing() as s:
        automations.create(s, data, "ann")
    with writing() as s:
        templates.unarchive(s, made, "ann")
        automations.create(s, data, "ann")


def test_the_list_tells_the_present_subject_and_how_many_automations_send_it() -> None:
    hello, bye = create("Hello"), create("Bye", subject="So long")
    save(hello, subject="Second")
    with writing() as s:
        f.automation(s, f.tag(s), f.email(hello))
    with reading() as s:
        assert [(row.id, row.subject, row.automations) for row in reads.page(s)] == [
            (bye, "So long", 0),
            (hello, "Second", 1),
        ]
        assert [row.id for row in reads.page(s, q="ell")] == [hello]
        assert [row.id for row in reads.page(s, after=hello, limit=5)] == [bye]
        assert reads.page(s, kind=TemplateKind.TRANSACTIONAL) == []


def test_the_preview_is_the_email_that_is_sent() -> None:
    made = create(body="<p>Hi {{ partner.first_name }}, {{ tag.name }}</p>")
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        f.automation(s, vip, f.email(made))
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")
        decided = due(s, utcnow(), 10, bulk=False)
        version = templates.current(s, made)
        sent = freeze(decided, {version.id: version}, settings.program(s)).payload
        seen = preview.of_version(s, version, preview.recipient(s, str(ada), made))
    (email,) = orjson.loads(sent)
    assert unsubscribe.link(ada) in seen.html
    assert (email["html"], email["text"]) == (seen.html, seen.text)
    assert seen.subject == "Hello Ada"


def test_an_unsaved_email_is_previewed_with_a_made_up_partner() -> None:
    with writing() as s:
        f.partner(s, fields={"tier_name": "gold"})
    with reading() as s:
        draft = templates.draft(
            s,
            kind=TemplateKind.MARKETING,
            subject="{{ partner.tier_name }}",
            body="<p>{{ partner.first_name }} at {{ partner.company }}</p>",
        )
        seen = preview.of_version(s, draft, preview.recipient(s, ""))
        assert not f.rows(s, TemplateVersion)
    assert seen.subject == "(tier name)"
    assert "Alex at Rivera Studio" in seen.text


def test_a_preview_without_a_needed_value_says_which() -> None:
    made = create()
    with writing() as s:
        nameless = f.partner(s, first_name="")
        version = templates.current(s, made)
        with pytest.raises(MissingVariable) as missing:
            preview.of_version(s, version, preview.recipient(s, str(nameless)))
    assert missing.value.variable == "first_name"


def trial(session: Session, template_id: int, who: str = "") -> dict[str, Any]:
    """A test of the email as it is handed to the provider."""
    version = templates.current(session, template_id)
    to = ["me@acme.com"]
    test = preview.send_trial(session, version, to, "ann", who=who, template_id=template_id)
    (email,) = batches.emails(session, test)
    return email


def test_a_test_carries_real_data_but_unsubscribes_nobody() -> None:
    made = create()
    with writing() as s:
        ada = f.partner(s)
        email = trial(s, made, who=str(ada))
    assert email["subject"] == "[Test] Hello Ada"
    assert "tags" not in email
    token = email["headers"]["List-Unsubscribe"].strip("<>").rpartition("/")[2]
    assert unsubscribe.read(token) == unsubscribe.NOBODY
    assert unsubscribe.link(ada) not in email["html"]


def test_an_unsubscribe_link_names_its_partner_and_cannot_be_made_up() -> None:
    token = unsubscribe.token(7)
    assert unsubscribe.read(token) == 7
    assert unsubscribe.link(7) == f"{get_settings().base_url}/unsubscribe/{token}"
    for forged in (token.replace("7", "8", 1), token[:-1], "7", "", "7."):
        with pytest.raises(NotFound):
            unsubscribe.read(forged)


def test_only_marketing_emails_carry_a_way_to_unsubscribe() -> None:
    marketing, transactional = create("A"), create("B", kind=TemplateKind.TRANSACTIONAL)
    with writing() as s:
        assert "List-Unsubscribe" in trial(s, marketing)["headers"]
        assert "headers" not in trial(s, transactional)


def test_the_editor_can_tell_how_many_partners_an_email_could_not_reach() -> None:
    with writing() as s:
        f.partners(s, 2)
        f.partner(s, "a", first_name="", fields={"tier": "gold"})
        f.partner(s, "b", first_name="", company="X", fields={"tier": ""})
        f.partner(s, "gone", first_name="", status="archived")
    made = create(
        body="<p>{{ partner.company }} {{ partner.tier }} {{ partner.email }} "
        "{{ partner.last_name | default('friend') }} {{ tag.name }}</p>"
    )
    with reading() as s:
        assert templates.count_missing(s, templates.current(s, made)) == {
            "partner.first_name": 2,
            "partner.company": 3,
            "partner.tier": 3,
        }


def test_a_custom_field_never_hides_what_every_partner_has() -> None:
    partner = Partner(first_name="Ada", fields={"first_name": "x", "tier": "gold"})
    data = preview.partner_data(partner)
    assert (data["first_name"], data["tier"]) == ("Ada", "gold")


def test_every_change_is_audited_once() -> None:
    made = create()
    save(made, subject="Second", name="Hello")
    save(made, subject="Second")
    with writing() as s:
        templates.archive(s, made, "ann")
        templates.delete(s, made, "ann")
    with reading() as s:
        log = [(e.actor, e.action, e.data) for e in f.rows(s, AuditEntry)]
    assert log == [
        ("ann", "created", {"name": "Welcome"}),
        ("bea", "saved", {"changed": ["subject", "name"]}),
        ("ann", "archived", {}),
        ("ann", "deleted", {"name": "Hello"}),
    ]
