"""Every route states the role it needs, and holds to it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from rxapp.api.deps import stated_role
from rxapp.auth.roles import allows
from rxapp.db.models import Role
from tests.api.conftest import Client

# Open to anybody; the gate says so, too. What they do is guarded by a signature or changes nothing.
OPEN = {
    ("GET", "/healthz"),
    ("GET", "/images/{name}"),
    ("POST", "/webhooks/resend"),
    ("POST", "/webhooks/resend/"),
    ("GET", "/unsubscribe/{token}"),
    ("POST", "/unsubscribe/{token}"),
    # Whatever else begins with "unsubscribe": links come back damaged.
    ("GET", "/{token}"),
    ("POST", "/{token}"),
}
# Reads, though they are asked with POST.
READS = {
    ("POST", "/api/v1/templates/{template}/preview"),
    ("POST", "/api/studio/preview"),
    ("POST", "/api/studio/gaps"),
}
# What is not listed here takes the role `viewer` to read and `editor` to change.
ADMINS = {
    ("DELETE", "/api/v1/partners/{partner}"),
    ("GET", "/api/v1/exports/partners"),
    ("GET", "/api/v1/exports/sends"),
    ("GET", "/api/studio/sends/{send}/unsubscribe"),
    ("POST", "/api/v1/tags/{tag}/assignments"),
    ("DELETE", "/api/v1/tags/{tag}/assignments"),
    ("POST", "/api/v1/automations"),
    ("PATCH", "/api/v1/automations/{automation}"),
    ("DELETE", "/api/v1/automations/{automation}"),
}


class Call(NamedTuple):
    method: str
    path: str
    role: Role | None


def calls(api: FastAPI) -> Iterator[Call]:
    """Every route of the API's own, with the role it states."""
    for route in iter_route_contexts(api.routes):
        if isinstance(route.original_route, APIRoute):
            for method in route.methods or ():
                yield Call(method, str(route.path_format), stated_role(route))


def test_every_route_states_the_role_that_is_meant(api: FastAPI) -> None:
    def meant(call: Call) -> Role | None:
        if call[:2] in OPEN:
            return None
        if call[:2] in ADMINS:
            return Role.ADMIN
        reads = call.method == "GET" or call[:2] in READS
        return Role.VIEWER if reads else Role.EDITOR

    found = list(calls(api))
    assert {call: meant(call) for call in found} == {call: call.role for call in found}
    assert {call[:2] for call in found} >= OPEN | ADMINS | READS


def test_nothing_but_what_is_open_answers_anybody(api: FastAPI, anybody: Client) -> None:
    for call in calls(api):
        answer = anybody.request(call.method, call.path.format_map(Ones(token="unsubscribe/1")))
        # The webhook asks for a signature instead, and here none is set up.
        if call[:2] not in OPEN:
            assert answer.status_code == 401, call
            assert answer.json()["code"] == "not_authenticated"
        else:
            assert answer.status_code != 401, call


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_as_far_as_it_goes(
    api: FastAPI, client_of: Callable[[Role], Client], role: Role
) -> None:
    client = client_of(role)
    for call in calls(api):
        if call.role is None:
            continue
        answer = client.request(call.method, call.path.format_map(Ones(token="unsubscribe/1")))
        if allows(role, call.role):
            assert answer.status_code not in (401, 403), call
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), call


def test_a_key_that_is_none_is_refused(api: FastAPI, database: str) -> None:
    assert Client(api, "rx_made_up").get("/api/v1/partners").status_code == 401


class Ones(dict[str, str]):
    """Every name in a path stands for the id 1."""

    def __missing__(self, _: str) -> str:
        return "1"
