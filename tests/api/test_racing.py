"""A delete that races with a use: one of the two is refused with its sentence, on both databases.

Two real transactions: the first is held open until the second waits for it.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest
from sqlmodel import Session

from rxapp.api.app import create_api
from rxapp.auth import keys
from rxapp.db.engine import reading, writing
from rxapp.db.models import Assignment, Automation, JobKind, Role, Source
from rxapp.dispatch.jobs import JobRunner
from rxapp.domain import jobs, partners, tag_catalog, templates
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.api.conftest import Client
from tests.patience import PATIENCE, somebody_waits, until

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def client() -> Client:
    with writing() as s:
        return Client(create_api(), keys.create(s, "a test", Role.ADMIN))


@pytest.fixture
def second() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as thread:
        yield thread


def test_an_email_that_an_automation_is_being_made_with_is_not_deleted(
    client: Client, second: ThreadPoolExecutor
) -> None:
    with writing() as s:
        tag, email = f.tag(s), f.template(s)
    with writing() as s:
        f.automation(s, tag, f.email(email))
        answer = second.submit(client.request, "DELETE", f"/api/v1/templates/{email}")
        until(somebody_waits)
    assert_in_use(answer.result(), "automation")


def test_a_tag_that_is_being_assigned_is_not_deleted(
    client: Client, second: ThreadPoolExecutor
) -> None:
    with writing() as s:
        tag, ada = f.tag(s), f.partner(s)
    with writing() as s:
        assign_tags(s, tag, [ada], source=Source.API, actor="a test")
        answer = second.submit(client.request, "DELETE", f"/api/v1/tags/{tag}")
        until(somebody_waits)
    assert_in_use(answer.result(), "partners")


def assert_in_use(answer: httpx.Response, kind: str) -> None:
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "in_use")
    assert [one["kind"] for one in told["used_by"]] == [kind]


def begin(second: ThreadPoolExecutor, delete: Callable[[Session], None]) -> Future[None]:
    """Delete in a transaction that ends when somebody waits for it."""
    deleted = threading.Event()

    def run() -> None:
        with writing() as s:
            delete(s)
            deleted.set()
            until(somebody_waits)

    ending = second.submit(run)
    assert deleted.wait(PATIENCE)
    return ending


@pytest.mark.parametrize("gone", ["email", "tag"])
def test_an_automation_made_with_what_is_being_deleted_is_refused_and_not_made(
    client: Client, second: ThreadPoolExecutor, gone: str
) -> None:
    with writing() as s:
        tag, email = f.tag(s), f.template(s)

    def delete(session: Session) -> None:
        if gone == "email":
            templates.delete(session, email, "ann")
        else:
            tag_catalog.delete(session, tag, actor="ann")

    ending = begin(second, delete)
    made = {"tag": tag, "actions": [{"template": email}]}
    answer = client.request("POST", "/api/v1/automations", json=made)
    ending.result()
    assert answer.status_code in (404, 409, 422), answer.text
    assert answer.json()["detail"].endswith((".", "”."))
    with reading() as s:
        assert f.rows(s, Automation) == []


def test_a_partner_erased_at_that_moment_is_not_tagged(
    client: Client, second: ThreadPoolExecutor
) -> None:
    with writing() as s:
        tag, ada = f.tag(s), f.partner(s)
    ending = begin(second, lambda session: partners.delete(session, ada, "ann"))
    answer = client.request("POST", f"/api/v1/partners/{ada}/tags", json={"tag": tag})
    ending.result()
    assert answer.status_code in (404, 409), answer.text
    with reading() as s:
        assert f.rows(s, Assignment) == []


def test_a_tag_deleted_by_two_at_once_is_deleted_once(
    client: Client, second: ThreadPoolExecutor
) -> None:
    with writing() as s:
        tag = f.tag(s)
    ending = begin(second, lambda session: tag_catalog.delete(session, tag, actor="ann"))
    answer = client.request("DELETE", f"/api/v1/tags/{tag}")
    ending.result()
    assert answer.status_code == 404, answer.text


def test_a_bulk_action_goes_on_without_the_partner_erased_in_the_middle_of_it(
    client: Client, second: ThreadPoolExecutor
) -> None:
    with writing() as s:
        tag, everybody = f.tag(s), f.partners(s, 3)
        job = jobs.start_bulk(s, JobKind.ASSIGN, tag, everybody, actor="ann").id
    ending = begin(second, lambda session: partners.delete(session, everybody[1], "ann"))
    assert JobRunner("a-test").work_off_one()
    ending.result()
    with reading() as s:
        assert jobs.view(s, job).status == "done"
        assert {row.partner_id for row in f.rows(s, Assignment)} == {everybody[0], everybody[2]}
