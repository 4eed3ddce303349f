"""What an address refused outlives its row, until the person or an admin lifts it."""

from collections.abc import Callable
from typing import Any

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    AuditEntry,
    Deliverability,
    Partner,
    ProviderEvent,
    Refusal,
    Send,
    SendStatus,
    Source,
)
from rxapp.dispatch.jobs import JobRunner
from rxapp.domain import imports, partners, sends
from rxapp.domain.partners import PartnerInput
from rxapp.domain.tags import assign_tags
from rxapp.errors import NotAllowed
from tests import factory as f

pytestmark = pytest.mark.usefixtures("database")
ADA = "ada@x.com"


def create(**values: Any) -> int:
    with writing() as s:
        return partners.create(s, PartnerInput(**values), "ann").id


def update(partner_id: int, **values: Any) -> None:
    with writing() as s:
        partners.update(s, partner_id, PartnerInput(**values), "ann")


def erase(partner_id: int) -> None:
    with writing() as s:
        partners.delete(s, partner_id, "ann")


def standing(partner_id: int) -> tuple[str, str]:
    with reading() as s:
        partner = s.get_one(Partner, partner_id)
        return partner.consent, partner.deliverability


def unsubscribe(partner_id: int) -> None:
    update(partner_id, consent="unsubscribed")


def complain(partner_id: int) -> None:
    with writing() as s:
        s.get_one(Partner, partner_id).deliverability = Deliverability.COMPLAINED


def bounce(partner_id: int) -> None:
    with writing() as s:
        s.get_one(Partner, partner_id).deliverability = Deliverability.BOUNCED


REFUSING: list[tuple[Callable[[int], None], tuple[str, str]]] = [
    (unsubscribe, ("unsubscribed", "ok")),
    (bounce, ("subscribed", "bounced")),
    (complain, ("subscribed", "complained")),
]
refusing = pytest.mark.parametrize(("refuse", "stands"), REFUSING)


@refusing
def test_who_is_erased_and_created_again_refuses_what_they_refused(
    refuse: Callable[[int], None], stands: tuple[str, str]
) -> None:
    ada = create(email=ADA)
    refuse(ada)
    erase(ada)
    with reading() as s:
        assert ADA not in str([vars(row) for row in f.all_rows(s, Refusal)])
    assert standing(create(email=" ADA@X.com ", consent="subscribed")) == stands
    assert standing(create(email="eve@x.com")) == ("subscribed", "ok")


@refusing
def test_who_is_erased_and_imported_again_refuses_what_they_refused(
    refuse: Callable[[int], None], stands: tuple[str, str]
) -> None:
    ada = create(email=ADA)
    refuse(ada)
    erase(ada)
    imported("email,consent\nada@x.com,yes\neve@x.com,yes\n")
    with reading() as s:
        found = {row.email: row.id for row in f.rows(s, Partner)}
    assert standing(found[ADA]) == stands
    assert standing(found["eve@x.com"]) == ("subscribed", "ok")


@refusing
def test_an_address_changed_and_changed_back_refuses_what_it_refused(
    refuse: Callable[[int], None], stands: tuple[str, str]
) -> None:
    ada = create(email=ADA, key="a")
    refuse(ada)
    update(ada, email="ada@y.com")
    update(ada, email=ADA)
    assert standing(ada) == stands
    # A file is one more way to change it.
    imported("email,key\nada@z.com,a\n")
    imported("email,key\nada@x.com,a\n")
    assert standing(ada) == stands


@refusing
def test_an_address_that_moves_to_another_partner_takes_its_refusal_along(
    refuse: Callable[[int], None], stands: tuple[str, str]
) -> None:
    ada, eve = create(email=ADA, key="a"), create(email="eve@x.com")
    refuse(ada)
    update(ada, email="")
    update(eve, email=ADA)
    assert standing(eve) == stands


