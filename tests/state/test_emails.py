"""Emails in the dashboard: a draft is shown before it is saved, and each save is a version."""

import pytest

from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.models import Batch, Role, TemplateVersion
from rxapp.domain import templates
from rxapp.state.email import EmailState
from rxapp.state.emails import EmailsState
from tests import factory
from tests.state.support import browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
FORM = {
    "name": "Welcome",
    "kind": "marketing",
    "subject": "Welcome, {{ partner.first_name | default('there') }}",
    "preheader": "A word to {{ partner.company | default('you') }}",
    "body": "<p>Hello {{ partner.first_name | default('there') }}</p>\r\n<p>Bye</p>",
}


@pytest.fixture
def editor() -> EmailState:
    """The editor, opened for a new email."""
    return _open(signed_in(EmailState), "new")


def _open(tab: EmailState, name: object) -> EmailState:
    browse(tab, session_of(tab), f"/emails/{name}")
    call(tab, "load")
    return tab


def _saved(tab: EmailState, **changes: str) -> EmailState:
    call(tab, "save", FORM | changes)
    assert tab.errors == {}
    return tab


def test_a_draft_is_shown_as_the_chosen_partner_gets_it_before_it_is_saved(
    editor: EmailState,
) -> None:
    with writing() as session:
        grace = factory.partner(session, "grace", company="Navy")
    call(editor, "preview_for", str(grace))
    call(editor, "edit", FORM)
    assert editor.shown.subject == "Welcome, Grace"
    assert editor.shown.preheader == "A word to Navy"
    assert "Hello Grace" in editor.shown.html
    assert "Hello Grace" in editor.shown.text
    assert editor.dirty
    with reading() as session:
        assert factory.rows(session, TemplateVersion) == []


def test_the_preview_is_what_would_be_sent(editor: EmailState) -> None:
    _saved(editor)
    with reading() as session:
        sent = templates.preview(session, templates.current(session, editor.number))
    call(editor, "stop_viewing")
    assert (editor.shown.subject, editor.shown.html) == (sent.subject, sent.html)


def test_a_mistake_is_told_with_its_place_and_the_last_good_preview_stays(
    editor: EmailState,
) -> None:
    call(editor, "edit", FORM)
    good = editor.shown.html
    call(editor, "edit", FORM | {"body": "<p>Hello</p>\n<p>{{ partner.fist_name }}</p>"})
    assert editor.shown.wrong == "1 problem"
    (problem,) = editor.shown.problems
    assert (problem.field, problem.line, problem.error) == ("body", 2, True)
    assert "partner.first_name" in problem.message
    assert editor.shown.html == good


def test_what_has_errors_is_not_saved(editor: EmailState) -> None:
    call(editor, "save", FORM | {"subject": "{{ partner.nobody }}"})
    assert "subject" in editor.errors
    assert editor.number == 0
    assert editor.shown.wrong == "1 problem"


def test_a_warning_does_not_stop_saving(editor: EmailState) -> None:
    call(editor, "edit", FORM | {"body": "<p><img src='https://a.example/b.png'></p>"})
    assert [problem.error for problem in editor.shown.problems] == [False]
    _saved(editor, body="<p><img src='https://a.example/b.png'></p>")
    assert editor.number > 0


def test_a_partner_with_nothing_to_fill_in_is_told_to_get_no_email(editor: EmailState) -> None:
    with writing() as session:
        ada = factory.partner(session, "ada", first_name="")
        factory.partner(session, "grace")
    call(editor, "preview_for", str(ada))
    call(editor, "edit", FORM | {"subject": "Hello {{ partner.first_name }}"})
    assert "It would not be sent to them." in editor.shown.refused
    assert editor.shown.gaps == [
        "1 of 2 partners has no first name: the email is not sent to them.",
        "2 of 2 partners have no company: they read the fallback.",
    ]


def test_saving_a_new_email_leads_to_its_own_page(editor: EmailState) -> None:
    told = effect(call(editor, "save", FORM))
    assert f"/emails/{editor.number}" in told
    assert not editor.dirty
    with reading() as session:
        (version,) = factory.rows(session, TemplateVersion)
    assert (version.number, version.author) == (1, "ada@example.com")
    assert "\r" not in version.body


def test_a_name_that_is_taken_is_told_at_the_name(editor: EmailState) -> None:
    _saved(editor)
    other = _open(editor, "new")
    call(other, "save", FORM)
    assert "already an email" in other.errors["name"]


def test_saving_again_makes_a_version_and_keeps_the_first(editor: EmailState) -> None:
    _saved(editor)
    _saved(editor, subject="Second")
    call(editor, "set_history_open", True)
    assert [(one.number, one.subject, one.current) for one in editor.history] == [
        (2, "Second", True),
        (1, FORM["subject"], False),
    ]


