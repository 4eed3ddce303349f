"""A partner's page: who they are, their tags, what was sent and why, and what can be done."""

from typing import Any

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import (
    Assignment,
    Consent,
    Deliverability,
    Partner,
    PartnerStatus,
    Role,
    Send,
    SendStatus,
    Source,
)
from rxapp.domain import imports, jobs, partners, settings
from rxapp.domain.import_rows import Row
from rxapp.domain.partners import PartnerInput
from rxapp.domain.tags import assign_tags, remove_tags
from rxapp.state.assign import AssignState
from rxapp.state.options import NEW
from rxapp.state.partner import PartnerState
from rxapp.state.partner_log import PAGE
from rxapp.state.questions import Question
from tests import factory
from tests.state.support import beside, browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

BY: dict[str, Any] = {"source": Source.DASHBOARD, "actor": "ana@acme.com"}
DETAILS = {"email": "ada@partners.test", "first_name": "Ada", "last_name": "", "company": ""}


def opened(partner_id: int, role: Role = Role.EDITOR) -> PartnerState:
    """The page of a partner, for a person with this role."""
    tab = signed_in(PartnerState, role)
    browse(tab, session_of(tab), f"/partners/{partner_id}")
    call(tab, "load")
    return tab


def ada(**values: Any) -> int:
    with writing() as s:
        return factory.partner(s, "ada", last_name="Lovelace", **values)


def vip(*, delay_seconds: int = 0) -> int:
    """A tag whose automation sends an email."""
    with writing() as s:
        tag = factory.tag(s)
        step = factory.email(factory.template(s, "VIP Welcome"), delay_seconds=delay_seconds)
        factory.automation(s, tag, step, name="New VIPs")
        return tag


def assign(tag_id: int, partner_id: int) -> None:
    with writing() as s:
        assign_tags(s, tag_id, [partner_id], **BY)


def stored(partner_id: int) -> Partner:
    with reading() as s:
        return s.get_one(Partner, partner_id)


def test_a_partner_nobody_is_called_is_said_to_be_missing() -> None:
    assert opened(99).missing


@pytest.mark.parametrize(
    ("values", "reached", "words"),
    [
        ({}, "all", "every email is sent"),
        ({"consent": Consent.UNSUBSCRIBED}, "some", "Transactional emails are still sent"),
        ({"status": PartnerStatus.SUSPENDED}, "none", "This partner is suspended."),
        (
            {"deliverability": Deliverability.BOUNCED, "deliverability_note": "No such mailbox."},
            "none",
            "No such mailbox.",
        ),
    ],
)
def test_the_page_says_which_emails_reach_the_partner_and_why(
    values: dict[str, Any], reached: str, words: str
) -> None:
    partner = opened(ada(**values)).partner
    assert partner.reached == reached
    assert words in partner.reach


def test_a_tag_says_how_it_came() -> None:
    partner_id, tag_id = ada(), vip()
    assign(tag_id, partner_id)
    (tag,) = opened(partner_id).partner.tags
    assert (tag.name, tag.how) == ("vip", "by ana@acme.com in the dashboard")


def test_the_log_says_of_each_email_where_it_stands_why_and_what_led_to_it() -> None:
    partner_id, tag_id = ada(consent=Consent.UNSUBSCRIBED), vip()
    assign(tag_id, partner_id)
    (line,) = opened(partner_id).log.lines
    assert (line.status, line.email) == ("skipped", "VIP Welcome")
    assert line.reason == "This partner has unsubscribed from marketing emails."
    assert line.cause == ("“vip” assigned by ana@acme.com in the dashboard, automation “New VIPs”")


def test_the_whole_chain_is_told_from_the_person_on() -> None:
    partner_id, gold = ada(), vip()
    with writing() as s:
        first = factory.tag(s, "first sale")
        factory.automation(s, first, factory.adds(gold), name="Promote")
        assign_tags(s, first, [partner_id], source=Source.API, actor="API key “crm”")
    (line,) = opened(partner_id).log.lines
    assert line.cause == (
        "“first sale” assigned by API key “crm” through the API, then “vip” by the automation "
        "“Promote”, automation “New VIPs”"
    )


