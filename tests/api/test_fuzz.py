"""Whatever is sent, the API answers it: never a 5xx, and every refusal is a problem."""

import json
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from rxapp.api import templates
from rxapp.db.engine import writing
from rxapp.domain import unsubscribe
from tests import factory as f
from tests.api.conftest import Client

pytestmark = pytest.mark.slow
REQUESTS = 300

NESTED: Any = "deep"
for _ in range(200):
    NESTED = [NESTED]

ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2, 2**31, 2**63, 10**30, 1.5, float("nan"), float("inf"),
    "", " ", "1", "0", "vip", "gold", "ada@partners.test", "key:", "email:", "key:k", "Welcome",
    "x" * 5000, "nul\x00", "half \ud800", "\u202e", "\u2028", "😀", "%", "_", "%00", "../..", "a/b",
    "' OR 1=1 --", "<script>", "{{ partner.first_name }}", "{% for x in y %}{% endfor %}", "{{",
    "{{ partner['a'] ** 9 }}", "2026-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z",
    [], {}, [[]], [None], [1, 1, 1], {"": ""}, {"a": {"b": 1}}, {"\ud800": 1}, NESTED,
]  # fmt: skip


class Fuzzer:
    """Makes requests out of what the documentation promises, and breaks some of the promises."""

    def __init__(self, openapi: dict[str, Any], seed: int) -> None:
        self.random = random.Random(seed)
        self.schemas = openapi["components"]["schemas"]
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in openapi["paths"].items()
            for method, operation in methods.items()
        ]

    def requests(self, number: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Method, path with query, and httpx's options."""
        for at in range(number):
            method, path, operation = self.operations[at % len(self.operations)]
            yield method, self.path(path, operation), self.options(operation)

    def path(self, path: str, operation: dict[str, Any]) -> str:
        query: dict[str, str] = {}
        for parameter in operation.get("parameters", []):
            value = self.text(parameter["schema"])
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", quote(value, safe="") or "1")
            elif parameter["in"] == "query" and self.random.random() < 0.4:
                query[parameter["name"]] = value
        return f"{path}?{urlencode(query)}" if query else path

    def options(self, operation: dict[str, Any]) -> dict[str, Any]:
        options: dict[str, Any] = {"headers": {}}
        if self.random.random() < 0.2:
            options["headers"]["Idempotency-Key"] = self.random.choice(["a", "b", "x" * 300])
        media = operation.get("requestBody", {}).get("content", {})
        if "application/json" in media:
            body = self.value(media["application/json"]["schema"])
            options["content"] = self.damaged(json.dumps(body).encode())
            options["headers"]["Content-Type"] = self.random.choice(
                ["application/json"] * 9 + ["a"]
            )
        return options

    def damaged(self, content: bytes) -> bytes:
        damage = self.random.random()
        if damage < 0.03:
            return content[: len(content) // 2]
        return content.replace(b"a", b"\xff") if damage < 0.06 else content

    def text(self, schema: dict[str, Any]) -> str:
        value = self.value(schema)
        text = value if isinstance(value, str) else json.dumps(value)
        return text.encode(errors="replace").decode()[:500]

    def value(self, schema: dict[str, Any]) -> Any:
        """A value that fits the schema, more often than not."""
        if self.random.random() < 0.12:
            return self.random.choice(ODD)
        if "$ref" in schema:
            return self.value(self.schemas[schema["$ref"].rsplit("/", 1)[1]])
        for choices in ("anyOf", "oneOf"):
            if choices in schema:
                return self.value(self.random.choice(schema[choices]))
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        if examples := schema.get("examples"):
            return self.random.choice(examples)
        return self.of_type(schema)

    def of_type(self, schema: dict[str, Any]) -> Any:
        match schema.get("type"):
            case "object" if "properties" in schema:
                required = schema.get("required", [])
                return {
                    name: self.value(one)
                    for name, one in schema["properties"].items()
                    if name in required or self.random.random() < 0.5
                }
            case "array":
                return [self.value(schema["items"]) for _ in range(self.random.randint(0, 3))]
            case "integer":
                return self.random.choice([1, 2, 3])
            case "boolean":
                return self.random.random() < 0.5
            case _:
                return self.random.choice(["vip", "gold", "ada@partners.test", "Some words"])


@pytest.mark.parametrize("seed", [1])
def test_whatever_is_sent_is_answered(
    client: Client, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody sends the test emails asked for here, so there is nothing to wait for.
    monkeypatch.setattr(templates, "TEST_SECONDS", 0)
    openapi = client.get("/api/openapi.json").json()
    with writing() as s:
        vip, ada = f.tag(s), f.partner(s)
        f.automation(s, vip, f.email(f.template(s)))
        token = unsubscribe.token(ada)
    client.post(f"/api/v1/partners/{ada}/tags", {"tag": "vip"})
    statuses = set()
    for method, path, options in Fuzzer(openapi, seed).requests(REQUESTS):
        answer = client.request(method, path.replace("{token}", token), **options)
        told = (method, path, options, answer.text[:500])
        # 503 is what it says: no worker runs here, and no signing secret is set.
        assert answer.status_code < 500 or answer.status_code == 503, told
        statuses.add(answer.status_code)
        if answer.status_code >= 400 and path.startswith("/api/"):
            assert answer.headers["content-type"] == "application/problem+json", told
            assert answer.json()["detail"], told
    assert statuses >= {200, 201, 400, 404, 409, 422}
