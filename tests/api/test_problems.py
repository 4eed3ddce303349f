"""Every refusal is a problem in plain words, whatever was sent."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rxapp.api.problems import MAX_BODY_BYTES
from rxapp.domain import partners
from tests.api.conftest import Client

PARTNERS = "/api/v1/partners"


def refused(client: Client, **request: Any) -> tuple[int, str, str]:
    """What a POST to the partners is told: status, code, sentence."""
    answer = client.post(PARTNERS, **request)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"urn:rxapp:error:{problem['code']}"
    return answer.status_code, problem["code"], problem["detail"]


def as_json(content: bytes | AsyncIterator[bytes]) -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": "application/json"}}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"mail": "a@b.co"}, "mail: there is no such field"),
        ({"email": 5}, "email: this must be text"),
        ({"fields": {"a": ["b"]}}, "fields.a: this must be text"),
        ({"status": "gone"}, "status: this must be 'active', 'suspended' or 'archived'"),
        ({"key": "a\x00b"}, "key: this has a NUL character, which cannot be stored"),
        ([], "body: Send a JSON object, with the header Content-Type: application/json."),
    ],
)
def test_each_field_is_told_what_is_wrong(client: Client, body: Any, told: str) -> None:
    assert refused(client, json=body) == (422, "invalid_input", told)


def test_every_wrong_field_is_listed(client: Client) -> None:
    answer = client.post(PARTNERS, {"email": 5, "nickname": "x"}).json()
    assert [one["field"] for one in answer["errors"]] == ["email", "nickname"]
    assert answer["field"] == "email"


def test_an_address_that_is_none_is_told_so(client: Client) -> None:
    status, code, told = refused(client, json={"email": "not an address"})
    assert (status, code) == (422, "invalid_input")
    assert "is not an email address" in told


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"email": ', "bad_request"),
        (b'{"email": "\xff"}', "bad_request"),
        (b"[" * 100_000, "bad_request"),
        (b'{"fields": ' + b'{"a":' * 900 + b"1" + b"}" * 901, "invalid_input"),
        (b'{"fields": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}", "invalid_input"),
        (b'{"key": "\\ud800"}', "invalid_input"),
        (b'{"first_name": NaN}', "invalid_input"),
    ],
    ids=["cut", "not utf-8", "bottomless", "very deep", "deep", "half a character", "nan"],
)
def test_what_is_no_proper_json_is_refused_in_words(
    client: Client, content: bytes, code: str
) -> None:
    status, told, _ = refused(client, **as_json(content))
    assert (status, told) == (400 if code == "bad_request" else 422, code)


def test_json_must_be_named_as_such(client: Client) -> None:
    told = refused(client, content=b'{"email": "a@b.co"}', headers={"Content-Type": "text/plain"})
    assert told[2].endswith("with the header Content-Type: application/json.")


def test_a_body_that_is_too_large_is_refused_announced_or_not(client: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY_BYTES // 2**20 + 1):
            yield b" " * 2**20

    assert refused(client, **as_json(b" " * (MAX_BODY_BYTES + 1)))[:2] == (413, "too_large")
    assert refused(client, **as_json(pieces()))[:2] == (413, "too_large")


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2/partners"])
def test_an_address_of_the_api_that_is_none_is_told_so(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_method_an_address_does_not_take_is_told_with_those_it_does(client: Client) -> None:
    answer = client.request("PUT", PARTNERS)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("ref", ["999999", "9" * 30, "key:none", "email:a@b.co", "a%00b", "-1"])
def test_a_partner_who_is_not_there_is_not_found_whatever_the_name(
    client: Client, ref: str
) -> None:
    answer = client.get(f"{PARTNERS}/{ref}")
    assert answer.status_code == (422 if "%00" in ref else 404)


def test_what_nobody_foresaw_is_logged_under_a_reference_and_only_that_is_told(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(partners, "create", breaks)
    with caplog.at_level(logging.ERROR):
        answer = client.post(PARTNERS, {"email": "ada@example.com"})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert problem["reference"] in caplog.text
    assert "ada@example.com" not in caplog.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PARTNERS, {f"k{number}": number for number in range(30_000)}),
        (PARTNERS, {"fields": {f"k{number}": number for number in range(30_000)}}),
        (PARTNERS, [[{}] * 10_000] * 3),
        ("/api/v1/automations", {"actions": [{}] * 30_000}),
        ("/api/v1/tags/vip/assignments", {"partners": [[]] * 30_000}),
    ],
)
def test_a_body_of_more_values_than_any_call_takes_is_one_error(
    client: Client, path: str, body: Any
) -> None:
    answer = client.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["detail"] == "body: this can hold 20,000 values at most"
    assert len(answer.json()["errors"]) == 1
