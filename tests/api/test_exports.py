"""Partners as a file: the list's filters, no formulas, and an import reads it again."""

import csv
import io

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import AuditEntry, PartnerStatus, Send, SendStatus, Source
from rxapp.domain import csv_files, imports, partner_export, send_export
from rxapp.domain.tags import assign_tags
from tests import factory
from tests.api.conftest import Client

PATH = "/api/v1/exports/partners"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_file_holds_whom_the_filters_let_through(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner_export, "PIECE", 2)
    with writing() as s:
        ada, vip = (
            factory.partner(s, "ada", key="A-1", fields={"country": "Norway"}),
            factory.tag(s),
        )
        gold = factory.tag(s, "gold")
        others = factory.partners(s, 5)
        factory.partner(s, "sue", status=PartnerStatus.SUSPENDED)
        for tag in (vip, gold):
            assign_tags(s, tag, [ada], source=Source.API, actor="crm")
    answer = client.get(PATH)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'attachment; filename="partners-' in answer.headers["content-disposition"]
    found = rows(answer.text)
    assert len(found) == 7
    assert found[0] | {"added": ""} == {
        "email": "ada@partners.test",
        "first_name": "Ada",
        "last_name": "",
        "company": "",
        "key": "A-1",
        "tags": "gold;vip",
        "status": "active",
        "consent": "subscribed",
        "deliverability": "ok",
        "added": "",
        "country": "Norway",
    }
    assert [row["first_name"] for row in rows(client.get(f"{PATH}?tag={vip}").text)] == ["Ada"]
    assert len(rows(client.get(f"{PATH}?none={vip}").text)) == 6
    assert len(rows(client.get(f"{PATH}?status=suspended").text)) == 1
    assert len(rows(client.get(f"{PATH}?ids={others[0]},{others[1]}").text)) == 2
    with reading() as s:
        audited = [one for one in factory.rows(s, AuditEntry) if one.action == "exported"]
        assert [one.data["partners"] for one in audited][:2] == [7, 1]


@pytest.mark.parametrize(
    "asked",
    [
        "partners?ids=rubbish", "partners?tag=vip", "partners?none=1,x", "partners?status=activ",
        "partners?consent=yes", "partners?mail=no", "partners?stauts=active",
        "sends?status=went", "sends?since=yesterday", "sends?until=9999-12-31T23:59:59-05:00",
        "sends?tag=vip", "sends?source=x", "sends?automation=99999999999", "sends?partner=1",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_meant_is_refused_instead_of_giving_everything(
    client: Client, asked: str
) -> None:
    answer = client.get(f"/api/v1/exports/{asked}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    name = asked.partition("?")[2].partition("=")[0]
    assert name in answer.json()["detail"]
    # As a form sends what was left empty.
    empty = asked.partition("=")[0] + "="
    if name not in {"stauts", "partner"}:
        assert client.get(f"/api/v1/exports/{empty}").status_code == 200


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_what_a_spreadsheet_would_run_is_text_and_comes_back_as_it_was(
    client: Client, start: str
) -> None:
    company = f'{start}cmd|"/c calc"!A1'
    with writing() as s:
        factory.partner(s, "eve", company=company)
    answer = client.get(PATH)
    assert rows(answer.text)[0]["company"] == f"'{company}"
    (row,) = imports.read(answer.content).rows
    assert row.company == company
    assert {column.target for column in imports.read(answer.content).columns} >= {"email", "tags"}


def test_an_apostrophe_of_a_name_stays() -> None:
    table = list(csv_files.table(b"email,name\na@b.test,'t Hooft\n"))
    assert table[1][1] == ["a@b.test", "'t Hooft"]


def test_the_file_of_sends_holds_what_the_filters_let_through(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_export, "PIECE", 2)
    with writing() as s:
        vip = factory.tag(s)
        factory.automation(s, vip, factory.email(factory.template(s)), name="=cmd()")
        people = factory.partners(s, 4)
        people.append(factory.partner(s, "zoe", consent="unsubscribed"))
        assign_tags(s, vip, people, source=Source.API, actor="crm")
        taken = factory.rows(s, Send)[0]
        taken.status = SendStatus.CAPTURED
    path = "/api/v1/exports/sends"
    found = rows(client.get(path).text)
    assert [row["first_name"] for row in found] == ["Zoe", "P4", "P3", "P2", "P1"]
    assert (found[0]["status"], found[0]["reason"]) == (
        "skipped",
        "This partner has unsubscribed from marketing emails.",
    )
    assert (found[0]["automation"], found[0]["source"], found[0]["assigned_by"]) == (
        "'=cmd()",
        "api",
        "crm",
    )
    assert found[-1]["status"] == "captured"
    assert len(rows(client.get(f"{path}?status=waiting&source=api&tag={vip}").text)) == 3
    assert rows(client.get(f"{path}?source=import").text) == []
    with reading() as s:
        audited = [one for one in factory.rows(s, AuditEntry) if one.subject == "send"]
        assert [one.data["sends"] for one in audited] == [5, 3, 0]
