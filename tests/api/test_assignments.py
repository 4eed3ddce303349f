"""Assigning over the REST API: the answer says what will be emailed, and what not and why."""

from typing import Any

import pytest

from rxapp.db.engine import reading, writing
from rxapp.db.models import Assignment, Cause, Consent, Send
from tests import factory as f
from tests.api.conftest import Client


@pytest.fixture
def vip(database: str) -> int:
    """A tag with an automation that sends an email."""
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)), name="Welcome")
        return vip


def partner(name: str, **values: Any) -> int:
    with writing() as s:
        return f.partner(s, name, **values)


def tags_of(partner_id: int) -> str:
    return f"/api/v1/partners/{partner_id}/tags"


def test_assigning_answers_with_the_assignment_and_its_sends(client: Client, vip: int) -> None:
    ada = partner("ada")
    answer = client.post(tags_of(ada), {"tag": "VIP"})
    assert answer.status_code == 200
    done = answer.json()
    assert done["result"] == "added"
    (send,) = done["sends"]
    assert (send["status"], send["reason"], send["explanation"]) == ("queued", "", "")
    assert (send["partner_id"], send["tag"], send["automation"]) == (ada, "vip", "Welcome")
    assert (send["template"], send["source"]) == ("Welcome", "api")
    assert send["actor"] == "API key “a admin”"
    with reading() as s:
        (assignment,) = f.rows(s, Assignment)
    assert done["assignment_id"] == send["assignment_id"] == assignment.id
    assert client.get(f"/api/v1/partners/{ada}").json()["tags"] == ["vip"]


def test_a_tag_already_held_does_nothing(client: Client, vip: int) -> None:
    ada = partner("ada")
    first = client.post(tags_of(ada), {"tag": vip}).json()
    again = client.post(tags_of(ada), {"tag": vip}).json()
    assert again == {
        "result": "already",
        "assignment_id": first["assignment_id"],
        "sends": [],
    }


def test_untag_and_retag_is_a_new_assignment_and_emails_again(client: Client, vip: int) -> None:
    ada = partner("ada")
    first = client.post(tags_of(ada), {"tag": "vip"}).json()
    assert client.delete(f"{tags_of(ada)}/vip").json() == {"result": "removed"}
    assert client.delete(f"{tags_of(ada)}/vip").json() == {"result": "missing"}
    second = client.post(tags_of(ada), {"tag": "vip"}).json()
    assert second["result"] == "added"
    assert second["assignment_id"] != first["assignment_id"]
    assert [one["status"] for one in second["sends"]] == ["queued"]


def test_a_send_that_will_not_leave_says_why(client: Client, vip: int) -> None:
    ada = partner("ada", consent=Consent.UNSUBSCRIBED)
    (send,) = client.post(tags_of(ada), {"tag": "vip"}).json()["sends"]
    assert (send["status"], send["reason"]) == ("skipped", "unsubscribed")
    assert send["explanation"] == "This partner has unsubscribed from marketing emails."


def test_the_sends_of_a_chain_are_all_told(client: Client, vip: int) -> None:
    with writing() as s:
        gold = f.tag(s, "gold")
        f.automation(s, vip, f.adds(gold))
        f.automation(s, gold, f.email(f.template(s, "Gold")))
    done = client.post(tags_of(partner("ada")), {"tag": "vip"}).json()
    assert [(one["template"], one["source"]) for one in done["sends"]] == [
        ("Welcome", "api"),
        ("Gold", "automation"),
    ]


def test_tagging_without_automations_sends_nothing(client: Client, vip: int) -> None:
    ada = partner("ada")
    done = client.post(tags_of(ada), {"tag": "vip", "run_automations": False}).json()
    assert (done["result"], done["sends"]) == ("added", [])
    with reading() as s:
        assert f.rows(s, Send) == []


def test_an_assignment_a_chain_ended_at_once_is_still_named(client: Client, vip: int) -> None:
    with writing() as s:
        once = f.tag(s, "once")
        f.automation(s, once, f.removes(once))
    done = client.post(tags_of(partner("ada")), {"tag": "once"}).json()
    assert (done["result"], isinstance(done["assignment_id"], int)) == ("added", True)


