"""Tags over the REST API."""

import pytest

from rxapp.db.engine import writing
from tests import factory as f
from tests.api.conftest import Client

TAGS = "/api/v1/tags"


def test_a_created_tag_is_found_by_id_and_by_name(client: Client) -> None:
    made = client.post(TAGS, {"name": " Top  Seller ", "color": "amber"})
    assert made.status_code == 201
    tag = made.json()
    assert (tag["name"], tag["color"], tag["partners"]) == ("Top Seller", "amber", 0)
    for ref in (tag["id"], "top%20seller", "TOP SELLER"):
        assert client.get(f"{TAGS}/{ref}").json() == tag


def test_a_name_may_have_a_slash(client: Client) -> None:
    client.post(TAGS, {"name": "a/b"})
    assert client.get(f"{TAGS}/a%2Fb").json()["name"] == "a/b"


def test_a_name_is_taken_once(client: Client) -> None:
    client.post(TAGS, {"name": "vip"})
    answer = client.post(TAGS, {"name": "VIP "})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")


def test_a_name_of_digits_alone_is_refused_because_it_reads_as_an_id(client: Client) -> None:
    assert client.post(TAGS, {"name": "123"}).json()["field"] == "name"


def test_patching_changes_what_is_given_and_archives(client: Client) -> None:
    client.post(TAGS, {"name": "vip", "description": "the best"})
    changed = client.patch(f"{TAGS}/vip", {"name": "gold", "archived": True}).json()
    assert (changed["name"], changed["description"]) == ("gold", "the best")
    assert changed["archived_at"] is not None
    assert client.patch(f"{TAGS}/gold", {"archived": False}).json()["archived_at"] is None


def test_a_tag_in_use_is_not_deleted_and_the_refusal_lists_by_what(client: Client) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)), name="Welcome")
    answer = client.delete(f"{TAGS}/vip")
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "in_use")
    assert [(one["kind"], one["name"]) for one in problem["used_by"]] == [("automation", "Welcome")]


def test_an_unused_tag_is_deleted(client: Client) -> None:
    client.post(TAGS, {"name": "vip"})
    assert client.delete(f"{TAGS}/vip").status_code == 204
    assert client.get(f"{TAGS}/vip").status_code == 404


def test_a_misspelled_name_is_answered_with_what_may_be_meant(client: Client) -> None:
    client.post(TAGS, {"name": "Newsletter"})
    problem = client.get(f"{TAGS}/newsleter").json()
    assert problem["did_you_mean"] == ["Newsletter"]
    assert "Did you mean “Newsletter”?" in problem["detail"]


def test_tags_are_listed_page_by_page(client: Client) -> None:
    for name in ("one", "two", "three"):
        client.post(TAGS, {"name": name})
    client.patch(f"{TAGS}/two", {"archived": True})
    first = client.get(f"{TAGS}?limit=2").json()
    rest = client.get(f"{TAGS}?limit=2&cursor={first['next_cursor']}").json()
    names = [one["name"] for one in first["data"] + rest["data"]]
    assert (names, rest["next_cursor"]) == (["one", "two", "three"], None)


@pytest.mark.parametrize(
    ("query", "names"),
    [("archived=true", ["two"]), ("archived=false", ["one", "three"]), ("q=TH", ["three"])],
)
def test_filters_narrow_the_list(client: Client, query: str, names: list[str]) -> None:
    for name in ("one", "two", "three"):
        client.post(TAGS, {"name": name})
    client.patch(f"{TAGS}/two", {"archived": True})
    answer = client.get(f"{TAGS}?{query}").json()
    assert [one["name"] for one in answer["data"]] == names
