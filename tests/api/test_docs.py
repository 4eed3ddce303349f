"""The documentation of the API is complete and loads nothing from elsewhere."""

import re
from typing import Any

import pytest

from tests.api.conftest import Client


@pytest.fixture
def openapi(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").json()
    return found


def operations(openapi: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_page_and_its_files_come_from_here(client: Client) -> None:
    page = client.get("/api/docs")
    assert page.status_code == 200
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(files) == 3
    assert [name for name in files if not name.startswith(("/api/docs/", "data:"))] == []
    for name in files:
        if name.startswith("/"):
            assert client.get(name).status_code == 200


def test_every_call_says_what_it_does_and_which_role_it_takes(openapi: dict[str, Any]) -> None:
    for name, operation in operations(openapi):
        assert operation["description"], name
        if name.split()[1].startswith("/api/"):
            assert re.search(r"Role: (viewer|editor|admin)\.", operation["description"]), name


def test_every_call_is_listed_under_a_noun(openapi: dict[str, Any]) -> None:
    nouns = {noun["name"] for noun in openapi["tags"]}
    assert {noun for _, operation in operations(openapi) for noun in operation["tags"]} == nouns


def test_every_write_says_that_it_takes_an_idempotency_key(openapi: dict[str, Any]) -> None:
    for name, operation in operations(openapi):
        method, path = name.split()
        if (
            method == "GET"
            or not path.startswith("/api/")
            # An image's address is made of what is in it: sent again, it is the same one.
            or path.endswith(("/preflight", "/preview", "/images"))
        ):
            continue
        headers = [one["name"] for one in operation["parameters"] if one["in"] == "header"]
        assert headers == ["Idempotency-Key"], name


def test_every_call_documents_its_refusals_as_problems(openapi: dict[str, Any]) -> None:
    for name, operation in operations(openapi):
        if name.split()[1].startswith("/api/"):
            refusal = operation["responses"]["default"]["content"]
            assert list(refusal) == ["application/problem+json"], name
            assert "422" not in operation["responses"], name


def test_keys_are_the_documented_way_in(openapi: dict[str, Any]) -> None:
    assert openapi["components"]["securitySchemes"] == {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key."}
    }
    for name, operation in operations(openapi):
        needs_key = name.split()[1].startswith(("/api/", "/readyz", "/metrics"))
        assert operation.get("security", []) == ([{"key": []}] if needs_key else []), name


def test_every_call_has_a_short_name_of_its_own(openapi: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(openapi)]
    assert len(set(names)) == len(names)
    assert "list_partners" in names
