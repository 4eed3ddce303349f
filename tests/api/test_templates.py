"""Emails over the REST API."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from rxapp.api import templates
from rxapp.db import batches
from rxapp.db.engine import on_wake, reading, writing
from rxapp.db.models import Batch, BatchStatus, Send, SendStatus
from tests import factory as f
from tests.api.conftest import Client

TEMPLATES = "/api/v1/templates"
WELCOME = {
    "name": "Welcome",
    "subject": "Hello {{ partner.first_name | default('you') }}",
    "body": "<p>{{ partner.company }} got {{ tag.name }}</p>",
}


def create(client: Client, **changes: Any) -> dict[str, Any]:
    answer = client.post(TEMPLATES, WELCOME | changes)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_created_email_is_read_back_as_written(client: Client) -> None:
    made = create(client)
    assert {name: made[name] for name in WELCOME} == WELCOME
    assert (made["kind"], made["version"], made["automations"]) == ("marketing", 1, 0)
    assert made["author"] == "API key “a admin”"
    variables = {one["name"]: one["has_fallback"] for one in made["variables"]}
    assert variables["partner.first_name"] is True
    assert variables["partner.company"] is False
    assert client.get(f"{TEMPLATES}/{made['id']}").json() == made


def test_what_cannot_be_sent_is_not_saved_and_all_problems_are_told(client: Client) -> None:
    answer = client.post(TEMPLATES, WELCOME | {"body": "{{ partner.frist_name }}{% for x in y %}"})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_template")
    assert problem["problems"]
    assert client.get(TEMPLATES).json()["data"] == []


def test_a_change_of_words_is_a_new_version_and_one_of_the_name_is_not(client: Client) -> None:
    path = f"{TEMPLATES}/{create(client)['id']}"
    assert client.patch(path, {"name": "Hi"}).json()["version"] == 1
    changed = client.patch(path, {"subject": "Hi"}).json()
    assert (changed["version"], changed["subject"], changed["body"]) == (2, "Hi", WELCOME["body"])


def test_a_change_based_on_an_older_version_is_refused(client: Client) -> None:
    path = f"{TEMPLATES}/{create(client)['id']}"
    client.patch(path, {"subject": "First", "based_on": 1})
    late = client.patch(path, {"subject": "Late", "based_on": 1})
    assert (late.status_code, late.json()["code"]) == (409, "overtaken")


def test_an_email_in_use_is_archived_instead_of_deleted(client: Client) -> None:
    made = create(client)
    path = f"{TEMPLATES}/{made['id']}"
    with writing() as s:
        f.automation(s, f.tag(s), f.email(made["id"]), name="On vip")
    refused = client.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert refused.json()["used_by"][0]["name"] == "On vip"
    assert client.patch(path, {"archived": True}).json()["archived_at"] is not None
    listed = [client.get(f"{TEMPLATES}?archived={which}").json() for which in ("true", "false")]
    assert [len(one["data"]) for one in listed] == [1, 0]
    assert client.patch(path, {"archived": False}).json()["archived_at"] is None


def test_an_unused_email_is_deleted(client: Client) -> None:
    path = f"{TEMPLATES}/{create(client)['id']}"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_emails_are_listed_and_filtered(client: Client) -> None:
    create(client)
    create(client, name="Receipt", kind="transactional")

    def names(query: str) -> list[str]:
        return [one["name"] for one in client.get(f"{TEMPLATES}?{query}").json()["data"]]

    assert names("") == ["Welcome", "Receipt"]
    assert names("kind=transactional") == names("q=REC") == ["Receipt"]
    assert names("limit=1") == ["Welcome"]


def test_the_preview_is_the_email_for_that_partner_and_tag(client: Client) -> None:
    path = f"{TEMPLATES}/{create(client)['id']}/preview"
    with writing() as s:
        f.partner(s, "ada", company="Engines <1>")
        f.tag(s, "gold")
    shown = client.post(path, {"partner": "ada@partners.test", "tag": "gold"}).json()
    assert shown["subject"] == "Hello Ada"
    assert "Engines &lt;1&gt; got gold" in shown["html"]
    assert "Engines <1> got gold" in shown["text"]
    assert client.post(path).json()["subject"] != ""


def test_a_preview_that_lacks_something_says_what(client: Client) -> None:
    path = f"{TEMPLATES}/{create(client)['id']}/preview"
    with writing() as s:
        ada = f.partner(s, "ada")
    answer = client.post(path, {"partner": ada})
    assert (answer.status_code, answer.json()["code"]) == (422, "missing_variable")
    assert "company" in answer.json()["variable"]


@pytest.fixture
def settled() -> Iterator[None]:
    """A stand-in for the dispatcher: settles every batch as soon as it is committed."""

    def settle() -> None:
        with writing() as s:
            for batch in f.rows(s, Batch):
                batch.status = BatchStatus.DONE
                batch.provider = "sandbox"

    # Another thread, as in the dispatcher: the waking thread goes on to answer.
    stop = on_wake(lambda: threading.Thread(target=settle).start())
    yield
    stop()


@pytest.mark.usefixtures("settled")
def test_a_test_goes_to_the_address_with_its_subject_marked_and_leaves_no_history(
    client: Client,
) -> None:
    path = f"{TEMPLATES}/{create(client)['id']}/test"
    with writing() as s:
        ada = f.partner(s, "ada", company="Engines")
    answer = client.post(path, {"to": "me@example.com", "partner": ada})
    assert (answer.status_code, answer.json()) == (200, {"status": "captured", "problem": ""})
    with reading() as s:
        (batch,) = f.rows(s, Batch)
        (email,) = batches.emails(s, batch.id)
        assert f.rows(s, Send) == []
    assert (email["to"], email["subject"]) == (["me@example.com"], "[Test] Hello Ada")


@pytest.mark.usefixtures("settled")
def test_a_test_under_an_idempotency_key_goes_out_once(client: Client) -> None:
    path = f"{TEMPLATES}/{create(client)['id']}/test"
    first, second = (
        client.post(path, {"to": "me@example.com"}, headers={"Idempotency-Key": "t"})
        for _ in range(2)
    )
    assert first.json() == second.json() == {"status": "captured", "problem": ""}
    with reading() as s:
        assert len(f.rows(s, Batch)) == 1


def test_a_test_without_an_answer_in_time_is_waiting(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "TEST_SECONDS", 0)
    path = f"{TEMPLATES}/{create(client)['id']}/test"
    assert client.post(path, {"to": "me@example.com"}).json()["status"] == "waiting"


@pytest.mark.parametrize("to", ["", "me", [], ["a@example.com"] * 11, 5, None])
def test_a_test_to_no_address_is_refused(client: Client, to: object) -> None:
    path = f"{TEMPLATES}/{create(client)['id']}/test"
    answer = client.post(path, {"to": to})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["field"].startswith("to")
    with reading() as s:
        assert f.rows(s, Batch) == []


def test_a_waiting_send_keeps_the_version_it_was_decided_with(client: Client) -> None:
    made = create(client)
    with writing() as s:
        f.automation(s, f.tag(s), f.email(made["id"]))
        ada = f.partner(s)
    (send,) = client.post(f"/api/v1/partners/{ada}/tags", {"tag": "vip"}).json()["sends"]
    client.patch(f"{TEMPLATES}/{made['id']}", {"subject": "New words"})
    kept = client.get(f"/api/v1/sends/{send['id']}").json()
    assert (kept["status"], kept["version"]) == (SendStatus.QUEUED, 1)
    assert kept["subject"] == WELCOME["subject"]