def test_an_admin_or_the_person_lifts_a_refusal_for_good() -> None:
    ada = create(email=ADA)
    unsubscribe(ada)
    complain(ada)
    erase(ada)
    ada = create(email=ADA)
    with writing() as s:
        partners.resubscribe(s, ada, "ann")
        partners.mark_deliverable(s, ada, "ann")
    update(ada, email="ada@y.com")
    update(ada, email=ADA)
    assert standing(ada) == ("subscribed", "ok")
    erase(ada)
    assert standing(create(email=ADA)) == ("subscribed", "ok")
    with reading() as s:
        assert not f.all_rows(s, Refusal)


def test_only_who_may_lift_it_subscribes_somebody_again() -> None:
    ada = create(email=ADA, consent="unsubscribed")
    with pytest.raises(NotAllowed, match="Only an admin"):
        update(ada, consent="subscribed")
    assert standing(ada) == ("unsubscribed", "ok")
    # Saying what is so already lifts nothing.
    update(create(email="eve@x.com"), consent="subscribed")


def test_taking_over_an_address_that_refused_lifts_nothing_whatever_is_said_with_it() -> None:
    erase(create(email=ADA, consent="unsubscribed"))
    eve = create(email="eve@x.com")
    update(eve, email=ADA, consent="subscribed")
    assert standing(eve) == ("unsubscribed", "ok")


def test_the_log_says_that_an_added_partner_had_unsubscribed() -> None:
    erase(create(email=ADA, consent="unsubscribed"))
    again = create(email=ADA)
    with reading() as s:
        (entry,) = [row for row in f.rows(s, AuditEntry) if row.subject_id == again]
    assert entry.data == {"changed": ["consent"], "consent": "unsubscribed"}


def sent_to_ada() -> tuple[int, int]:
    """A partner and a send that reached the provider at the partner's address."""
    with writing() as s:
        ada, vip = f.partner(s, email=ADA), f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, [ada], source=Source.API, actor="ann")
        (send,) = f.rows(s, Send)
        send.status, send.provider_id, send.recipient = SendStatus.SENT, "re_1", ADA
        return ada, send.id


def told(kind: str, *, permanent: bool = False) -> None:
    with writing() as s:
        event = ProviderEvent(event_id=kind, provider_id="re_1", kind=kind, permanent=permanent)
        assert sends.keep_event(s, event)
    with writing() as s:
        assert sends.apply_events(s, ["re_1"]) == 1


@pytest.mark.parametrize(("kind", "became"), [("complained", "complained"), ("bounced", "bounced")])
def test_what_comes_after_the_address_changed_is_held_against_the_address(
    kind: str, became: str
) -> None:
    ada, _ = sent_to_ada()
    update(ada, email="ada@y.com")
    told(kind, permanent=True)
    assert standing(ada) == ("subscribed", "ok")
    update(ada, email=ADA)
    assert standing(ada) == ("subscribed", became)


def test_what_comes_after_the_address_moved_marks_who_has_it_now() -> None:
    ada, _ = sent_to_ada()
    update(ada, email="ada@y.com")
    eve = create(email=ADA)
    told("complained")
    assert (standing(ada), standing(eve)) == (("subscribed", "ok"), ("subscribed", "complained"))


@pytest.mark.parametrize("kind", ["complained", "bounced"])
def test_what_comes_after_the_person_was_erased_is_held_against_the_address(kind: str) -> None:
    ada, send = sent_to_ada()
    erase(ada)
    with writing() as s:
        said = f"550 {ADA} unknown"
        event = ProviderEvent(
            event_id=kind, provider_id="re_1", kind=kind, permanent=True, detail=said, send_id=send
        )
        assert sends.keep_event(s, event, ADA)
    with reading() as s:
        (kept,) = f.rows(s, ProviderEvent)
        # It waits for no send, and says nothing of the person.
        assert (kept.applied_at is not None, kept.detail) == (True, "")
        assert ADA not in str([vars(row) for row in f.all_rows(s, Refusal)])
    assert standing(create(email=ADA)) == ("subscribed", kind)


def test_a_bounce_after_a_complaint_leaves_the_complaint() -> None:
    ada, _ = sent_to_ada()
    told("complained")
    told("bounced", permanent=True)
    assert standing(ada) == ("subscribed", "complained")


def imported(text: str) -> None:
    with writing() as s:
        imports.start(s, imports.read(text.encode()).rows, actor="ann")
    assert JobRunner("a test").work_off_one()
