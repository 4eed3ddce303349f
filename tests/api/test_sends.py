"""The history over the REST API."""

from datetime import timedelta
from typing import Any

import pytest

from rxapp.db.engine import writing
from rxapp.db.models import Consent, Send, SendStatus
from rxapp.db.types import utcnow
from tests import factory as f
from tests.api.conftest import Client

SENDS = "/api/v1/sends"


@pytest.fixture
def program(database: str) -> dict[str, int]:
    """Two tags that each send an email, and two partners, one of them unsubscribed."""
    with writing() as s:
        ids = {"vip": f.tag(s), "gold": f.tag(s, "gold"), "ada": f.partner(s)}
        ids["bob"] = f.partner(s, "bob", consent=Consent.UNSUBSCRIBED)
        ids["welcome"], ids["golden"] = f.template(s), f.template(s, "Golden")
        ids["on vip"] = f.automation(s, ids["vip"], f.email(ids["welcome"]))
        ids["on gold"] = f.automation(s, ids["gold"], f.email(ids["golden"]))
    return ids


def assign(client: Client, partner_id: int, tag: str) -> dict[str, Any]:
    """Assign, and return the one send of it."""
    (send,) = client.post(f"/api/v1/partners/{partner_id}/tags", {"tag": tag}).json()["sends"]
    found: dict[str, Any] = send
    return found


def found(client: Client, query: str = "") -> list[int]:
    answer = client.get(f"{SENDS}?{query}")
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["data"]]


def test_filters_narrow_the_history(client: Client, program: dict[str, int]) -> None:
    one = assign(client, program["ada"], "vip")["id"]
    two = assign(client, program["bob"], "vip")["id"]
    three = assign(client, program["ada"], "gold")["id"]
    assert found(client) == [three, two, one]
    assert found(client, f"partner={program['ada']}") == [three, one]
    assert found(client, "partner=email:bob%40partners.test") == [two]
    assert found(client, "partner=nobody%40partners.test") == []
    assert found(client, "status=skipped") == [two]
    assert found(client, "status=queued&status=skipped&tag=vip") == [two, one]
    assert found(client, f"automation={program['on gold']}") == [three]
    assert found(client, f"template={program['welcome']}") == [two, one]
    assert found(client, "tag=GOLD") == [three]
    assert found(client, "tag=none") == []


def test_since_is_included_and_until_is_not(client: Client, program: dict[str, int]) -> None:
    send = assign(client, program["ada"], "vip")
    moment = send["created_at"].replace("+", "%2B")
    assert found(client, f"since={moment}") == [send["id"]]
    assert found(client, f"until={moment}") == []
    tomorrow = (utcnow() + timedelta(days=1)).date()
    assert found(client, f"until={tomorrow}") == [send["id"]]
    assert found(client, f"since={tomorrow}T00:00:00") == []


@pytest.mark.parametrize(
    "query", ["since=yesterday", "since=0001-01-01T00:00:00%2B14:00", "automation=x", "status=no"]
)
def test_a_filter_that_means_nothing_is_refused(client: Client, query: str) -> None:
    assert client.get(f"{SENDS}?{query}").json()["code"] == "invalid_input"


def test_pages_go_back_in_time_while_new_sends_arrive(
    client: Client, program: dict[str, int]
) -> None:
    old = [
        assign(client, program[who], tag)["id"] for who in ("ada", "bob") for tag in ("vip", "gold")
    ]
    first = client.get(f"{SENDS}?limit=3").json()
    client.delete(f"/api/v1/partners/{program['ada']}/tags/vip")
    assign(client, program["ada"], "vip")
    second = client.get(f"{SENDS}?limit=3&cursor={first['next_cursor']}").json()
    assert [one["id"] for one in first["data"] + second["data"]] == old[::-1]
    assert second["next_cursor"] is None


def test_a_send_tells_the_whole_chain_that_led_to_it(
    client: Client, program: dict[str, int]
) -> None:
    with writing() as s:
        f.automation(s, f.tag(s, "new"), f.adds(program["gold"]), name="Go gold")
    send = assign(client, program["ada"], "new")
    told = client.get(f"{SENDS}/{send['id']}").json()
    assert [(one["source"], one["tag"], one["automation"]) for one in told["causes"]] == [
        ("api", "new", None),
        ("automation", "gold", "Go gold"),
    ]
    assert told["sent_email"] is None
    assert {name: told[name] for name in send} == send


def test_a_waiting_send_is_canceled_once(client: Client, program: dict[str, int]) -> None:
    send = assign(client, program["ada"], "vip")
    canceled = client.post(f"{SENDS}/{send['id']}/cancel").json()
    assert (canceled["status"], canceled["explanation"]) == (
        "canceled",
        "Canceled by a person before it left.",
    )
    again = client.post(f"{SENDS}/{send['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_status")


def test_sending_again_is_a_new_send_that_names_the_old_one(
    client: Client, program: dict[str, int]
) -> None:
    old = assign(client, program["ada"], "vip")
    early = client.post(f"{SENDS}/{old['id']}/resend")
    assert (early.status_code, early.json()["code"]) == (409, "wrong_status")
    with writing() as s:
        row = s.get(Send, old["id"])
        assert row is not None
        row.status = SendStatus.DELIVERED
    answer = client.post(f"{SENDS}/{old['id']}/resend")
    new = answer.json()
    assert (answer.status_code, new["status"], new["resend_of"]) == (201, "queued", old["id"])
    assert new["resent_by"] == "API key “a admin”"


@pytest.mark.parametrize("call", ["GET {}", "POST {}/resend", "POST {}/cancel"])
@pytest.mark.parametrize("send", ["999", "9" * 20, "-1"])
def test_a_send_that_is_not_there_is_not_found(client: Client, call: str, send: str) -> None:
    method, path = call.format(f"{SENDS}/{send}").split()
    assert client.request(method, path).json()["code"] == "not_found"
