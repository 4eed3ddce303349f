"""The list of automations: what it shows of each, and switching, copying and deleting them."""

from typing import Any

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Automation, Job, Role, Send, SendStatus, Source
from rxapp.domain.tags import assign_tags
from rxapp.state import automations as list_state
from rxapp.state.automation_switch import SwitchState
from rxapp.state.automations import AutomationsState
from rxapp.state.existing import ExistingState
from tests import factory
from tests.state.support import beside, browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


def hold(tag: int, number: int = 3) -> list[int]:
    """Partners who are given the tag."""
    with writing() as session:
        people = factory.partners(session, number)
        assign_tags(session, tag, people, source=Source.DASHBOARD, actor="ada@example.com")
    return people


class Page:
    """The list with its questions, in one tab; one automation is there, switched off."""

    def __init__(self) -> None:
        with writing() as session:
            self.vip, self.welcome = factory.tag(session, "vip"), factory.template(session)
            send = factory.email(self.welcome)
            factory.automation(session, self.vip, send, name="Greet", enabled=False)
        self.list = signed_in(AutomationsState)
        self.switch = beside(self.list, SwitchState)
        self.existing = beside(self.list, ExistingState)
        self.go()

    def go(self, path: str = "/automations") -> list[str]:
        browse(self.list, session_of(self.list), path)
        call(self.list, "load")
        return [row.name for row in self.list.rows]

    def enabled(self) -> bool:
        with reading() as session:
            return bool(session.get_one(Automation, 1).enabled)


@pytest.fixture
def page() -> Page:
    return Page()


def test_each_automation_is_a_sentence(page: Page) -> None:
    (row,) = page.list.rows
    assert (row.title, row.tag, row.enabled, row.fired) == ("Greet", "vip", False, "")
    assert [(step.words, step.target, step.href) for step in row.steps] == [
        ("send", "Welcome", "/emails/1")
    ]


def test_it_says_when_each_fired_last_and_what_became_of_its_emails_lately(page: Page) -> None:
    call(page.switch, "switch", 1, True)
    people = hold(page.vip, 4)
    with writing() as session:
        by_partner = {one.partner_id: one for one in factory.rows(session, Send)}
        statuses = [SendStatus.DELIVERED, SendStatus.BOUNCED, SendStatus.SKIPPED, SendStatus.FAILED]
        for partner, status in zip(people, statuses, strict=True):
            by_partner[partner].status = status
        old = by_partner[people[0]].model_copy(update={"id": None, "resend_of": 1})
        old.created_at -= list_state.LATELY
        session.add(Send(**old.model_dump()))
    page.go()
    (row,) = page.list.rows
    assert row.fired
    assert (row.sent, row.skipped, row.failed) == ("2", "1", 1)


def test_the_address_says_what_is_searched_kept_and_in_which_order(page: Page) -> None:
    with writing() as session:
        gold = factory.tag(session, "Gold")
        bye = factory.template(session, "Goodbye")
        factory.automation(session, gold, factory.adds(page.vip), name="Climb")
        factory.automation(session, gold, factory.email(bye), name="Aloha")
    assert page.go("/automations?q=GOL") == ["Climb", "Aloha"]
    assert page.go("/automations?q=goodbye") == ["Aloha"]
    assert page.go(f"/automations?tag={page.vip}") == ["Greet", "Climb"]
    assert page.go(f"/automations?email={page.welcome}") == ["Greet"]
    assert page.go("/automations?state=on") == ["Climb", "Aloha"]
    assert page.go("/automations?state=off") == ["Greet"]
    assert page.go("/automations?sort=name") == ["Aloha", "Climb", "Greet"]
    assert page.go("/automations?sort=-id") == ["Aloha", "Climb", "Greet"]
    hold(gold, 1)
    assert page.go("/automations?sort=-fired")[-1] == "Greet"
    told = effect(call(page.list, "narrow", "state", "on"))
    assert "sort=-fired" in told
    assert "state=on" in told
    assert page.go("/automations?q=nothing") == []
    assert not page.list.nothing