@pytest.mark.parametrize("tag", ["vpi", "", 999, "9" * 30])
def test_an_unknown_tag_is_refused_and_not_made(client: Client, vip: int, tag: object) -> None:
    answer = client.post(tags_of(partner("ada")), {"tag": tag})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert [one["name"] for one in client.get("/api/v1/tags").json()["data"]] == ["vip"]


def test_an_archived_tag_is_not_assigned(client: Client, vip: int) -> None:
    client.patch("/api/v1/tags/vip", {"archived": True})
    answer = client.post(tags_of(partner("ada")), {"tag": "vip"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_an_unknown_partner_is_refused(client: Client, vip: int) -> None:
    assert client.post("/api/v1/partners/email:a@b.co/tags", {"tag": "vip"}).status_code == 404


def bulk(name: str = "vip") -> str:
    return f"/api/v1/tags/{name}/assignments"


def test_bulk_counts_everybody_it_was_given(client: Client, vip: int) -> None:
    ada, bob, cyd = partner("ada"), partner("bob", key="b-1"), partner("cyd")
    dot = partner("dot", consent=Consent.UNSUBSCRIBED)
    client.post(tags_of(cyd), {"tag": "vip"})
    named = [ada, "key:b-1", "cyd@partners.test", f"{dot}", "nobody@partners.test", 999, ada]
    answer = client.post(bulk(), {"partners": named})
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "added": 3,
            "already": 1,
            "queued": 2,
            "skipped": {"unsubscribed": 1},
            "unknown": ["nobody@partners.test", 999],
        },
    )
    with reading() as s:
        assert [one.bulk for one in f.rows(s, Send)] == [False, True, True, True]
        assert {one.source for one in f.rows(s, Cause)} == {"api"}
    assert bob


def test_bulk_removes_and_counts(client: Client, vip: int) -> None:
    ada, bob = partner("ada"), partner("bob")
    client.post(tags_of(ada), {"tag": "vip"})
    answer = client.delete(bulk(), json={"partners": [ada, bob, "x@partners.test"]})
    assert answer.json() == {"removed": 1, "missing": 1, "unknown": ["x@partners.test"]}


def test_bulk_may_tag_without_sending(client: Client, vip: int) -> None:
    body = {"partners": [partner("ada")], "run_automations": False}
    done = client.post(bulk(), body).json()
    assert (done["added"], done["queued"]) == (1, 0)


@pytest.mark.slow
def test_bulk_takes_ten_thousand_and_no_more(client: Client, vip: int) -> None:
    with writing() as s:
        ids = f.partners(s, 10_000)
    assert client.post(bulk(), {"partners": ids}).json()["queued"] == 10_000
    answer = client.post(bulk(), {"partners": [*ids, 1]})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "partners: at most 10000 are taken at once"


def test_a_bulk_of_nobody_does_nothing(client: Client, vip: int) -> None:
    done = client.post(bulk(), {"partners": []}).json()
    assert (done["added"], done["unknown"]) == (0, [])


def test_preflight_tells_what_bulk_would_do_and_does_nothing(client: Client, vip: int) -> None:
    with writing() as s:
        f.automation(s, vip, f.adds(f.tag(s, "gold")))
    ada, bob = partner("ada"), partner("bob", email=None)
    body = {"partners": [ada, bob, "x@partners.test"]}
    foreseen = client.post("/api/v1/tags/vip/preflight", body).json()
    assert foreseen["tags_added"] == {"gold": 2}
    emails = {one["status"]: one for one in foreseen["emails"]}
    assert emails["queued"]["examples"][0]["id"] == ada
    assert emails["skipped"]["reason"] == "no_address"
    with reading() as s:
        assert f.rows(s, Assignment) == f.rows(s, Send) == []
    done = client.post(bulk(), body).json()
    assert {name: foreseen[name] for name in done} == done