def test_an_old_version_is_looked_at_and_restored_into_the_draft(editor: EmailState) -> None:
    _saved(editor)
    _saved(editor, body="<p>New words</p>")
    call(editor, "view", 1)
    assert editor.viewed == 1
    assert "Hello Alex" in editor.shown.html
    call(editor, "stop_viewing")
    assert "New words" in editor.shown.html
    revision = editor.revision
    call(editor, "restore", 1)
    assert (editor.revision, editor.dirty, editor.version) == (revision + 1, True, 2)
    assert editor.start.body == FORM["body"].replace("\r", "")


def test_a_save_on_top_of_somebody_elses_is_refused(editor: EmailState) -> None:
    _saved(editor)
    with writing() as session:
        changes = templates.TemplateChanges(subject="Theirs")
        templates.save(session, editor.number, changes, "grace@example.com")
    told = effect(call(editor, "save", FORM | {"subject": "Mine"}))
    assert "grace@example.com saved this email in the meantime" in told
    with reading() as session:
        assert templates.current(session, editor.number).subject == "Theirs"


def test_a_starter_fills_the_form(editor: EmailState) -> None:
    browse(editor, session_of(editor), "/emails/new?starter=vip-welcome")
    call(editor, "load")
    assert (editor.start.name, editor.dirty) == ("VIP Welcome", False)
    assert editor.shown.problems == []
    assert editor.shown.html


def test_a_test_is_the_draft_with_a_mark_before_its_subject(editor: EmailState) -> None:
    call(editor, "edit", FORM)
    call(editor, "set_testing", True)
    call(editor, "send_test", {"to": "me@example.com; you@example.com"})
    assert (editor.testing, editor.errors) == (False, {})
    with reading() as session:
        (batch,) = factory.rows(session, Batch)
        emails = batches.emails(session, batch.id)
    assert [email["to"] for email in emails] == [["me@example.com"], ["you@example.com"]]
    assert {email["subject"] for email in emails} == {"[Test] Welcome, Alex"}


def test_a_test_of_a_draft_with_errors_is_refused_in_the_dialog(editor: EmailState) -> None:
    call(editor, "edit", FORM | {"subject": ""})
    call(editor, "set_testing", True)
    call(editor, "send_test", {"to": "me@example.com"})
    assert "needs a subject" in editor.errors["to"]
    assert editor.testing


def test_an_email_that_is_not_there_is_said_to_be_missing() -> None:
    assert _open(signed_in(EmailState), 999).missing


def test_a_viewer_reads_but_does_not_write() -> None:
    with writing() as session:
        factory.template(session)
    tab = _open(signed_in(EmailState, Role.VIEWER), 1)
    assert tab.start.name == "Welcome"
    assert "editor" in effect(call(tab, "save", FORM))
    assert tab.version == 1


def test_the_list_counts_the_automations_that_send_each_email() -> None:
    with writing() as session:
        vip, gold = factory.tag(session, "vip"), factory.tag(session, "gold")
        welcome = factory.template(session, "Welcome")
        factory.template(session, "Other")
        factory.automation(session, vip, factory.email(welcome))
        factory.automation(session, gold, factory.email(welcome), factory.adds(vip))
    tab = signed_in(EmailsState)
    call(tab, "load")
    assert {row.name: row.used for row in tab.rows} == {
        "Welcome": "2 automations",
        "Other": "not used",
    }
    assert [starter.slug for starter in tab.starters] == [
        "onboarding-nudge",
        "re-engagement",
        "tier-upgrade",
        "vip-welcome",
        "win-back",
    ]


def test_an_email_in_use_is_not_deleted_but_can_be_archived() -> None:
    with writing() as session:
        welcome = factory.template(session)
        factory.automation(session, factory.tag(session), factory.email(welcome), name="Greet")
    tab = signed_in(EmailsState)
    call(tab, "load")
    call(tab, "ask_delete", welcome)
    assert tab.doomed.name == "Welcome"
    assert "the automation “Greet”" in effect(call(tab, "delete"))
    call(tab, "set_archived", welcome, True)
    assert (tab.rows, tab.archived) == ([], 1)
    browse(tab, session_of(tab), "/emails?archive=1")
    call(tab, "load")
    assert [row.name for row in tab.rows] == ["Welcome"]


def test_an_unused_email_is_deleted_once_asked() -> None:
    with writing() as session:
        welcome = factory.template(session)
    tab = signed_in(EmailsState)
    call(tab, "load")
    call(tab, "ask_delete", welcome)
    call(tab, "delete")
    assert (tab.rows, tab.doomed.id) == ([], 0)


def test_a_duplicate_says_the_same_and_is_opened() -> None:
    with writing() as session:
        welcome = factory.template(session)
    tab = signed_in(EmailsState)
    assert "/emails/2" in effect(call(tab, "duplicate", welcome))
    call(tab, "load")
    assert [row.name for row in tab.rows] == ["Welcome", "Welcome (copy)"]
