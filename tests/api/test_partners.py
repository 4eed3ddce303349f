"""Partners over the REST API."""

from collections.abc import Callable

import pytest

from rxapp.db.models import Role
from tests.api.conftest import Client

PARTNERS = "/api/v1/partners"


def add(client: Client, **partner: object) -> dict[str, object]:
    answer = client.post(PARTNERS, partner)
    assert answer.status_code == 201, answer.text
    created: dict[str, object] = answer.json()
    return created


def test_a_created_partner_is_read_back_as_given(client: Client) -> None:
    created = add(
        client,
        email=" Ada@Example.com ",
        first_name="Ada",
        last_name="Lovelace",
        company="Engines",
        key="acme-1",
        fields={"level": "gold", "sales": 12},
    )
    assert created["email"] == "Ada@example.com"
    assert created["fields"] == {"level": "gold", "sales": "12"}
    assert (created["status"], created["consent"]) == ("active", "subscribed")
    assert created["tags"] == []
    assert client.get(f"{PARTNERS}/{created['id']}").json() == created


@pytest.mark.parametrize("ref", ["key:a%2Fb c", "email:ada%40example.com", "email:ADA@example.com"])
def test_a_partner_is_found_by_key_and_by_address(client: Client, ref: str) -> None:
    created = add(client, email="ada@example.com", key="a/b c")
    assert client.get(f"{PARTNERS}/{ref}").json()["id"] == created["id"]


def test_an_address_is_taken_once_and_the_refusal_names_its_partner(client: Client) -> None:
    first = add(client, email="ada@example.com")
    answer = client.post(PARTNERS, {"email": "ADA@example.com "})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["field"], problem["id"]) == (
        "already_exists",
        "email",
        first["id"],
    )


def test_patching_changes_only_what_is_given(client: Client) -> None:
    made = add(client, email="ada@example.com", first_name="Ada", fields={"a": "1", "b": "2"})
    changed = client.patch(
        f"{PARTNERS}/{made['id']}", {"last_name": "L", "fields": {"a": None, "c": "3"}}
    ).json()
    assert changed["first_name"] == "Ada"
    assert changed["last_name"] == "L"
    assert changed["fields"] == {"b": "2", "c": "3"}
    assert (
        client.patch(f"{PARTNERS}/{made['id']}", {"email": None, "key": "k"}).json()["email"]
        is None
    )


def test_an_erased_partner_is_gone(client: Client) -> None:
    made = add(client, email="ada@example.com")
    answer = client.delete(f"{PARTNERS}/{made['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert client.get(f"{PARTNERS}/{made['id']}").json()["code"] == "not_found"
    assert client.delete(f"{PARTNERS}/{made['id']}").status_code == 404
    assert add(client, email="ada@example.com")["id"] != made["id"]


def test_filters_narrow_the_list_together(client: Client) -> None:
    client.post("/api/v1/tags", {"name": "VIP"})
    ada = add(client, email="ada@example.com", company="Engines")
    bob = add(client, email="bob@example.com", company="Engines", status="suspended")
    add(client, email="cyd@example.com")
    client.post(f"{PARTNERS}/{bob['id']}/tags", {"tag": "vip"})

    def found(query: str) -> list[object]:
        answer = client.get(f"{PARTNERS}?{query}")
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["data"]]

    assert found("email=ADA%40example.com") == [ada["id"]]
    assert found("tag=vip") == [bob["id"]]
    assert found("status=suspended") == [bob["id"]]
    assert found("q=engines") == [ada["id"], bob["id"]]
    assert found("q=engines&status=active") == [ada["id"]]
    assert found("tag=nothing") == []
    assert found("email=&tag=&q=") == [ada["id"], bob["id"], bob["id"] + 1]  # type: ignore[operator]
    assert client.get(f"{PARTNERS}?status=gone").status_code == 422


def test_pages_neither_repeat_nor_skip_while_partners_come_and_go(client: Client) -> None:
    ids = [add(client, email=f"p{number}@example.com")["id"] for number in range(5)]
    first = client.get(f"{PARTNERS}?limit=2").json()
    assert [one["id"] for one in first["data"]] == ids[:2]
    client.delete(f"{PARTNERS}/{ids[1]}")
    ids.append(add(client, email="late@example.com")["id"])
    second = client.get(f"{PARTNERS}?limit=2&cursor={first['next_cursor']}").json()
    third = client.get(f"{PARTNERS}?limit=2&cursor={second['next_cursor']}").json()
    assert [one["id"] for one in second["data"] + third["data"]] == ids[2:]
    assert third["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=made-up"])
def test_a_page_that_cannot_be_is_refused(client: Client, query: str) -> None:
    answer = client.get(f"{PARTNERS}?{query}")
    assert answer.status_code == 422
    assert answer.json()["field"] == query.partition("=")[0]


def test_an_erased_partner_who_had_unsubscribed_comes_back_unsubscribed(client: Client) -> None:
    made = add(client, email="ada@example.com", consent="unsubscribed")
    client.delete(f"{PARTNERS}/{made['id']}")
    again = add(client, email="Ada@example.com", consent="subscribed")
    assert again["consent"] == "unsubscribed"


def test_subscribing_somebody_again_takes_an_admin(
    client: Client, client_of: Callable[[Role], Client]
) -> None:
    ada = f"{PARTNERS}/{add(client, email='ada@example.com', consent='unsubscribed')['id']}"
    refused = client_of(Role.EDITOR).patch(ada, {"first_name": "A", "consent": "subscribed"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert client.get(ada).json()["first_name"] == ""
    assert client.patch(ada, {"consent": "subscribed"}).json()["consent"] == "subscribed"