def test_the_log_is_turned_page_by_page_newest_first() -> None:
    partner_id, tag_id = ada(), vip()
    for _ in range(PAGE + 1):
        assign(tag_id, partner_id)
        with writing() as s:
            remove_tags(s, tag_id, [partner_id], **BY)
    tab = opened(partner_id)
    assert (tab.log.shown, tab.log.has_next) == ("1–20 of 21", True)
    newest = tab.log.lines[0].id
    call(tab, "turn", 1)
    assert (tab.log.shown, tab.log.has_previous) == ("21–21 of 21", True)
    assert newest > tab.log.lines[0].id


def test_what_is_about_to_change_is_watched_closely() -> None:
    partner_id, tag_id = ada(), vip()
    assign(tag_id, partner_id)
    tab = opened(partner_id)
    assert tab.log.moving
    with writing() as s:
        (send,) = factory.rows(s, Send)
        send.status = SendStatus.DELIVERED
    call(tab, "refresh")
    assert [line.status for line in tab.log.lines] == ["delivered"]
    assert not tab.log.moving


def test_a_delayed_email_says_when_it_leaves_and_can_be_canceled() -> None:
    partner_id, tag_id = ada(), vip(delay_seconds=3600)
    assign(tag_id, partner_id)
    tab = opened(partner_id)
    (line,) = tab.log.lines
    assert line.due
    assert line.can_cancel
    assert not tab.log.moving
    call(tab, "cancel_email", line.id)
    (line,) = tab.log.lines
    assert (line.status, line.reason) == ("canceled", "Canceled by a person before it left.")


def test_activity_tells_tags_and_changes_newest_first() -> None:
    partner_id, tag_id = ada(), vip()
    assign(tag_id, partner_id)
    tab = opened(partner_id)
    call(tab, "edit")
    call(tab, "save", DETAILS | {"company": "Engines Ltd"})
    told = [(event.what, event.how) for event in tab.activity.events]
    assert told == [
        ("Changed: company, last name", "by ada@example.com"),
        ("“vip” assigned", "by ana@acme.com in the dashboard"),
    ]


def test_activity_tells_what_consent_and_status_became_and_through_whom() -> None:
    partner_id = ada()
    with writing() as s:
        partners.unsubscribe(s, partner_id, "the partner")
        partners.update(
            s, partner_id, PartnerInput(status=PartnerStatus.SUSPENDED, company="X"), "ana"
        )
        job = jobs.start_status(s, PartnerStatus.ACTIVE, [partner_id], actor="bo")
        jobs.run_chunk(s, job)
        row = Row(number=2, email="ada@partners.test", company="Y")
        imported = imports.start(s, [row], actor="cy")
        jobs.run_chunk(s, imported)
    told = [(event.what, event.how) for event in opened(partner_id).activity.events]
    assert told == [
        ("Changed: company", "by cy in an import"),
        ("Made active", "by bo in a bulk action"),
        ("Suspended. Changed: company", "by ana"),
        ("Unsubscribed from marketing emails", "by the partner"),
    ]


@pytest.mark.usefixtures("live")
def test_an_email_is_sent_again_after_it_was_asked_about() -> None:
    partner_id, tag_id = ada(consent=Consent.UNSUBSCRIBED), vip()
    assign(tag_id, partner_id)
    tab = opened(partner_id)
    (line,) = tab.log.lines
    assert line.can_repeat
    call(tab, "ask", "send_again", line.id)
    assert tab.question.title == "Send “VIP Welcome” again?"
    assert "it would be withheld: This partner has unsubscribed" in tab.question.text
    with writing() as s:
        partners.resubscribe(s, partner_id, "ana")
    call(tab, "ask", "send_again", line.id)
    assert "withheld" not in tab.question.text
    assert "on its way again" in effect(call(tab, "confirm"))
    assert [one.status for one in tab.log.lines] == ["queued", "skipped"]
    with writing() as s:
        bob = factory.partner(s, "bob")
    browse(tab, session_of(tab), f"/partners/{bob}")
    call(tab, "load")
    assert "no such email" in effect(call(tab, "ask", "send_again", line.id))


