"""A write that names an `Idempotency-Key` has one effect and one answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from rxapp.db import idempotency as sql
from rxapp.db.engine import reading, writing
from rxapp.db.models import IdempotencyKey, Partner, Role
from tests import factory as f
from tests.api.conftest import Client

PARTNERS = "/api/v1/partners"
ADA = {"email": "ada@example.com"}


def create(client: Client, key: str, body: Any = None) -> httpx.Response:
    return client.post(PARTNERS, body or ADA, headers={"Idempotency-Key": key})


def number_of_partners() -> int:
    with reading() as s:
        return len(f.rows(s, Partner))


def test_the_same_key_and_body_give_the_same_answer_and_no_second_effect(client: Client) -> None:
    first, second = create(client, "k"), create(client, "k")
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert number_of_partners() == 1


def test_an_answer_without_a_body_comes_again_too(client: Client) -> None:
    made = create(client, "k").json()
    for _ in range(2):
        answer = client.delete(f"{PARTNERS}/{made['id']}", headers={"Idempotency-Key": "d"})
        assert (answer.status_code, answer.content) == (204, b"")


def test_another_body_or_address_under_the_key_is_refused(client: Client) -> None:
    made = create(client, "k").json()
    other = create(client, "k", {"email": "bob@example.com"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    elsewhere = client.delete(f"{PARTNERS}/{made['id']}", headers={"Idempotency-Key": "k"})
    assert elsewhere.status_code == 409
    assert number_of_partners() == 1


def test_keys_of_two_clients_have_nothing_to_do_with_each_other(
    client: Client, client_of: Any
) -> None:
    assert create(client, "k").status_code == 201
    other = create(client_of(Role.ADMIN), "k", {"email": "bob@example.com"})
    assert other.status_code == 201


def test_a_refused_write_leaves_its_key_free(client: Client) -> None:
    assert create(client, "k", {"email": "nonsense"}).status_code == 422
    assert create(client, "k").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "k" * 257, "a\tb"])
def test_a_key_that_is_none_is_refused(client: Client, key: str) -> None:
    answer = create(client, key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert number_of_partners() == 0


def test_requests_at_the_same_time_under_one_key_have_one_effect(client: Client) -> None:
    start = threading.Barrier(8)

    def ask(_: int) -> httpx.Response:
        start.wait()
        return create(client, "k")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(8)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    assert sum("idempotency-replayed" not in one.headers for one in answers) == 1
    assert number_of_partners() == 1


def test_after_a_crash_in_between_the_key_is_as_free_as_the_effect_is_undone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise RuntimeError("the process ends here, the answer not kept yet")

    with monkeypatch.context() as patch:
        patch.setattr(sql, "keep", dies)
        assert create(client, "k").status_code == 500
    assert number_of_partners() == 0
    assert create(client, "k").status_code == 201
    assert number_of_partners() == 1


def test_a_key_is_forgotten_after_24_hours(client: Client) -> None:
    made = create(client, "k").json()
    _age(timedelta(hours=23, minutes=59))
    assert create(client, "k").json() == made
    _age(timedelta(minutes=2))
    assert create(client, "k").json()["code"] == "already_exists"


def test_what_is_outdated_is_cleared_away(client: Client) -> None:
    for number in range(3):
        create(client, f"old {number}", {"key": f"p{number}"})
    _age(timedelta(hours=25))
    create(client, "new")
    with reading() as s:
        assert [one.key for one in f.all_rows(s, IdempotencyKey)] == ["new"]


def test_an_assignment_under_a_key_emails_once(client: Client) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
    made = create(client, "k").json()
    path = f"{PARTNERS}/{made['id']}/tags"
    first, second = (
        client.post(path, {"tag": "vip"}, headers={"Idempotency-Key": "t"}) for _ in range(2)
    )
    assert first.json() == second.json()
    assert second.json()["result"] == "added"


def test_an_answer_about_somebody_who_was_erased_is_gone_and_its_write_is_not_done_again(
    client: Client,
) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
    made = [create(client, str(n), {"first_name": f"Ada{n}", "email": e}).json()["id"]
            for n, e in enumerate(["ada@x.com", None, "eve@x.com"])]  # fmt: skip
    tagged = {"headers": {"Idempotency-Key": "t"}}
    client.post(f"{PARTNERS}/{made[0]}/tags", {"tag": "vip"}, **tagged)
    for one in made[:2]:
        assert client.delete(f"{PARTNERS}/{one}").status_code == 204
    with reading() as s:
        kept = str([one.response for one in f.all_rows(s, IdempotencyKey)])
    assert [name in kept for name in ("Ada0", "Ada1", "ada@x.com", "Ada2")] == [False] * 3 + [True]
    again = create(client, "0", {"first_name": "Ada0", "email": "ada@x.com"})
    assert (again.status_code, again.json()["code"]) == (404, "not_found")
    assert client.post(f"{PARTNERS}/{made[0]}/tags", {"tag": "vip"}, **tagged).status_code == 404
    assert number_of_partners() == 1


def _age(by: timedelta) -> None:
    """Make every kept answer older."""
    with writing() as s:
        for one in f.all_rows(s, IdempotencyKey):
            one.created_at -= by
            s.add(one)
