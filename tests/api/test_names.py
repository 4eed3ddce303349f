"""Names in addresses: what was accepted is found, and no name leads to something else."""

from urllib.parse import quote

import httpx
import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Partner, Tag
from tests import factory as f
from tests.api.conftest import Client

TAGS, PARTNERS = "/api/v1/tags", "/api/v1/partners"
# As they are typed and pasted, and what is kept of them.
TYPED = {
    "v\u00adip\u200b": "vip",
    "\ufeffgold\ufe0f": "gold",
    "\u2068a\u2069 \u00a0b": "a b",
    "👨\u200d👩 family\u200d": "👨\u200d👩 family",
}
IN_ADDRESSES = [
    "/vip", "a/b", "vip/", "a?b", "a#b", "50%", "%2F", "a%2e", "a/tags/b", "x/assignments",
    "x/preflight", "a\\b", "v1.", ".net", "..a", "a+b", "a&b=c", "ü/ö", "🏳️\u200d🌈",
]  # fmt: skip
LEADING_UP = [
    ".",
    "..",
    "...",
    "../../1",
    "a/../b",
    "./a",
    "a/.",
    "..\\..\\1",
    "%2e%2e",
    "%2E/x",
    "\u200b..\u00ad",
]


@pytest.mark.parametrize("typed", TYPED)
def test_a_tag_is_called_what_is_seen_for_making_and_for_finding(
    client: Client, typed: str
) -> None:
    made = client.post(TAGS, {"name": typed})
    assert made.json()["name"] == TYPED[typed]
    assert client.post(TAGS, {"name": TYPED[typed]}).status_code == 409
    for name in (typed, TYPED[typed]):
        assert client.get(f"{TAGS}/{quote(name, safe='')}").json()["id"] == made.json()["id"]
        assert len(client.get(TAGS, params={"q": name}).json()["data"]) == 1
    with writing() as s:
        ada = f.partner(s)
    assert client.post(f"{PARTNERS}/{ada}/tags", {"tag": typed}).json()["result"] == "added"
    assert len(client.get(PARTNERS, params={"tag": typed}).json()["data"]) == 1
    assert client.delete(f"{PARTNERS}/{ada}/tags/{quote(typed, safe='')}").status_code == 200


def test_a_partner_is_found_by_what_was_accepted(client: Client) -> None:
    typed = {
        "email": "\u2068Ada@example.com\u2069",
        "key": "ac\u00adme-1",
        "first_name": "A\u200bda",
    }
    made = client.post(PARTNERS, typed | {"fields": {"lev\u200bel": "go\u200bld"}}).json()
    assert (made["email"], made["key"], made["first_name"]) == ("Ada@example.com", "acme-1", "Ada")
    assert made["fields"] == {"level": "gold"}
    for ref in (
        "email:ada@example.com\u200b",
        "key:acme-1\ufeff",
        "k\u200bey:acme-1",
        f"{made['id']}\u200b",
    ):
        assert client.get(f"{PARTNERS}/{quote(ref, safe='')}").json() == made
    assert client.get(PARTNERS, params={"email": "ada@\u00adexample.com"}).json()["data"] == [made]
    assert client.get(PARTNERS, params={"q": "a\u00adda"}).json()["data"] == [made]


@pytest.mark.parametrize("name", IN_ADDRESSES)
def test_a_name_is_reached_encoded_and_only_it_is_changed(client: Client, name: str) -> None:
    path = quote(name, safe="")
    with writing() as s:
        ada = f.partner(s, key=name)
        f.tag(s, "b")
    tag = client.post(TAGS, {"name": name}).json()
    assert tag["name"] == name
    assert client.get(f"{TAGS}/{path}").json() == tag
    assert client.get(f"{PARTNERS}/key:{path}").json()["id"] == ada
    held = f"{PARTNERS}/key:{path}/tags"
    assert client.post(held, {"tag": name}).json()["result"] == "added"
    assert client.post(f"{TAGS}/{path}/preflight", {"partners": [ada]}).json()["already"] == 1
    assert client.delete(f"{held}/{path}").json() == {"result": "removed"}
    assert (
        client.post(f"{TAGS}/{path}/assignments", {"partners": [f"key:{name}"]}).status_code == 200
    )
    assert client.patch(f"{TAGS}/{path}", {"color": "red"}).json()["color"] == "red"
    assert client.delete(f"{PARTNERS}/key:{path}").status_code == 204
    unused = client.post(TAGS, {"name": f"{name}!"}).json()
    assert client.delete(f"{TAGS}/{quote(unused['name'], safe='')}").status_code == 204
    with reading() as s:
        assert f.rows(s, Partner) == []
        assert {one.name for one in f.rows(s, Tag)} == {"b", name}


@pytest.mark.parametrize("name", LEADING_UP)
def test_a_name_that_leads_up_in_an_address_is_refused(client: Client, name: str) -> None:
    with writing() as s:
        vip, ada = f.tag(s), f.partner(s)
    for answer in (
        client.post(TAGS, {"name": name}),
        client.patch(f"{TAGS}/{vip}", {"name": name}),
        client.post(PARTNERS, {"first_name": "Bob", "key": name}),
        client.patch(f"{PARTNERS}/{ada}", {"key": name}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert answer.json()["field"] in {"name", "key"}


def test_what_was_called_so_before_is_read_renamed_and_deleted_by_its_id(client: Client) -> None:
    with writing() as s:
        old, other = f.tag(s, ".."), f.tag(s, ".")
        ada = f.partner(s, key="..")
    assert client.get(f"{TAGS}/{old}").json()["name"] == ".."
    assert client.patch(f"{TAGS}/{old}", {"name": "..", "color": "red"}).json()["color"] == "red"
    assert client.patch(f"{TAGS}/{old}", {"name": "dots"}).json()["name"] == "dots"
    assert client.delete(f"{TAGS}/{other}").status_code == 204
    assert client.patch(f"{PARTNERS}/{ada}", {"key": "..", "company": "A"}).json()["company"] == "A"
    # A client that tidies addresses asks for the tag and means the partner: never again by a name
    # of ours.
    assert httpx.URL(f"http://a{PARTNERS}/{ada}/tags/..").path == f"{PARTNERS}/{ada}"


@pytest.mark.parametrize("path", ["a%0Ab", "%0A", "a%0Ab/tags", "x/%0A/y"])
def test_a_line_break_in_an_address_is_answered_by_the_api(client: Client, path: str) -> None:
    for method in ("GET", "DELETE"):
        answer = client.request(method, f"/api/v1/tags/{path}")
        assert answer.headers["content-type"] == "application/problem+json"