@pytest.mark.usefixtures("live")
def test_assigning_says_before_what_it_sends_and_after_what_it_sent() -> None:
    partner_id, tag_id = ada(), vip()
    tab = opened(partner_id)
    dialog = beside(tab, AssignState)
    call(dialog, "open")
    call(dialog, "pick", str(tag_id))
    assert dialog.answer.headline == "Ada Lovelace gets “vip”."
    assert [line.words for line in dialog.answer.lines] == ["Gets “VIP Welcome” now."]
    with reading() as s:
        assert factory.rows(s, Assignment) == []
    told = effect(call(dialog, "assign"))
    assert "“vip” is assigned. 1 email is on its way." in told
    assert "partner_state.refresh" in told
    with reading() as s:
        (cause,) = factory.rows(s, Send)
    assert cause.status == "queued"


def test_an_email_that_is_withheld_is_said_with_its_reason() -> None:
    partner_id, tag_id = ada(consent=Consent.UNSUBSCRIBED), vip()
    dialog = beside(opened(partner_id), AssignState)
    call(dialog, "open")
    call(dialog, "pick", str(tag_id))
    assert "is not sent. This partner has unsubscribed" in dialog.answer.lines[0].words
    assert "No email is sent. This partner has unsubscribed" in effect(call(dialog, "assign"))


def test_only_tags_the_partner_does_not_have_are_offered() -> None:
    partner_id, tag_id = ada(), vip()
    with writing() as s:
        factory.tag(s, "gold")
    assign(tag_id, partner_id)
    dialog = beside(opened(partner_id), AssignState)
    call(dialog, "open")
    assert [option.label for option in dialog.tags] == ["gold"]


def test_a_new_tag_is_made_and_assigned() -> None:
    partner_id = ada()
    tab = opened(partner_id)
    dialog = beside(tab, AssignState)
    call(dialog, "open")
    call(dialog, "pick_new", "First sale")
    assert dialog.ready
    again = call(dialog, "pick", NEW)
    assert "First sale" in effect(again)
    call(dialog, "assign")
    call(tab, "refresh")
    assert [tag.name for tag in tab.partner.tags] == ["First sale"]


def test_details_and_custom_fields_are_saved_and_emptied() -> None:
    partner_id = ada(fields={"country": "Peru", "tier": "2"})
    with writing() as s:
        factory.partner(s, "bob", fields={"link": "https://x.example"})
    tab = opened(partner_id)
    call(tab, "edit")
    assert [(one.name, one.value) for one in tab.own_fields] == [
        ("country", "Peru"),
        ("link", ""),
        ("tier", "2"),
    ]
    call(
        tab,
        "save",
        DETAILS
        | {
            "own:country": "Chile",
            "own:tier": "",
            "field_name": "site",
            "field_value": "a.example",
        },
    )
    assert stored(partner_id).fields == {"country": "Chile", "site": "a.example"}
    assert not tab.editing


def test_what_is_wrong_with_the_details_is_told_at_its_field() -> None:
    partner_id = ada()
    with writing() as s:
        factory.partner(s, "bob")
    tab = opened(partner_id)
    call(tab, "edit")
    call(tab, "save", DETAILS | {"email": "bob@partners.test"})
    assert set(tab.errors) == {"email"}
    call(tab, "save", DETAILS | {"field_name": "Not A Name", "field_value": "x"})
    assert set(tab.errors) == {"fields"}
    assert tab.editing


@pytest.mark.parametrize(
    ("deed", "name", "value"),
    [
        ("suspend", "status", "suspended"),
        ("archive", "status", "archived"),
        ("unsubscribe", "consent", "unsubscribed"),
        ("mark_deliverable", "deliverability", "ok"),
    ],
)
def test_a_deed_is_asked_about_and_then_done(deed: str, name: str, value: str) -> None:
    partner_id = ada(deliverability=Deliverability.BOUNCED)
    tab = opened(partner_id, Role.ADMIN)
    call(tab, "ask", deed, 0)
    assert "Ada Lovelace" in tab.question.title
    assert getattr(stored(partner_id), name) != value
    call(tab, "confirm")
    assert getattr(stored(partner_id), name) == value
    assert not tab.asking


def test_the_question_says_how_many_waiting_emails_are_lost() -> None:
    partner_id, tag_id = ada(), vip(delay_seconds=3600)
    assign(tag_id, partner_id)
    tab = opened(partner_id)
    call(tab, "ask", "suspend", 0)
    assert "One waiting email is skipped." in tab.question.text
    call(tab, "ask", "remove_tag", tag_id)
    assert tab.question.title == "Remove “vip” from Ada Lovelace?"
    assert "One waiting email is skipped." in tab.question.text
    call(tab, "confirm")
    assert tab.partner.tags == []


