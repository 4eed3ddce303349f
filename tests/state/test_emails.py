"""Emails in the dashboard: a draft is shown before it is saved, and each save is a version."""

from dataclasses import asdict

import pytest

from rxapp.db import batches
from rxapp.db import templates as sql
from rxapp.db.engine import reading, writing
from rxapp.db.models import Batch, Role, Source, TemplateKind, TemplateVersion
from rxapp.domain import templates
from rxapp.domain.tags import assign_tags
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


def test_what_has_errors_is_not_saved(editor: EmailState) -> None:
    call(editor, "save", FORM | {"subject": "{{ partner.nobody }}"})
    assert "subject" in editor.errors
    assert editor.number == 0


def test_a_warning_does_not_stop_saving(editor: EmailState) -> None:
    _saved(editor, body="<p><img src='https://a.example/b.png'></p>")
    assert editor.number > 0


def test_the_partners_are_stepped_through_in_both_directions_and_around_the_ends(
    editor: EmailState,
) -> None:
    with writing() as session:
        ids = [str(factory.partner(session, name)) for name in ("ada", "grace", "joan")]
    seen = []
    for by in (1, 1, 1, 1, -1, -1):
        call(editor, "step_partner", by)
        seen.append(editor.partner)
    assert seen == [*ids, ids[0], ids[2], ids[1]]
    assert ids[1] in {one.value for one in editor.partners}


def test_the_worst_cases_are_offered_among_the_partners(editor: EmailState) -> None:
    offered = [one.label for one in editor.partners]
    assert offered[:2] == ["Nothing filled in", "Very long names"]
    call(editor, "find_partners", "emoji")
    assert [one.value for one in editor.partners] == ["emoji"]


def test_what_was_never_saved_is_taken_up_again(editor: EmailState) -> None:
    revision = editor.revision
    call(editor, "take_up", FORM)
    assert (editor.start.subject, editor.revision, editor.dirty) == (
        FORM["subject"],
        revision + 1,
        True,
    )


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
    call(editor, "edit", FORM | {"body": "<p>New words</p>"})
    assert editor.viewed == 1, "nothing new was written"
    call(editor, "stop_viewing")
    assert editor.viewed == 0
    call(editor, "view", 1)
    call(editor, "edit", FORM)
    assert editor.viewed == 0
    revision = editor.revision
    call(editor, "restore", 1)
    assert (editor.revision, editor.dirty, editor.version) == (revision + 1, True, 2)
    assert editor.start.body == FORM["body"].replace("\r", "")


def _overtaken(editor: EmailState) -> None:
    """Somebody else saves what is written here, and then it is saved here too."""
    _saved(editor)
    with writing() as session:
        changes = templates.TemplateChanges(subject="Theirs")
        templates.save(session, editor.number, changes, "grace@example.com")
    call(editor, "save", FORM | {"subject": "Mine", "body": "<p>My words</p>"})


def _subjects(editor: EmailState) -> list[str]:
    with reading() as session:
        return [one.subject for one in sql.versions(session, editor.number)][::-1]


def test_a_save_on_top_of_somebody_elses_waits_for_a_choice_between_the_two(
    editor: EmailState,
) -> None:
    _overtaken(editor)
    assert (editor.clash.version, editor.clash.author) == (2, "grace@example.com")
    assert (editor.clash.subject, editor.clash.my_subject) == ("Theirs", "Mine")
    assert "My words" in editor.clash.mine
    call(editor, "set_clashing", False)
    assert editor.clash.version == 0
    assert _subjects(editor) == [FORM["subject"], "Theirs"]
    assert "nothing to decide" in effect(call(editor, "save_over"))


def test_mine_becomes_the_newest_and_theirs_stays_a_version(editor: EmailState) -> None:
    _overtaken(editor)
    assert "Saved as version 3." in effect(call(editor, "save_over"))
    assert (editor.version, editor.dirty, editor.clash.version) == (3, False, 0)
    assert _subjects(editor) == [FORM["subject"], "Theirs", "Mine"]


def test_theirs_is_taken_into_the_editor_instead_of_mine(editor: EmailState) -> None:
    _overtaken(editor)
    call(editor, "take_theirs")
    assert (editor.start.subject, editor.version, editor.dirty) == ("Theirs", 2, False)
    assert editor.clash.version == 0


def test_who_is_overtaken_again_while_choosing_is_asked_again(editor: EmailState) -> None:
    _overtaken(editor)
    with writing() as session:
        changes = templates.TemplateChanges(subject="Theirs too")
        templates.save(session, editor.number, changes, "bob@example.com")
    call(editor, "save_over")
    assert (editor.clash.version, editor.clash.author) == (3, "bob@example.com")


