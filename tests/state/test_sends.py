"""The history in the dashboard: filtered by the address, paged by id, told in words."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from rxapp.db.engine import reading, writing
from rxapp.db.models import Role, Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.domain.tags import assign_tags
from rxapp.state import sends as module
from rxapp.state.send import SendState
from rxapp.state.sends import SendsState
from tests import factory
from tests.state.support import browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture
def program() -> None:
    """Two automations that send, five partners with both tags; one of them has unsubscribed."""
    with writing() as session:
        vip, gold = factory.tag(session, "vip"), factory.tag(session, "gold")
        welcome = factory.template(session, "Welcome")
        terms = factory.template(session, "Terms")
        factory.automation(session, vip, factory.email(welcome), name="Greet")
        factory.automation(session, gold, factory.email(terms), name="Tell terms")
        people = factory.partners(session, 4)
        people.append(factory.partner(session, "zoë", consent="unsubscribed", last_name="Müller"))
        for tag in (vip, gold):
            assign_tags(session, tag, people, source=Source.DASHBOARD, actor="ada@example.com")


@pytest.fixture
def history(program: None) -> SendsState:
    """The history, opened without filters."""
    return _open(signed_in(SendsState))


def _open(tab: SendsState, query: str = "") -> SendsState:
    browse(tab, session_of(tab), f"/sends{query}")
    call(tab, "load")
    return tab


def _set(number: int, **values: object) -> None:
    with writing() as session:
        session.connection().execute(update(Send).where(col(Send.id) == number).values(**values))


def test_the_newest_stand_on_top_with_the_reason_of_what_was_withheld(history: SendsState) -> None:
    assert [row.id for row in history.rows] == list(range(10, 0, -1))
    assert history.total == "10 emails"
    top = history.rows[0]
    assert (top.partner, top.email, top.tag, top.automation) == (
        "Zoë Müller",
        "Terms",
        "gold",
        "Tell terms",
    )
    assert top.status == SendStatus.SKIPPED
    assert top.why == "This partner has unsubscribed from marketing emails."


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=skipped", [10, 5]),
        ("?status=waiting&tag=1", [4, 3, 2, 1]),
        ("?automation=2&status=skipped", [10]),
        ("?email=1&q=muller", [5]),
        ("?source=dashboard&status=skipped", [10, 5]),
        ("?source=import", []),
        ("?source=nonsense&status=skipped", [10, 5]),
        ("?q=zoe", [10, 5]),
        ("?q=nobody", []),
        ("?status=nonsense&tag=x&since=yesterday&before=-1", list(range(10, 0, -1))),
        ("?since=2020-01-01T00:00:00.000Z", list(range(10, 0, -1))),
        ("?until=2020-01-01T00:00:00.000Z", []),
    ],
)
def test_the_address_says_which_emails_are_shown(
    history: SendsState, query: str, found: list[int]
) -> None:
    _open(history, query)
    assert [row.id for row in history.rows] == found


def test_a_filter_changes_the_address_and_keeps_the_others(history: SendsState) -> None:
    _open(history, "?status=skipped&before=7")
    assert "/sends?status=skipped&tag=1'" in effect(call(history, "narrow", "tag", "1"))
    assert "/sends?status=skipped&q=zo%C3%AB'" in effect(call(history, "search", " zoë "))
    assert "/sends'" in effect(call(history, "narrow", "status", ""))


def test_pages_neither_overlap_nor_leave_anything_out(
    history: SendsState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    _open(history)
    assert ([row.id for row in history.rows], history.newer, history.older) == (
        [10, 9, 8, 7],
        False,
        True,
    )
    assert "before=7" in effect(call(history, "show_older"))
    _open(history, "?before=7")
    assert [row.id for row in history.rows] == [6, 5, 4, 3]
    _open(history, "?before=3")
    assert ([row.id for row in history.rows], history.newer, history.older) == ([2, 1], True, False)
    assert "after=2" in effect(call(history, "show_newer"))
    _open(history, "?after=2")
    assert ([row.id for row in history.rows], history.newer, history.older) == (
        [6, 5, 4, 3],
        True,
        True,
    )
    _open(history, "?after=6")
    assert ([row.id for row in history.rows], history.newer) == ([10, 9, 8, 7], False)


def test_several_statuses_at_once_keep_one_order_over_all_pages(
    history: SendsState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    for number in range(1, 7):
        _set(number, status=SendStatus.BOUNCED if number % 2 else SendStatus.COMPLAINED)
    seen = []
    for query in ("", "&before=5", "&before=3"):
        _open(history, f"?status=undelivered{query}")
        seen.append([row.id for row in history.rows])
    assert seen == [[6, 5], [4, 3], [2, 1]]
    _open(history, "?status=undelivered&after=2")
    assert [row.id for row in history.rows] == [4, 3]


def test_what_happens_meanwhile_shows_up(history: SendsState) -> None:
    _set(10, status=SendStatus.DELIVERED, reason="")
    call(history, "refresh")
    assert history.rows[0].status == SendStatus.DELIVERED


def test_what_nobody_knows_of_is_not_called_failed(history: SendsState) -> None:
    _set(1, status=SendStatus.UNKNOWN)
    _set(2, status=SendStatus.FAILED)
    for name, found in (("failed", [2]), ("unknown", [1])):
        _open(history, f"?status={name}")
        assert [row.id for row in history.rows] == found


def test_what_the_sandbox_took_is_captured_and_not_sent(history: SendsState) -> None:
    _set(1, status=SendStatus.CAPTURED)
    _set(2, status=SendStatus.SENT)
    for query in ("?status=sent", "?status=left"):
        _open(history, query)
        assert [row.status for row in history.rows] == ["sent"]
    _open(history, "?status=captured")
    assert [row.status for row in history.rows] == ["captured"]
    drawer = signed_in(SendState, email="bob@example.com")
    call(drawer, "show", 1)
    assert drawer.send.status == "captured"
    assert [step.what for step in drawer.send.steps] == [
        "Decided",
        "Kept by the sandbox: no email left",
    ]
    assert drawer.send.can_repeat


def test_the_export_asks_for_what_is_shown_and_is_the_admins(history: SendsState) -> None:
    _open(history, "?status=skipped&source=dashboard&before=7")
    told = effect(call(history, "export"))
    assert "/api/v1/exports/sends?status=skipped&source=dashboard" in told
    assert "Downloading 2 emails" in told
    viewer = signed_in(SendsState, Role.VIEWER, "vera@example.com")
    assert "exports" not in effect(call(viewer, "export"))


def test_an_email_for_later_says_when_it_leaves(history: SendsState) -> None:
    _set(1, due_at=utcnow() + timedelta(days=2))
    call(history, "refresh")
    assert history.rows[-1].due
    assert not history.rows[-2].due


@pytest.fixture
def drawer(program: None) -> SendState:
    """The drawer, closed."""
    return signed_in(SendState)


def test_the_drawer_tells_why_an_email_was_withheld(drawer: SendState) -> None:
    call(drawer, "show", 10)
    send = drawer.send
    assert drawer.opened
    assert send.why == "This partner has unsubscribed from marketing emails."
    assert send.chain == [
        "“gold” was assigned by ada@example.com in the dashboard",
        "The automation “Tell terms” decided this email",
    ]
    assert [step.what for step in send.steps] == ["Decided", "Skipped"]
    assert (send.can_cancel, send.can_repeat, send.html) == (False, True, "")


def test_the_chain_names_every_automation_on_the_way(drawer: SendState) -> None:
    with writing() as session:
        start = factory.tag(session, "start")
        factory.automation(session, start, factory.adds(3 - 1), name="Start to gold")
        ada = factory.partner(session, "ada")
        assign_tags(session, start, [ada], source=Source.API, actor="API key “crm”")
    call(drawer, "show", 11)
    assert drawer.send.chain == [
        "“start” was assigned by API key “crm” through the API",
        "“gold” was assigned by the automation “Start to gold”",
        "The automation “Tell terms” decided this email",
    ]


def test_what_happened_is_told_in_its_order(drawer: SendState) -> None:
    now = utcnow()
    _set(
        1,
        status=SendStatus.COMPLAINED,
        status_at=now + timedelta(minutes=9),
        sent_at=now + timedelta(seconds=1),
        delivered_at=now + timedelta(seconds=5),
        opened_at=now + timedelta(minutes=5),
    )
    call(drawer, "show", 1)
    assert [step.what for step in drawer.send.steps] == [
        "Decided",
        "Handed to the email provider",
        "Delivered",
        "Opened",
        "Marked as spam",
    ]


def test_a_waiting_email_is_canceled_once_and_never_leaves(drawer: SendState) -> None:
    call(drawer, "show", 1)
    assert drawer.send.can_cancel
    call(drawer, "cancel")
    assert (drawer.send.status, drawer.send.can_cancel) == (SendStatus.CANCELED, False)
    assert "still waiting" in effect(call(drawer, "cancel"))


def test_sending_again_opens_the_new_send_which_names_the_old_one(drawer: SendState) -> None:
    call(drawer, "show", 10)
    call(drawer, "repeat")
    assert (drawer.send.id, drawer.send.resend_of) == (11, 10)
    with reading() as session:
        assert _send(session, 11).actor == "ada@example.com"
    assert drawer.send.steps[0].what == "Sent again by ada@example.com"


def _send(session: Session, number: int) -> Send:
    found = session.get(Send, number)
    assert found is not None
    return found


def test_a_viewer_looks_but_cancels_nothing(program: None) -> None:
    tab = signed_in(SendState, Role.VIEWER)
    call(tab, "show", 1)
    assert "editor" in effect(call(tab, "cancel"))
    with reading() as session:
        assert _send(session, 1).status == SendStatus.QUEUED


@pytest.mark.parametrize(("name", "missing"), [("10", False), ("99", True), ("nonsense", True)])
def test_the_page_of_a_send_is_found_by_its_address(
    drawer: SendState, name: str, missing: bool
) -> None:
    browse(drawer, session_of(drawer), f"/sends/{name}")
    call(drawer, "load")
    assert (drawer.missing, drawer.send.id) == (missing, 0 if missing else 10)
