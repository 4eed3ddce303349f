"""Importing a file: read, shown as a plan, and started as that."""

from datetime import timedelta
from io import BytesIO

import pytest
import reflex as rx

from rxapp.db.engine import reading, writing
from rxapp.db.models import Job, Partner, Role, Send
from rxapp.domain import imports, jobs
from rxapp.state import partner_import
from rxapp.state.jobs import JobsState
from rxapp.state.partner_import import ImportState
from tests import factory
from tests.state.support import beside, browse, call, effect, session_of, signed_in

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]

FILE = """Email,First name,Tags,Referral link
ada@partners.test,Ada,vip,https://x.example/ada
new@partners.test,New,vip;fresh,
nonsense,Bad,,
"""


def uploaded(text: str = FILE, role: Role = Role.ADMIN) -> ImportState:
    """The page after this file was dropped on it."""
    tab = signed_in(ImportState, role)
    call(tab, "load")
    call(tab, "take", [rx.UploadFile(file=BytesIO(text.encode()), path=None)])
    return tab


def program() -> None:
    """One partner of the file, and a tag of it whose automation sends an email."""
    with writing() as s:
        factory.partner(s, "ada", first_name="Old")
        factory.automation(s, factory.tag(s), factory.email(factory.template(s)))


def work_off(tab: ImportState) -> Job:
    """What a worker does, without one."""
    job_id, more = beside(tab, JobsState).job.id, True
    while more:
        with writing() as s:
            job = s.get_one(Job, job_id)
            more = jobs.run_chunk(s, job)
    return job


def test_a_chosen_file_is_kept_while_one_looks_elsewhere_and_looked_at_anew_on_return() -> None:
    tab = uploaded()
    assert (tab.plan.new, tab.plan.updated) == (2, 0)
    program()
    call(tab, "load")
    assert (tab.file_name, tab.plan.new, tab.plan.updated) == ("The file", 1, 1)


def test_a_file_that_cannot_be_read_is_still_said_so_on_return() -> None:
    tab = uploaded("PK\x03\x04\x00")
    said = tab.problem
    call(tab, "load")
    assert said
    assert tab.problem == said


def test_the_plan_says_what_the_import_would_do() -> None:
    program()
    tab = uploaded()
    plan = tab.plan
    assert (plan.new, plan.updated, plan.problem_number) == (1, 1, 1)
    assert plan.problems[0].row == 4
    assert [(tag.name, tag.words, tag.is_new, tag.sends) for tag in plan.tags] == [
        ("vip", "2 partners newly tagged", False, "up to 2 emails if automations run"),
        ("fresh", "1 partner newly tagged", True, ""),
    ]
    assert [column.target for column in tab.columns] == [
        "email",
        "first_name",
        "tags",
        "referral_link",
    ]
    with reading() as s:
        assert len(factory.rows(s, Partner)) == 1


def test_by_default_nobody_is_emailed() -> None:
    program()
    tab = uploaded()
    assert "/partners/import?job=1" in effect(call(tab, "start"))
    work_off(tab)
    with reading() as s:
        assert [row.first_name for row in factory.rows(s, Partner)] == ["Ada", "New"]
        assert factory.rows(s, Send) == []


def test_running_automations_is_chosen_and_its_emails_wait_out_the_undo_window() -> None:
    program()
    tab = uploaded()
    call(tab, "set_run", "run")
    call(tab, "start")
    job = work_off(tab)
    with reading() as s:
        sends = factory.rows(s, Send)
    assert len(sends) == 2
    assert {send.due_at for send in sends} == {job.hold_until}


def test_the_first_rows_are_shown_as_they_are_read_with_what_is_wrong() -> None:
    tab = uploaded()
    assert tab.plan.headings == ["Email address", "First name", "Tags", "referral_link"]
    assert [(row.number, row.cells[:2]) for row in tab.plan.first] == [
        (2, ["ada@partners.test", "Ada"]),
        (3, ["new@partners.test", "New"]),
        (4, ["nonsense", "Bad"]),
    ]
    assert "is not an email address" in tab.plan.first[2].problem
    told = effect(call(tab, "download_problems"))
    assert "rows-left-out.csv" in told
    call(tab, "read_as", 1, partner_import.IGNORED)
    assert tab.plan.headings == ["Email address", "Tags", "referral_link"]