def test_a_starter_fills_the_form(editor: EmailState) -> None:
    browse(editor, session_of(editor), "/emails/new?starter=vip-welcome")
    call(editor, "load")
    assert (editor.start.name, editor.dirty) == ("VIP Welcome", False)


def test_a_test_is_the_draft_with_a_mark_before_its_subject(editor: EmailState) -> None:
    call(editor, "edit", FORM)
    call(editor, "set_testing", True)
    told = {"to": "me@example.com; you@example.com, me@example.com"}
    call(editor, "send_test", FORM | told | {"subject": "Newer than the last pause"})
    assert (editor.testing, editor.errors) == (True, {})
    assert [(one.address, one.status) for one in editor.tests] == [
        ("me@example.com", "waiting"),
        ("you@example.com", "waiting"),
    ]
    with reading() as session:
        sent = [batches.emails(session, one.id) for one in factory.rows(session, Batch)]
    assert [[email["to"] for email in emails] for emails in sent] == [
        [["me@example.com"]],
        [["you@example.com"]],
    ]
    assert {email["subject"] for emails in sent for email in emails} == {
        "[Test] Newer than the last pause"
    }


@pytest.mark.parametrize("to", ["", " , ", ",".join(f"p{n}@example.com" for n in range(11))])
def test_a_test_goes_to_one_to_ten_addresses(editor: EmailState, to: str) -> None:
    call(editor, "edit", FORM)
    call(editor, "send_test", {"to": to})
    assert "one to 10" in editor.errors["to"]


def test_a_test_is_as_the_chosen_worst_case_gets_it(editor: EmailState) -> None:
    call(editor, "edit", FORM)
    call(editor, "preview_for", "empty")
    call(editor, "send_test", {"to": "me@example.com"})
    with reading() as session:
        (batch,) = factory.rows(session, Batch)
        (email,) = batches.emails(session, batch.id)
    assert email["subject"] == "[Test] Welcome, there"


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
        "Welcome": "Sent by “on 1” and 1 more",
        "Other": "No automation sends it",
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
    assert [row.name for row in tab.rows] == ["Welcome (copy)", "Welcome"]


def test_the_gallery_is_searched_narrowed_and_paged_by_its_address() -> None:
    with writing() as session:
        for number in range(30):
            factory.template(session, f"Welcome {number:02}")
        factory.template(session, "Receipt", kind=TemplateKind.TRANSACTIONAL)
    tab = signed_in(EmailsState)

    def names(address: str) -> list[str]:
        browse(tab, session_of(tab), address)
        call(tab, "load")
        return [row.name for row in tab.rows]

    assert len(names("/emails")) == 24
    assert tab.rows[0].name == "Receipt"
    assert (tab.shown, tab.has_previous, tab.has_next) == ("1–24 of 31", False, True)
    assert len(names("/emails?page=2")) == 7
    assert (tab.has_previous, tab.has_next) == (True, False)
    assert names("/emails?sort=name")[:2] == ["Receipt", "Welcome 00"]
    assert names("/emails?q=recei") == ["Receipt"]
    assert names("/emails?kind=transactional") == ["Receipt"]
    assert names("/emails?kind=nonsense&q=welcome+07") == ["Welcome 07"]
    assert "/emails?q=gold" in effect(call(tab, "search", " gold "))


def test_versions_say_which_waiting_emails_keep_them() -> None:
    with writing() as session:
        vip, welcome = factory.tag(session), factory.template(session)
        factory.automation(session, vip, factory.email(welcome))
        people = factory.partners(session, 3)
        assign_tags(session, vip, people, source=Source.API, actor="crm")
    tab = _open(signed_in(EmailState), welcome)
    call(tab, "save", asdict(tab.start) | {"subject": "Another"})
    call(tab, "set_history_open", True)
    assert [(line.number, line.waiting) for line in tab.history] == [
        (2, ""),
        (1, "3 waiting emails keep this version"),
    ]


def test_two_who_write_the_same_email_are_told_of_each_other() -> None:
    with writing() as session:
        welcome = factory.template(session)
    ada = _open(signed_in(EmailState, email="ada@example.com"), welcome)
    bob = _open(signed_in(EmailState, email="bob@example.com"), welcome)
    call(ada, "watch")
    call(bob, "watch")
    call(ada, "watch")
    assert "bob@example.com also has this email open." in ada.beside
    assert "ada@example.com" in bob.beside
    call(bob, "save", asdict(bob.start) | {"subject": "Another"})
    call(ada, "watch")
    assert ada.overtaken == "bob@example.com saved version 2 since you opened this."
    assert bob.overtaken == ""
    # Who turns to another email is no longer there.
    _open(bob, "new")
    call(ada, "watch")
    assert ada.beside == ""
