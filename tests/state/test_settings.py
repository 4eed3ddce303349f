"""Settings in the dashboard: only admins, and no question about held mail is left unanswered."""

from datetime import UTC, datetime, timedelta

import pytest

from rxapp.auth import keys
from rxapp.db.engine import reading, writing
from rxapp.db.models import Pace, Role, Send, SendStatus, Source
from rxapp.db.types import utcnow
from rxapp.domain.settings import program
from rxapp.domain.tags import assign_tags
from rxapp.state.settings import SettingsState
from tests import factory
from tests.state.support import call, effect, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture
def page() -> SettingsState:
    """The page, opened."""
    tab = signed_in(SettingsState)
    call(tab, "load")
    return tab


def _hold_an_email(page: SettingsState) -> None:
    call(page, "pause")
    with writing() as session:
        vip = factory.tag(session)
        factory.automation(session, vip, factory.email(factory.template(session)))
        ada = factory.partner(session)
        assign_tags(session, vip, [ada], source=Source.DASHBOARD, actor="ada@example.com")


def _status() -> str:
    with reading() as session:
        (send,) = factory.rows(session, Send)
    return str(send.status)


def test_what_is_saved_is_what_is_shown(page: SettingsState) -> None:
    revision = page.revision
    call(
        page, "save", {"name": "Acme Partners", "from_": "Acme <hi@acme.com>", "undo_seconds": "5"}
    )
    assert page.errors == {}
    assert (page.values["name"], page.program, page.revision) == (
        "Acme Partners",
        "Acme Partners",
        revision + 1,
    )
    with reading() as session:
        saved = program(session)
    assert (saved.from_, saved.undo_seconds) == ("Acme <hi@acme.com>", 5)


def test_resends_test_sender_is_pointed_out_until_it_is_changed(page: SettingsState) -> None:
    assert page.test_sender
    call(page, "save", {"from_": "hi@acme.com"})
    assert not page.test_sender


def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(page: SettingsState) -> None:
    call(page, "save", {"name": "Other", "website": "acme"})
    assert list(page.errors) == ["website"]
    with reading() as session:
        assert program(session).name != "Other"


def test_only_what_the_form_shows_can_be_changed(page: SettingsState) -> None:
    call(page, "save", {"name": "Acme", "paused": "1"})
    with reading() as session:
        assert not program(session).paused


def test_resuming_tells_how_many_emails_are_held(page: SettingsState) -> None:
    _hold_an_email(page)
    call(page, "ask_resume")
    assert (page.paused, page.resuming, page.held) == (True, True, 1)


@pytest.mark.parametrize(
    ("held", "status"), [("send", SendStatus.QUEUED), ("discard", SendStatus.CANCELED)]
)
def test_held_emails_are_sent_or_discarded_as_asked(
    page: SettingsState, held: str, status: SendStatus
) -> None:
    _hold_an_email(page)
    call(page, "resume", held)
    assert (page.paused, page.resuming) == (False, False)
    assert _status() == status


def test_without_an_answer_sending_stays_paused(page: SettingsState) -> None:
    _hold_an_email(page)
    assert "Choose" in effect(call(page, "resume", ""))
    with reading() as session:
        assert program(session).paused


def test_a_key_is_shown_once_and_works_until_it_is_revoked(page: SettingsState) -> None:
    call(page, "set_naming_key", True)
    call(page, "create_key", {"key_name": "CRM", "key_role": "editor"})
    key = page.new_key
    (row,) = page.keys
    assert (row.name, row.role, row.used) == ("CRM", "editor", "")
    assert key.startswith(row.prefix)
    identity = keys.resolve(key)
    assert identity is not None
    assert identity.role == Role.EDITOR
    call(page, "set_naming_key", False)
    assert page.new_key == ""
    call(page, "revoke_key", row.id)
    assert page.keys == []
    assert keys.resolve(key) is None


@pytest.mark.parametrize(
    ("form", "field"),
    [({"key_name": " ", "key_role": "viewer"}, "key_name"), ({"key_name": "x"}, "key_role")],
)
def test_a_key_needs_a_name_and_a_role(
    page: SettingsState, form: dict[str, str], field: str
) -> None:
    call(page, "create_key", form)
    assert (list(page.errors), page.new_key) == ([field], "")


def test_a_provider_that_stopped_us_is_told_with_its_words(page: SettingsState) -> None:
    with writing() as session:
        session.add(
            Pace(
                provider="sandbox",
                rate=10,
                next_at=utcnow(),
                stop_code="daily_quota",
                stop_message="You have reached your daily quota.",
                stopped_at=datetime(2026, 1, 1, tzinfo=UTC),
                stop_until=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=1),
            )
        )
    call(page, "load")
    assert page.provider.why == "You have reached your daily quota."
    assert page.provider.until == "2026-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("load", ()),
        ("save", ({"name": "Mine"},)),
        ("pause", ()),
        ("resume", ("send",)),
        ("create_key", ({"key_name": "x", "key_role": "admin"},)),
        ("revoke_key", (1,)),
    ],
)
def test_only_admins_see_and_change_settings(name: str, arguments: tuple[object, ...]) -> None:
    tab = signed_in(SettingsState, Role.EDITOR)
    assert "this needs “admin”" in effect(call(tab, name, *arguments))
    assert tab.values == {}
