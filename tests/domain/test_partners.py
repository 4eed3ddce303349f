"""Partners: one per address and key, found by anything, erased for good."""

from typing import Any

import orjson
import pytest

from rxapp.db import batches
from rxapp.db import partners as reads
from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    Assignment,
    AuditEntry,
    Cause,
    Partner,
    ProviderEvent,
    Send,
    Source,
)
from rxapp.db.partners import PartnerFilter
from rxapp.db.types import utcnow
from rxapp.domain import imports, partners
from rxapp.domain.partners import PartnerInput
from rxapp.domain.tags import assign_tags, remove_tags
from rxapp.errors import AlreadyExists, InvalidInput, NotFound, WrongStatus
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")


def create(**values: Any) -> int:
    with writing() as s:
        return partners.create(s, PartnerInput(**values), "ann").id


def update(partner_id: int, **values: Any) -> None:
    with writing() as s:
        partners.update(s, partner_id, PartnerInput(**values), "ann")


def get(partner_id: int) -> Partner:
    with reading() as s:
        return partners.find(s, partner_id)


def found(**wanted: Any) -> list[int]:
    """Who matches, checking that the page, the count and the query for ids agree."""
    with reading() as s:
        rows = [row.id for row in reads.page(s, PartnerFilter(**wanted), sort="id")]
        assert reads.count(s, PartnerFilter(**wanted)) == len(rows)
        assert sorted(s.connection().scalars(reads.matching(PartnerFilter(**wanted)))) == rows
    return rows


def test_values_are_trimmed_and_kept_on_one_line() -> None:
    ada = get(create(email=" Ada@Partners.TEST ", first_name=" Ada\n ", company="A  B\x00"))
    assert (ada.email, ada.email_key) == ("Ada@partners.test", "ada@partners.test")
    assert (ada.first_name, ada.company) == ("Ada", "A B")


@pytest.mark.parametrize("bad", ["ada", "ada@", "a b@x.com", "ada@localhost", "A <a@x.com>"])
def test_what_is_no_address_is_refused_with_the_reason(bad: str) -> None:
    with pytest.raises(InvalidInput, match="is not an email address") as refused:
        create(email=bad)
    assert refused.value.field == "email"


def test_a_domain_in_other_letters_is_kept_as_mail_travels_to_it() -> None:
    ada = create(email="Ada@Bücher.example")
    assert get(ada).email == "Ada@xn--bcher-kva.example"
    with reading() as s:
        for ref in ("ada@bücher.example", "email:ADA@XN--BCHER-KVA.example"):
            assert partners.find(s, ref).id == ada
        assert partners.resolve(s, ["ada@bü cher"]).ids == []


@pytest.mark.parametrize("same", [{"email": "ADA@x.com"}, {"key": "P-1"}])
def test_an_address_or_key_is_one_partners_only(same: dict[str, str]) -> None:
    ada = create(email="ada@x.com", key="P-1")
    with pytest.raises(AlreadyExists) as refused:
        create(first_name="Eve", **same)
    assert refused.value.extra == {"field": next(iter(same)), "id": ada}
    update(ada, **same)


def test_a_partner_needs_something_to_be_known_by() -> None:
    with pytest.raises(InvalidInput):
        create(first_name=" ")
    ada = create(first_name="Ada")
    with pytest.raises(InvalidInput):
        update(ada, first_name="")


def test_changing_a_partner_changes_only_what_is_given() -> None:
    ada = create(email="ada@x.com", first_name="Ada", fields={"tier": "gold", "city": "Turin"})
    update(ada, last_name="L", fields={"city": None, "since": 2024})
    after = get(ada)
    assert (after.email, after.first_name, after.last_name) == ("ada@x.com", "Ada", "L")
    assert after.fields == {"tier": "gold", "since": "2024"}