def test_a_long_list_is_turned_page_by_page(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_state, "PAGE", 2)
    with writing() as session:
        for name in ("Second", "Third"):
            factory.automation(session, page.vip, factory.email(page.welcome), name=name)
    assert page.go() == ["Greet", "Second"]
    assert (page.list.shown, page.list.has_next) == ("1–2 of 3", True)
    assert "page=2" in effect(call(page.list, "turn", 1))
    assert page.go("/automations?page=2") == ["Third"]
    assert (page.list.has_previous, page.list.has_next) == (True, False)


def test_switching_on_asks_where_partners_have_the_tag_already_and_the_answer_is_no(
    page: Page,
) -> None:
    hold(page.vip)
    call(page.switch, "switch", 1, True)
    assert (page.switch.question, page.existing.number, page.enabled()) == ("on", 3, False)
    assert not page.existing.include
    call(page.switch, "switch_on")
    assert (page.switch.question, page.enabled()) == ("", True)
    with reading() as session:
        assert factory.rows(session, Job) == []


@pytest.mark.usefixtures("live")
def test_switching_on_for_those_who_have_the_tag_says_what_that_does_first(page: Page) -> None:
    hold(page.vip)
    with writing() as session:
        out = factory.partner(session, "out", consent="unsubscribed")
        assign_tags(session, page.vip, [out], source=Source.API, actor="crm")
    call(page.switch, "switch", 1, True)
    call(page.existing, "choose", True)
    assert [line.words for line in page.existing.answer.lines] == [
        "3 get “Welcome” in 30 seconds.",
        "1 has unsubscribed and does not get “Welcome”.",
    ]
    assert not page.enabled()
    assert "running for the 4" in effect(call(page.switch, "switch_on"))
    with reading() as session:
        (job,) = factory.rows(session, Job)
        assert factory.rows(session, Send) == []
    assert (job.kind, job.total) == ("backfill", 4)


def test_switching_on_asks_nothing_where_nobody_has_the_tag(page: Page) -> None:
    call(page.switch, "switch", 1, True)
    assert (page.switch.question, page.enabled()) == ("", True)


def test_switching_off_and_deleting_say_how_many_waiting_emails_are_skipped(page: Page) -> None:
    call(page.switch, "switch", 1, True)
    hold(page.vip, 2)
    call(page.switch, "switch", 1, False)
    assert (page.switch.question, page.enabled()) == ("off", True)
    assert page.switch.asked.skips == "2 waiting emails are skipped"
    call(page.switch, "set_question", False)
    call(page.switch, "ask_delete", 1)
    assert (page.switch.question, page.switch.asked.waiting) == ("delete", 2)
    assert "2 waiting emails are skipped" in effect(call(page.switch, "switch_off"))
    assert not page.enabled()


def test_the_emails_skipped_are_those_that_wait_when_it_is_switched_off(page: Page) -> None:
    call(page.switch, "switch", 1, True)
    hold(page.vip, 2)
    call(page.switch, "switch", 1, False)
    with writing() as session:
        # One of them left while the question was open.
        factory.rows(session, Send)[0].status = SendStatus.SENT
    told = effect(call(page.switch, "switch_off"))
    assert "1 waiting email is skipped" in told


def test_a_deleted_automation_is_gone_from_the_list(page: Page) -> None:
    call(page.switch, "ask_delete", 1)
    assert (page.switch.question, page.switch.asked.name) == ("delete", "Greet")
    call(page.switch, "delete")
    assert page.go() == []


def test_a_copy_is_off_and_opened_to_be_changed(page: Page) -> None:
    assert "/automations/2/edit" in effect(call(page.list, "duplicate", 1))
    assert page.go() == ["Greet", "Greet (copy)"]
    assert not page.list.rows[1].enabled


@pytest.mark.parametrize(("name", "arguments"), [("switch", (1, True)), ("ask_delete", (1,))])
def test_only_admins_switch_and_delete(page: Page, name: str, arguments: tuple[Any, ...]) -> None:
    tab = signed_in(SwitchState, Role.EDITOR, "eve@example.com")
    assert "admin" in effect(call(tab, name, *arguments))
    assert not page.enabled()
