"""Imports: any spreadsheet's CSV, every problem by its row, nothing written unplanned."""

from typing import Any

import pytest
from sqlmodel import col, select

from rxapp.db import partners as partner_reads
from rxapp.db.engine import reading, writing
from rxapp.db.models import Assignment, Cause, Job, JobItem, JobStatus, Partner, Send, Source, Tag
from rxapp.dispatch.jobs import JobRunner
from rxapp.domain import import_rows, imports, jobs, tag_catalog
from rxapp.domain.import_plan import Plan, plan
from rxapp.domain.import_rows import Existing
from rxapp.domain.imports import Parsed
from rxapp.domain.tags import assign_tags
from rxapp.errors import InvalidInput
from tests import factory as f

HEADING = "email,first_name,last_name,company,key,tags\n"


def read(text: str, encoding: str = "utf-8") -> Parsed:
    return imports.read(text.encode(encoding))


def told(parsed: Parsed | Plan) -> list[tuple[int, str]]:
    return [(problem.row, problem.sentence) for problem in parsed.problems]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_separator_and_line_ending_is_read(separator: str, ending: str) -> None:
    rows = [["email", "company", "tags"], ["ada@x.com", '"A, B; C | D"', '"vip;gold"']]
    parsed = read(ending.join(separator.join(row) for row in rows))
    (row,) = parsed.rows
    assert (row.email, row.company, row.tags) == ("ada@x.com", "A, B; C | D", ["vip", "gold"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    (row,) = read("email,first_name\nada@x.com,Zoë „Größe“ €\n", encoding).rows
    assert row.first_name == "Zoë „Größe“ €"


def test_excels_separator_line_is_understood() -> None:
    parsed = read("sep=;\r\nemail;tags\r\nada@x.com;a,b\r\n")
    assert [(row.number, row.tags) for row in parsed.rows] == [(2, ["a,b"])]


@pytest.mark.parametrize(
    ("heading", "target"),
    [
        ("E-Mail", "email"),
        ("Email Address", "email"),
        ("First name", "first_name"),
        ("SURNAME", "last_name"),
        ("Partner ID", "key"),
        ("Labels", "tags"),
        ("Referral link", "referral_link"),
        ("Größe", "grosse"),
        ("2nd phone", "field_2nd_phone"),
        ("", ""),
        ("created_at?!", "created_at"),
    ],
)
def test_headings_are_understood_and_others_become_custom_fields(heading: str, target: str) -> None:
    parsed = read(f"email,{heading}\n" if target == "key" else f"key,{heading}\n")
    assert [(column.heading, column.target) for column in parsed.columns][1] == (heading, target)


def test_a_person_can_say_what_the_columns_are() -> None:
    data = b"contact,what,note\nada@x.com,gold,secret\n"
    (row,) = imports.read(data, ["email", "tier", ""]).rows
    assert (row.email, row.fields) == ("ada@x.com", {"tier": "gold"})
    for wrong in (["email"], ["email", "email", ""], ["email", "No Name", ""], ["", "tier", ""]):
        with pytest.raises(InvalidInput) as refused:
            imports.read(data, wrong)
        assert refused.value.field in ("columns", "fields")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"name,company\nAda,X\n", "None of the columns"),
        (b"PK\x03\x04\x00\x00\x00,email\n", "not a CSV file"),
        (b'email,company\nada@x.com,"open\neve@x.com,Y\n', "from row 2 on"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        imports.read(data)


def test_every_problem_is_told_by_its_row_and_the_good_rows_stay() -> None:
    parsed = read(
        HEADING + "ada@x.com,Ada,,,,vip\n"
        "not an address,Eve,,,,\n"
        "\n"
        ",Nobody,,,,\n"
        "ADA@x.com,Again,,,,\n"
        "bob@x.com,Bob,,,k1,2024\n"
        "cy@x.com,Cy,,,k2,gold,,extra\n"
        "dee@x.com,Dee,,,k2,\n"
        "flo@x.com,Flo,,,k2,\n"
        f"gus@x.com,{'x' * 201},,,,\n"
    )
    assert [row.number for row in parsed.rows] == [2, 9]
    problems = dict(told(parsed))
    assert list(problems) == [3, 5, 6, 7, 8, 10, 11]
    assert problems[3].startswith("“not an address” is not an email address.")
    assert problems[5] == "There is neither an email address nor a key."
    assert problems[6] == "The email address ada@x.com is in row 2 already."
    assert "digits" in problems[7]
    assert "more cells" in problems[8]
    assert problems[10] == "The key k2 is in row 9 already."
    assert problems[11] == "The first name is longer than 200 characters."


def test_names_consent_and_status_are_read_as_people_write_them() -> None:
    parsed = read(
        "email,Name,Subscribed,Status\n"
        "ada@x.com,Ada King Lovelace,No,Suspended\n"
        "bob@x.com,Bob,YES,\n"
        "cy@x.com,,perhaps,\n"
        "dee@x.com,,,gone\n"
    )
    ada, bob = parsed.rows
    assert (ada.first_name, ada.last_name) == ("Ada", "King Lovelace")
    assert (ada.consent, ada.status) == ("unsubscribed", "suspended")
    assert (bob.first_name, bob.consent, bob.status) == ("Bob", "subscribed", None)
    assert [row for row, _ in told(parsed)] == [4, 5]


def test_more_rows_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "ROWS_LIMIT", 2)
    assert len(read("email\na@x.com\nb@x.com\n").rows) == 2
    with pytest.raises(InvalidInput, match="more than 2 rows"):
        read("email\na@x.com\nb@x.com\nc@x.com\n")


def planned(text: str, existing: Existing = "update") -> Plan:
    with reading() as s:
        return plan(s, read(text), existing)


def run(text: str, existing: Existing = "update", **options: Any) -> Job:
    """Import the planned rows the way a worker does."""
    rows = planned(text, existing).rows
    with writing() as s:
        job = imports.start(s, rows, actor="ann", existing=existing, **options)
    assert JobRunner("a test").work_off_one()
    with reading() as s:
        done = s.get_one(Job, job.id)
    assert done.status == JobStatus.DONE, done.error
    return done


def tags_of(email: str) -> list[str]:
    with reading() as s:
        (row,) = partner_reads.page(s, partner_reads.PartnerFilter(email_keys=[email]))
    return [tag.name for tag in row.tags]


@pytest.mark.usefixtures("database")
def test_a_plan_says_what_would_happen_and_writes_nothing() -> None:
    with writing() as s:
        ada, vip = f.partner(s, "ada"), f.tag(s, "Vip")
        f.automation(s, vip, f.email(f.template(s)), f.email(f.template(s, "Two")))
        assign_tags(s, vip, [ada], source=Source.API, actor="", run_automations=False)
    text = HEADING + "ada@partners.test,,,,,vip;new\neve@x.com,,,,,VIP\ncy@x.com,,,,,\n"
    made = planned(text)
    assert (made.create, made.update, made.skip) == (2, 1, 0)
    assert [(tag.name, tag.id, tag.partners, tag.new, tag.emails) for tag in made.tags] == [
        ("Vip", vip, 2, 1, 2),
        ("new", None, 1, 1, 0),
    ]
    assert made.emails == 2
    skipping = planned(text, "skip")
    assert (skipping.create, skipping.update, skipping.skip) == (2, 0, 1)
    assert [(tag.name, tag.new) for tag in skipping.tags] == [("Vip", 1)]
    with reading() as s:
        assert len(f.rows(s, Partner)) == 1
        assert len(f.rows(s, Tag)) == 1


@pytest.mark.usefixtures("database")
def test_a_row_that_cannot_be_matched_is_a_problem_of_the_plan() -> None:
    with writing() as s:
        f.partner(s, "ada", key="A")
        f.partner(s, "bob", key="B")
        tag_catalog.archive(s, f.tag(s, "old"), actor="ann")
    made = planned(
        HEADING + "ada@partners.test,,,,B,\n"
        "ada@partners.test,,,,,\n"
        "ada2@x.com,,,,A,\n"
        "cy@x.com,,,,,Old\n"
    )
    assert told(made) == [
        (2, "The email address is one partner's, the key another's."),
        (3, "The email address ada@partners.test is in row 2 already."),
        (5, "The tag “old” is archived. Restore it first."),
    ]
    assert [row.number for row in made.rows] == [4]
    made = planned(HEADING + "ada@partners.test,,,,,\nada2@x.com,,,,A,\n")
    assert told(made) == [(3, "This is the same partner as in row 2.")]


@pytest.mark.usefixtures("database")
def test_importing_creates_partners_and_tags_and_emails_nobody_unless_asked() -> None:
    with writing() as s:
        f.automation(s, f.tag(s, "vip"), f.email(f.template(s)))
    job = run(
        "email,first_name,tags,tier\n"
        "Ada@X.com,Ada,vip;Gold,one\n"
        "eve@x.com,Eve,gold,\n"
    )  # fmt: skip
    assert (job.counts["created"], job.counts["added"]) == (2, 3)
    assert tags_of("ada@x.com") == ["Gold", "vip"]
    with reading() as s:
        ada, _ = f.rows(s, Partner)
        assert (ada.email, ada.email_key, ada.fields) == ("Ada@x.com", "ada@x.com", {"tier": "one"})
        assert ada.search == "ada@x.com ada"
        assert {cause.source for cause in f.rows(s, Cause)} == {"import"}
        assert not f.rows(s, Send)


@pytest.mark.usefixtures("database")
def test_importing_runs_automations_when_asked() -> None:
    with writing() as s:
        f.automation(s, f.tag(s, "vip"), f.email(f.template(s)))
    job = run(HEADING + "ada@x.com,,,,,vip\neve@x.com,,,,,vip\n", run_automations=True)
    assert job.counts["queued"] == 2
    with reading() as s:
        assert [(send.status, send.bulk) for send in f.rows(s, Send)] == [("queued", True)] * 2


@pytest.mark.usefixtures("database")
def test_existing_partners_are_updated_and_empty_cells_change_nothing() -> None:
    with writing() as s:
        by_email = f.partner(s, "ada", last_name="King", fields={"city": "Turin", "tier": "x"})
        by_key = f.partner(s, "bob", key="B", deliverability="bounced")
    job = run(
        "email,first_name,last_name,key,tier\n"
        "ADA@partners.test,Augusta,,A,gold\n"
        "bob@new.test,,,B,\n"
    )  # fmt: skip
    assert (job.counts["updated"], job.counts.get("created", 0)) == (2, 0)
    with reading() as s:
        ada, bob = s.get_one(Partner, by_email), s.get_one(Partner, by_key)
    assert (ada.first_name, ada.last_name, ada.key) == ("Augusta", "King", "A")
    assert ada.fields == {"city": "Turin", "tier": "gold"}
    assert "augusta" in ada.search
    assert (bob.first_name, bob.email, bob.deliverability) == ("Bob", "bob@new.test", "ok")


@pytest.mark.usefixtures("database")
def test_existing_partners_can_be_left_alone_tags_and_all() -> None:
    with writing() as s:
        ada = f.partner(s, "ada")
    job = run(HEADING + "ada@partners.test,New,,,,vip\neve@x.com,,,,,vip\n", "skip")
    assert (job.counts["created"], job.counts["added"]) == (1, 1)
    with reading() as s:
        assert s.get_one(Partner, ada).first_name == "Ada"
    assert tags_of("ada@partners.test") == []


@pytest.mark.usefixtures("database")
def test_an_import_can_unsubscribe_but_never_subscribe_again() -> None:
    with writing() as s:
        ada, bob = f.partner(s, "ada", consent="unsubscribed"), f.partner(s, "bob")
    run("email,consent\nada@partners.test,yes\nbob@partners.test,no\n")
    with reading() as s:
        assert s.get_one(Partner, ada).consent == "unsubscribed"
        assert s.get_one(Partner, bob).consent == "unsubscribed"
        assert s.get_one(Partner, bob).consent_at is not None


@pytest.mark.usefixtures("database")
def test_importing_the_same_file_again_changes_nothing() -> None:
    text = HEADING + "ada@x.com,Ada,,,A,vip\n"
    run(text, run_automations=True)
    job = run(text, run_automations=True)
    assert (job.counts["updated"], job.counts["already"]) == (1, 1)
    with reading() as s:
        assert len(f.rows(s, Partner)) == len(f.rows(s, Assignment)) == 1


@pytest.mark.usefixtures("database")
def test_rows_are_written_in_chunks_and_not_kept_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 2)
    job = run(HEADING + "".join(f"p{i}@x.com,P,,,,vip\n" for i in range(5)))
    assert (job.total, job.done, job.counts["created"], job.counts["added"]) == (5, 5, 5, 5)
    with reading() as s:
        assert len(f.rows(s, Cause)) == 3
        items = [s.get_one(JobItem, (job.id, place)) for place in (2, 4, 5)]
    assert [item.data for item in items] == [None] * 3


