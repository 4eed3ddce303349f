"""Behind the question mark: what a route does not know is refused, and a plus is a plus."""

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from rxapp.api.queries import parameters
from rxapp.db.engine import writing
from rxapp.db.models import Source
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.api.conftest import Client


def api_routes(api: FastAPI) -> list[tuple[str, str, APIRoute]]:
    return [
        (method, re.sub(r"\{[^}]*\}", "1", str(route.path)), route.original_route)
        for route in iter_route_contexts(api.routes)
        if isinstance(route.original_route, APIRoute) and str(route.path).startswith("/api/")
        for method in sorted(route.methods or ())
    ]


def test_no_route_takes_a_parameter_it_does_not_know(api: FastAPI, client: Client) -> None:
    routes = api_routes(api)
    assert len(routes) > 30
    for method, path, route in routes:
        answer = client.request(method, f"{path}?stauts=active")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), path
        assert "“stauts” is no parameter here." in answer.json()["detail"], path
        known = answer.json()["known"]
        assert known == [*parameters(route)]
        assert all(one in answer.json()["detail"] for one in known)


def test_what_can_be_given_once_is_taken_once(api: FastAPI, client: Client) -> None:
    walked = 0
    for method, path, route in api_routes(api):
        for name, several in parameters(route).items():
            answer = client.request(method, f"{path}?{name}=1&{name}=2")
            told = answer.text if answer.status_code == 422 else ""
            assert ("can be given only once" in told) is not several, (path, name)
            walked += 1
    assert walked > 20


def test_a_status_of_sends_can_be_given_several_times(client: Client) -> None:
    assert client.get("/api/v1/sends?status=sent&status=queued").status_code == 200


@pytest.mark.parametrize("odd", ["", "%00", "%ED%A0%BD", "x" * 3_000, "%3Cscript%3E", "email%00"])
def test_an_odd_name_is_refused_in_words(client: Client, odd: str) -> None:
    answer = client.get(f"/api/v1/partners?{odd}=1")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert len(answer.text) < 1_000


def test_who_only_looks_or_reports_may_hang_on_what_they_like(client: Client) -> None:
    assert client.get("/healthz?x=1").status_code == 200
    assert client.get("/metrics?x=1&x=2").status_code == 200
    assert client.post("/webhooks/resend?x=1").status_code in {401, 503}


@pytest.mark.parametrize("written", ["a+b@x.test", "a%2Bb@x.test", "a%2bb%40x.test", "A+B@X.test"])
def test_an_address_with_a_plus_is_found_however_it_is_written(
    client: Client, written: str
) -> None:
    with writing() as s:
        plus, _ = f.partner(s, email="a+b@x.test"), f.partner(s, email="ab@x.test")
        f.automation(s, vip := f.tag(s), f.email(f.template(s)))
        assign_tags(s, vip, [plus], source=Source.API, actor="crm")
    found = client.get(f"/api/v1/partners?email={written}").json()["data"]
    assert [one["id"] for one in found] == [plus]
    assert len(client.get(f"/api/v1/sends?partner={written}").json()["data"]) == 1
    assert plus in [one["id"] for one in client.get(f"/api/v1/partners?q={written}").json()["data"]]


def test_an_address_that_begins_with_a_plus_is_found(client: Client) -> None:
    with writing() as s:
        plus = f.partner(s, email="+ada@x.test")
    found = client.get("/api/v1/partners?email=+ada@x.test").json()["data"]
    assert [one["id"] for one in found] == [plus]


def test_elsewhere_a_plus_is_a_blank_as_forms_write_it(client: Client) -> None:
    with writing() as s:
        ada = f.partner(s, last_name="King Noel")
        tag = f.tag(s, "first sale")
        assign_tags(s, tag, [ada], source=Source.API, actor="crm")
    for query in ("q=ada+noel", "tag=first+sale"):
        assert len(client.get(f"/api/v1/partners?{query}").json()["data"]) == 1