@pytest.mark.parametrize("name", ["Tier", "first name", "email", "1st", "ü", "a.b", "_x", ""])
def test_a_custom_field_has_a_name_that_an_email_can_read(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        create(email="ada@x.com", fields={name: "x"})
    assert refused.value.field == "fields"


def test_the_custom_fields_in_use_are_known() -> None:
    create(key="1", fields={"tier": "gold", "city": "Turin"})
    create(key="2", fields={"tier": "silver"})
    create(key="3")
    with reading() as s:
        assert reads.known_fields(s) == ["city", "tier"]


def test_a_new_address_starts_afresh_but_another_spelling_does_not() -> None:
    ada = create(email="ada@x.com")
    with writing() as s:
        s.get_one(Partner, ada).deliverability = "bounced"  # type: ignore[assignment]
    update(ada, email="Ada@x.com")
    assert get(ada).deliverability == "bounced"
    update(ada, email="ada@y.com")
    assert get(ada).deliverability == "ok"


def test_a_person_can_vouch_for_an_address_that_bounced() -> None:
    with writing() as s:
        ada = f.partner(s, deliverability="bounced", deliverability_note="550 no such user")
        partners.mark_deliverable(s, ada, "ann")
    assert (get(ada).deliverability, get(ada).deliverability_note) == ("ok", "")


def test_consent_keeps_the_moment_it_last_changed() -> None:
    ada = create(email="ada@x.com")
    assert get(ada).consent_at is None
    with writing() as s:
        first = partners.unsubscribe(s, ada, "ada").consent_at
        assert first is not None
        assert partners.unsubscribe(s, ada, "bob").consent_at == first
    assert (get(ada).consent, get(ada).consent_by) == ("unsubscribed", "ada")
    with writing() as s:
        partners.resubscribe(s, ada, "ann")
    assert get(ada).consent == "subscribed"


def test_a_partner_is_found_by_id_key_and_address() -> None:
    ada = create(email="Ada@x.com", key="a:1")
    with reading() as s:
        for ref in (ada, str(ada), "email:ADA@x.com", "ada@x.com", "key:a:1"):
            assert partners.find(s, ref).id == ada
        for ref in (ada + 1, "0", "", "key:", "key:A:1", "email:", "eve@x.com", "9" * 40):
            with pytest.raises(NotFound):
                partners.find(s, ref)


def test_many_references_are_resolved_at_once_in_order_without_repeats() -> None:
    ada, eve = create(email="ada@x.com"), create(email="eve@x.com", key="e")
    with reading() as s:
        refs: list[int | str] = ["key:e", ada, "nobody@x.com", "ADA@x.com", 77, "eve@x.com"]
        assert partners.resolve(s, refs) == partners.Resolved([eve, ada], ["nobody@x.com", 77])


def test_search_finds_parts_of_names_addresses_companies_and_keys() -> None:
    zoe = create(email="zoe@acme.test", first_name="Zoë", last_name="Müller-Lüdenscheidt")
    bob = create(email="bob@acme.test", company="Straße 100% GmbH", key="P_17")
    for q in ("ZOE", "müll", "muller", "zoë lüden", "denscheidt zoe"):
        assert found(q=q) == [zoe], q
    for q in ("100%", "P_1", "strasse", " bob  ACME "):
        assert found(q=q) == [bob], q
    assert found(q="acme") == [zoe, bob]
    assert found(q="%") == [bob]
    assert found(q="zoe bob") == []


def test_search_follows_a_change() -> None:
    ada = create(email="ada@x.com")
    update(ada, last_name="Lovelace")
    assert found(q="lovelace") == [ada]
    update(ada, last_name="King")
    assert found(q="lovelace") == []


def test_filters_ask_for_tags_status_consent_and_deliverability() -> None:
    with writing() as s:
        a, b, c, d = f.partners(s, 4)
        vip, gold = f.tag(s, "vip"), f.tag(s, "gold")
        assign_tags(s, vip, [a, b, d], source=Source.API, actor="")
        assign_tags(s, gold, [b, c], source=Source.API, actor="")
        remove_tags(s, vip, [d], source=Source.API, actor="")
    update(a, status="suspended")
    update(b, consent="unsubscribed")
    assert found(tag_ids_any=[vip, gold]) == [a, b, c]
    assert found(tag_ids_all=[vip, gold]) == [b]
    assert found(tag_ids_none=[vip]) == [c, d]
    assert found(tag_ids_any=[vip], tag_ids_none=[gold]) == [a]
    assert found(status="suspended") == [a]
    assert found(consent="unsubscribed") == [b]
    assert found(deliverability="bounced") == []
    assert found(email_keys=["p3@partners.test"]) == [c]


def test_pages_follow_each_other_without_gaps_and_carry_the_tags() -> None:
    with writing() as s:
        people, vip, gold = f.partners(s, 5), f.tag(s, "Vip"), f.tag(s, "gold")
        assign_tags(s, vip, people[:2], source=Source.API, actor="")
        assign_tags(s, gold, people[:1], source=Source.API, actor="")
    with reading() as s:
        first = reads.page(s, PartnerFilter(), sort="id", limit=3)
        rest = reads.page(s, PartnerFilter(), sort="id", limit=3, after=first[-1].id)
        newest = reads.page(s, PartnerFilter(), sort="-id", limit=2, after=people[3])
        by_offset = reads.page(s, PartnerFilter(), sort="-name", limit=2, offset=1)
    assert [row.id for row in first + rest] == people
    assert [[tag.name for tag in row.tags] for row in first] == [["gold", "Vip"], ["Vip"], []]
    assert [row.id for row in newest] == [people[2], people[1]]
    assert [row.first_name for row in by_offset] == ["P4", "P3"]


def test_deleting_a_partner_takes_every_trace_of_the_person() -> None:
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")
        send = f.rows(s, Send)[0]
        send.provider_id = "re_1"
        said = "550 ada@partners.test unknown"
        s.add(ProviderEvent(event_id="e", provider_id="re_1", kind="bounced", detail=said))
    with writing() as s:
        partners.delete(s, ada, "ann")
    with reading() as s:
        assert not [*f.rows(s, Partner), *f.rows(s, Assignment), *f.rows(s, Send)]
        assert f.rows(s, ProviderEvent)[0].detail == ""
        assert len(f.rows(s, Cause)) == 1
        assert not any("ada" in str(entry.data) for entry in f.rows(s, AuditEntry))


def test_deleting_a_partner_blanks_their_emails_in_the_archive_and_nobody_elses() -> None:
    with writing() as s:
        ada, bob, vip = f.partner(s), f.partner(s, "bob"), f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, [ada, bob], source=Source.API, actor="ann")
        sent = [{"to": [f"{name}@partners.test"]} for name in ("ada", "bob")]
        payload = orjson.dumps(sent)
        frozen = batches.new("k", payload, size=2, provider="sandbox", bulk=False, now=utcnow())
        s.add(frozen)
        s.flush()
        batch = frozen.id
        for place, send in enumerate(f.rows(s, Send)):
            send.status, send.batch_id, send.batch_index = "sent", batch, place
    with writing() as s:
        partners.delete(s, ada, "ann")
    with reading() as s:
        assert batches.emails(s, batch) == [{}, {"to": ["bob@partners.test"]}]