def test_the_report_has_an_address_and_gives_back_the_rows_left_out() -> None:
    program()
    tab = uploaded()
    call(tab, "start")
    job = work_off(tab)
    bar = beside(tab, JobsState)
    browse(bar, session_of(bar), f"/partners/import?job={job.id}")
    call(bar, "load")
    assert bar.reported
    assert [(one.number, one.label) for one in bar.job.figures] == [
        ("1", "new partners"),
        ("1", "updated"),
        ("3", "tags assigned"),
    ]
    assert bar.job.left_out == 1
    assert "rows-left-out.csv" in effect(call(bar, "download_left_out"))
    with reading() as s:
        found = imports.rejected_by(s, job.id)
    (again,) = found.file().removeprefix("\ufeff").splitlines()[1:]
    assert again.startswith('"nonsense","Bad","","",')
    assert "Row 4" in again
    # Put right, that file imports, and its last column is nobody's field.
    put_right = imports.read(found.file().replace("nonsense", "good@partners.test").encode())
    assert [(row.email, row.fields) for row in put_right.rows] == [("good@partners.test", {})]


def test_rows_left_out_are_forgotten_after_a_week() -> None:
    tab = uploaded()
    call(tab, "start")
    job = work_off(tab)
    with writing() as s:
        s.get_one(Job, job.id).created_at -= imports.REJECTED_KEPT + timedelta(minutes=1)
    with writing() as s:
        imports.start(s, [], actor="ann")
    bar = beside(tab, JobsState)
    assert "kept for a week" in effect(call(bar, "download_left_out"))


def test_existing_partners_can_be_left_alone() -> None:
    program()
    tab = uploaded()
    call(tab, "set_existing", "skip")
    assert (tab.plan.updated, tab.plan.untouched, tab.plan.rows) == (0, 1, 1)
    call(tab, "start")
    work_off(tab)
    with reading() as s:
        assert factory.rows(s, Partner)[0].first_name == "Old"


def test_a_column_can_be_read_as_something_else_or_left_out() -> None:
    tab = uploaded()
    call(tab, "read_as", 2, partner_import.IGNORED)
    assert tab.plan.tags == []
    call(tab, "read_as", 1, "last_name")
    call(tab, "start")
    work_off(tab)
    with reading() as s:
        assert factory.rows(s, Partner)[0].last_name == "Ada"


def test_a_file_without_addresses_is_refused_in_words_and_can_be_put_right() -> None:
    tab = uploaded()
    call(tab, "read_as", 0, partner_import.IGNORED)
    assert "None of the columns is an email address" in tab.problem
    assert not tab.ready
    call(tab, "read_as", 0, "email")
    assert (tab.problem, tab.ready) == ("", True)


@pytest.mark.parametrize("text", ["", "a\x00b"])
def test_what_is_no_csv_file_is_refused(text: str) -> None:
    tab = uploaded(text)
    assert tab.problem
    assert not tab.ready
    assert "nothing to import" in effect(call(tab, "start"))


def test_many_emails_are_confirmed_by_typing_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partner_import, "TYPE_ABOVE", 1)
    program()
    tab = uploaded()
    assert tab.ready
    call(tab, "set_run", "run")
    assert (tab.must_type, tab.ready) == (True, False)
    call(tab, "type_number", "2")
    assert tab.ready


def test_when_the_program_changed_since_nothing_is_started() -> None:
    program()
    tab = uploaded()
    with writing() as s:
        factory.partner(s, "new")
    assert "Meanwhile this would add 0 partners and update 2" in effect(call(tab, "start"))
    with reading() as s:
        assert factory.rows(s, Job) == []


def test_importing_is_for_admins() -> None:
    tab = signed_in(ImportState, Role.EDITOR)
    assert "“editor”" in effect(call(tab, "take", []))
    assert "“editor”" in effect(call(tab, "start"))