def test_deleting_leads_back_to_the_list() -> None:
    partner_id = ada()
    tab = opened(partner_id, Role.ADMIN)
    call(tab, "ask", "delete", 0)
    assert "/partners" in effect(call(tab, "confirm"))
    with reading() as s:
        assert s.get(Partner, partner_id) is None


BOUNCED = {"deliverability": Deliverability.BOUNCED}
LEFT = {"consent": Consent.UNSUBSCRIBED}
SUSPENDED = {"status": PartnerStatus.SUSPENDED}


@pytest.mark.parametrize(
    ("values", "deed", "words"),
    [
        (SUSPENDED, "activate", "Emails reach them again."),
        (SUSPENDED | BOUNCED, "activate", "Emails still do not reach them: Earlier mail to this"),
        (SUSPENDED | LEFT, "activate", "from marketing emails they unsubscribed"),
        (LEFT, "resubscribe", "Emails reach them again."),
        (LEFT | SUSPENDED, "resubscribe", "Emails still do not reach them: This partner is susp"),
        (BOUNCED, "mark_deliverable", "Emails reach them again."),
        (BOUNCED | LEFT, "mark_deliverable", "from marketing emails they unsubscribed"),
    ],
)
def test_what_lifts_one_refusal_says_whether_another_still_holds(
    values: dict[str, Any], deed: str, words: str
) -> None:
    tab = opened(ada(**values), Role.ADMIN)
    call(tab, "ask", deed, 0)
    assert words in tab.question.text
    assert words in effect(call(tab, "confirm"))
    assert ("every email is sent" in tab.partner.reach) == (words == "Emails reach them again.")


@pytest.mark.parametrize("deed", ["delete", "resubscribe", "mark_deliverable"])
def test_erasing_a_partner_and_lifting_a_refusal_take_an_admin(deed: str) -> None:
    partner_id = ada(consent=Consent.UNSUBSCRIBED, deliverability=Deliverability.COMPLAINED)
    tab = opened(partner_id)
    assert "this needs “admin”" in effect(call(tab, "ask", deed, 0))
    # Asked as an admin, confirmed as an editor: the role was taken away in between.
    tab.question, tab.asking = Question(deed, partner_id), True
    assert "this needs “admin”" in effect(call(tab, "confirm"))
    kept = stored(partner_id)
    assert (kept.consent, kept.deliverability) == ("unsubscribed", "complained")


def test_nothing_is_done_that_was_not_asked_about() -> None:
    partner_id = ada()
    tab = opened(partner_id)
    assert effect(call(tab, "confirm")) == ""
    assert "There is no such partner" in effect(call(tab, "ask", "burn", 0))
    assert stored(partner_id).status == "active"


def test_who_only_looks_changes_nothing() -> None:
    partner_id, tag_id = ada(), vip()
    tab = opened(partner_id, Role.VIEWER)
    dialog = beside(tab, AssignState)
    for state, name, args in (
        (tab, "ask", ["suspend", 0]),
        (tab, "save", [DETAILS]),
        (tab, "cancel_email", [1]),
        (dialog, "pick", [str(tag_id)]),
        (dialog, "assign", []),
    ):
        assert "“viewer”" in effect(call(state, name, *args))


@pytest.mark.usefixtures("live")
def test_while_sending_is_paused_neither_dialog_nor_toast_says_that_an_email_leaves() -> None:
    partner_id, tag_id = ada(), vip()
    with writing() as s:
        settings.pause(s, "bob")
    tab = opened(partner_id)
    dialog = beside(tab, AssignState)
    call(dialog, "open")
    call(dialog, "pick", str(tag_id))
    words = [line.words for line in dialog.answer.lines]
    assert words == ["Gets “VIP Welcome” once sending is resumed."]
    assert dialog.answer.confirm == "Assign tag and queue 1 email"
    told = effect(call(dialog, "assign"))
    assert "“vip” is assigned. 1 email waits: sending is paused." in told
    with writing() as s:
        factory.rows(s, Send)[0].status = SendStatus.FAILED
    call(tab, "refresh")
    call(tab, "ask", "send_again", tab.log.lines[0].id)
    assert "Emails wait: sending is paused." in tab.question.text
    assert "is queued again. It waits: sending is paused." in effect(call(tab, "confirm"))