def test_deleting_a_partner_takes_the_rows_that_imports_left_out_of_them() -> None:
    file = b"email,status\nADA@x.com,gone\nada@x.community,gone\n"
    found = imports.read(file)
    left_out = imports.rejected(file, found.problems)
    with writing() as s:
        ada = partners.create(s, PartnerInput(email="ada@x.com"), "ann").id
        job = imports.start(s, found.rows, actor="ann", left_out=left_out).id
        partners.delete(s, ada, "ann")
    with reading() as s:
        kept = imports.rejected_by(s, job).rows
    assert [cells[0] for _, cells in kept] == ["ada@x.community"]


def test_a_partner_whose_email_is_leaving_is_not_deleted() -> None:
    with writing() as s:
        ada, vip = f.partner(s), f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")
        f.rows(s, Send)[0].status = "sending"
    with pytest.raises(WrongStatus), writing() as s:
        partners.delete(s, ada, "ann")
    assert get(ada).id == ada


def test_every_change_is_audited_by_the_names_of_what_changed() -> None:
    ada = create(email="ada@x.com")
    update(ada, last_name="L", fields={"tier": "gold"})
    update(ada, last_name="L")
    with reading() as s:
        log = [(e.actor, e.action, e.data) for e in f.rows(s, AuditEntry) if e.subject_id == ada]
    assert log == [
        ("ann", "created", {}),
        ("ann", "updated", {"changed": ["fields", "last_name"]}),
    ]