@pytest.mark.usefixtures("database")
def test_an_import_that_was_cut_off_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "CHUNK", 2)
    rows = planned(HEADING + "".join(f"p{i}@x.com,,,,,\n" for i in range(5))).rows
    with writing() as s:
        job = imports.start(s, rows, actor="ann")
        assert import_rows.run_chunk(s, job)
    assert JobRunner("another").work_off_one()
    with reading() as s:
        assert len(f.rows(s, Partner)) == 5
        assert s.get_one(Job, job.id).counts == {"created": 5}


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("ends", ["canceled", "failed"])
def test_an_import_that_ends_early_keeps_nothing_of_the_file(
    ends: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 2)
    rows = planned(HEADING + "".join(f"p{i}@x.com,,,,,\n" for i in range(5))).rows
    with writing() as s:
        job = imports.start(s, rows, actor="ann")
        import_rows.run_chunk(s, job)
    with writing() as s:
        if ends == "canceled":
            jobs.cancel(s, job.id, "ann")
        else:
            jobs.fail(s, s.get_one(Job, job.id), "It cannot go on.")
    with reading() as s:
        assert s.get_one(Job, job.id).status == ends
        assert len(f.rows(s, Partner)) == 2
        query = select(JobItem).where(col(JobItem.data).is_not(None))
        assert not s.exec(query).all()


@pytest.mark.usefixtures("database")
def test_a_partner_added_between_plan_and_writing_is_not_doubled() -> None:
    rows = planned(HEADING + "ada@partners.test,Augusta,,,,vip\n").rows
    with writing() as s:
        ada = f.partner(s, "ada")
        imports.start(s, rows, actor="ann")
    JobRunner("a test").work_off_one()
    with reading() as s:
        assert [(p.id, p.first_name) for p in f.rows(s, Partner)] == [(ada, "Augusta")]
    assert tags_of("ada@partners.test") == ["vip"]
