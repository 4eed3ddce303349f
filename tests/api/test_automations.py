"""Automations over the REST API."""

from typing import Any

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Job
from tests import factory as f
from tests.api.conftest import Client

AUTOMATIONS = "/api/v1/automations"


@pytest.fixture
def ids(database: str) -> dict[str, int]:
    """Tags vip and gold, and the email Welcome."""
    with writing() as s:
        return {"vip": f.tag(s), "gold": f.tag(s, "gold"), "welcome": f.template(s)}


def create(client: Client, **automation: Any) -> dict[str, Any]:
    answer = client.post(AUTOMATIONS, automation)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_an_automation_is_made_of_names_or_ids(client: Client, ids: dict[str, int]) -> None:
    by_name = create(
        client,
        tag="VIP",
        actions=[
            {"template": "welcome", "delay_seconds": 3600, "needs_tag": False},
            {"kind": "add_tag", "tag": "gold"},
        ],
    )
    assert by_name["sentence"] == (
        "When *vip* is assigned → after 1 hour send *Welcome* → add tag *gold*"
    )
    first, second = by_name["actions"]
    assert (first["template_id"], first["delay_seconds"]) == (ids["welcome"], 3600)
    assert (second["kind"], second["tag_id"], second["tag"]) == ("add_tag", ids["gold"], "gold")
    by_id = create(client, tag_id=ids["gold"], actions=[{"template_id": ids["welcome"]}])
    assert (by_id["tag"], by_id["enabled"]) == ("gold", True)
    listed = client.get(AUTOMATIONS).json()["data"]
    assert [one["id"] for one in listed] == [by_name["id"], by_id["id"]]
    assert client.get(f"{AUTOMATIONS}/{by_id['id']}").json() == listed[1]


def test_what_is_read_can_be_sent_back_and_changes_nothing(
    client: Client, ids: dict[str, int]
) -> None:
    made = create(client, tag="vip", actions=[{"template": "Welcome"}])
    back = {name: made[name] for name in ("name", "tag_id", "tag", "actions", "enabled")}
    changed = client.patch(f"{AUTOMATIONS}/{made['id']}", back).json()
    assert changed == made


def test_patching_changes_what_is_given(client: Client, ids: dict[str, int]) -> None:
    made = create(client, tag="vip", actions=[{"template": "Welcome"}])
    path = f"{AUTOMATIONS}/{made['id']}"
    assert client.patch(path, {"enabled": False}).json()["enabled"] is False
    changed = client.patch(path, {"name": "Hi", "tag": "gold"}).json()
    assert (changed["name"], changed["tag"], changed["enabled"]) == ("Hi", "gold", False)
    assert changed["actions"] == made["actions"]


@pytest.mark.parametrize(
    ("automation", "field"),
    [
        ({"actions": [{"template": "Welcome"}]}, "tag_id"),
        ({"tag": "vip", "actions": []}, "actions"),
        ({"tag": "vip"}, "actions"),
        ({"tag": "none", "actions": [{"template": "Welcome"}]}, "tag"),
        ({"tag": "vip", "actions": [{"template": "none"}]}, "actions.0.template"),
        ({"tag": "vip", "actions": [{"kind": "add_tag", "tag": "none"}]}, "actions.0.tag"),
        ({"tag": "vip", "actions": [{"kind": "dance"}]}, "actions.0.kind"),
        ({"tag": "vip", "actions": [{"template_id": 10**12}]}, "actions.0.template_id"),
        ({"tag": "vip", "actions": [{"template": "Welcome", "delay_seconds": -1}]},
         "actions.0.delay_seconds"),
        ({"tag": "vip", "actions": [{"template": "Welcome", "delay_seconds": 10**12}]}, "actions"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_place(
    client: Client, ids: dict[str, int], automation: dict[str, Any], field: str
) -> None:
    answer = client.post(AUTOMATIONS, automation)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["field"] == field


def test_automations_that_would_go_round_for_ever_are_refused(
    client: Client, ids: dict[str, int]
) -> None:
    create(
        client,
        tag="vip",
        actions=[{"kind": "add_tag", "tag": "gold"}, {"kind": "remove_tag", "tag": "vip"}],
    )
    answer = client.post(
        AUTOMATIONS,
        {
            "tag": "gold",
            "actions": [{"kind": "add_tag", "tag": "vip"}, {"kind": "remove_tag", "tag": "gold"}],
        },
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "automation_loop")
    assert len(client.get(AUTOMATIONS).json()["data"]) == 1


def test_switching_on_includes_those_who_have_the_tag_only_when_asked(
    client: Client, ids: dict[str, int]
) -> None:
    with writing() as s:
        ada = f.partner(s)
    client.post(f"/api/v1/partners/{ada}/tags", {"tag": "vip"})
    made = create(client, tag="vip", actions=[{"template": "Welcome"}], enabled=False)
    path = f"{AUTOMATIONS}/{made['id']}"
    assert client.patch(path, {"enabled": True}).json()["job_id"] is None
    included = client.patch(path, {"enabled": True, "include_existing": True}).json()
    with reading() as s:
        (job,) = f.rows(s, Job)
    assert (included["job_id"], job.kind, job.total) == (job.id, "backfill", 1)


def test_nobody_is_included_in_what_is_switched_off(client: Client, ids: dict[str, int]) -> None:
    answer = client.post(
        AUTOMATIONS,
        {
            "tag": "vip",
            "actions": [{"template": "Welcome"}],
            "enabled": False,
            "include_existing": True,
        },
    )
    assert (answer.status_code, answer.json()["field"]) == (422, "include_existing")
    assert client.get(AUTOMATIONS).json()["data"] == []


def test_a_deleted_automation_is_gone_and_fires_no_more(
    client: Client, ids: dict[str, int]
) -> None:
    made = create(client, tag="vip", actions=[{"template": "Welcome"}])
    path = f"{AUTOMATIONS}/{made['id']}"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == client.delete(path).status_code == 404
    with writing() as s:
        ada = f.partner(s)
    assert client.post(f"/api/v1/partners/{ada}/tags", {"tag": "vip"}).json()["sends"] == []


def test_filters_narrow_the_list(client: Client, ids: dict[str, int]) -> None:
    one = create(client, tag="vip", actions=[{"template": "Welcome"}])
    two = create(client, tag="gold", actions=[{"template": "Welcome"}], enabled=False)

    def found(query: str) -> list[int]:
        return [row["id"] for row in client.get(f"{AUTOMATIONS}?{query}").json()["data"]]

    assert found("tag=VIP") == found("enabled=true") == [one["id"]]
    assert found("enabled=false") == [two["id"]]
    assert found("tag=none") == []
    assert found("limit=1") == [one["id"]]


def test_a_change_based_on_an_older_version_is_refused(client: Client, ids: dict[str, int]) -> None:
    made = create(client, tag="vip", actions=[{"template": "Welcome"}])
    path = f"{AUTOMATIONS}/{made['id']}"
    assert made["version"] == 1
    first = client.patch(path, {"enabled": False, "based_on": 1}).json()
    assert first["version"] == 2
    late = client.patch(path, {"name": "Late", "based_on": 1})
    assert (late.status_code, late.json()["code"], late.json()["version"]) == (409, "overtaken", 2)
    assert client.get(path).json()["name"] == made["name"]
    # Who names no version has the last word.
    assert client.patch(path, {"name": "Last"}).json()["version"] == 3
    unknown = client.post(
        AUTOMATIONS, {"tag": "vip", "actions": [{"template_id": 1}], "based_on": 1}
    )
    assert unknown.status_code == 422
