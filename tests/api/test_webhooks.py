"""The provider's events."""

import base64
import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from rxapp import config
from rxapp.db.engine import reading, writing
from rxapp.db.models import Partner, ProviderEvent, Send, SendStatus, Source
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.api.conftest import Client

SECRET = "whsec_" + base64.b64encode(b"a secret of the tests").decode()
PROVIDER_ID = "4ef9a417-02e9-4d39-ad75-9611e0fcc33c"


@pytest.fixture(autouse=True)
def signing_secret(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESEND_WEBHOOK_SECRET", SECRET)
    config.get_settings.cache_clear()


@pytest.fixture
def send_id() -> int:
    """A send that the provider accepted."""
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, [f.partner(s)], source=Source.API, actor="a test")
        send = f.rows(s, Send)[0]
        send.status, send.provider_id = SendStatus.SENT, PROVIDER_ID
        send.recipient = "ada@partners.test"
        return int(send.id)


def event(kind: str, event_id: str = "", **data: Any) -> dict[str, Any]:
    """What `deliver` posts: an event under its Svix id."""
    body = {
        "type": kind,
        "created_at": datetime.now(UTC).isoformat(),
        "data": {"email_id": PROVIDER_ID, **data},
    }
    return {"id": event_id or f"msg_{secrets.token_hex(8)}", "body": json.dumps(body)}


def deliver(
    client: Client, told: dict[str, Any], secret: str = SECRET, path: str = "/webhooks/resend"
) -> httpx.Response:
    stamp = str(int(datetime.now(UTC).timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{told['id']}.{stamp}.{told['body']}".encode()
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    headers = {
        "svix-id": told["id"],
        "svix-timestamp": stamp,
        "svix-signature": f"v1,{signature}",
        "content-type": "application/json",
    }
    return client.post(path, content=told["body"], headers=headers)


def status(send_id: int) -> str:
    with reading() as s:
        send = s.get(Send, send_id)
        assert send is not None
        return send.status


def test_an_event_steps_its_send(anybody: Client, send_id: int) -> None:
    answer = deliver(anybody, event("email.delivered"))
    assert (answer.status_code, answer.json()) == (200, {"result": "new"})
    assert status(send_id) == "delivered"


def test_an_event_delivered_twice_counts_once(anybody: Client, send_id: int) -> None:
    told = event("email.delivered", "msg_1")
    deliver(anybody, told)
    again = deliver(anybody, told)
    assert (again.status_code, again.json()) == (200, {"result": "known"})
    with reading() as s:
        assert len(f.rows(s, ProviderEvent)) == 1


def test_a_permanent_bounce_stops_mail_to_the_address(anybody: Client, send_id: int) -> None:
    bounce = {"type": "Permanent", "subType": "General", "message": "No such mailbox"}
    deliver(anybody, event("email.bounced", bounce=bounce))
    assert status(send_id) == "bounced"
    with reading() as s:
        assert f.rows(s, Partner)[0].deliverability == "bounced"


@pytest.mark.parametrize("to", [["ada@partners.test"], "Ada@partners.test"])
def test_a_complaint_of_somebody_who_was_erased_meanwhile_outlives_them(
    client: Client, anybody: Client, send_id: int, to: object
) -> None:
    assert client.delete("/api/v1/partners/email:ada@partners.test").status_code == 204
    told = event("email.complained", tags={"send": str(send_id)}, to=to)
    assert deliver(anybody, told).json() == {"result": "new"}
    again = client.post("/api/v1/partners", {"email": "ada@partners.test"}).json()
    assert again["deliverability"] == "complained"


@pytest.mark.parametrize("said", ["\ud83d", "a\x00b", "x" * 100_000])
@pytest.mark.parametrize("when", ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", 5])
def test_a_bounce_counts_whatever_it_says_and_whenever(
    anybody: Client, send_id: int, said: str, when: object
) -> None:
    told = event("email.bounced", bounce={"type": "Permanent", "message": said})
    told["body"] = json.dumps(json.loads(told["body"]) | {"created_at": when})
    assert deliver(anybody, told).status_code == 200
    assert status(send_id) == "bounced"
    with reading() as s:
        assert f.rows(s, Partner)[0].deliverability == "bounced"


@pytest.mark.parametrize("odd", ["e\ud83d", "\x00", "e" * 5_000, 5, None, [], {}])
def test_an_odd_id_is_taken_or_refused_in_words(anybody: Client, send_id: int, odd: Any) -> None:
    assert deliver(anybody, event("email.bounced", email_id=odd)).status_code in {200, 422}
    assert deliver(anybody, event("email.sent", "m" * 5_000)).status_code == 422
    assert status(send_id) == "sent"


def test_brackets_without_end_are_refused_in_words(anybody: Client) -> None:
    answer = deliver(anybody, {"id": "msg_1", "body": "[" * 200_000})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_the_address_may_end_in_a_slash(anybody: Client, send_id: int) -> None:
    assert deliver(anybody, event("email.delivered"), path="/webhooks/resend/").status_code == 200
    assert status(send_id) == "delivered"


def test_an_event_about_no_known_send_is_kept_for_later(anybody: Client) -> None:
    assert deliver(anybody, event("email.delivered")).status_code == 200
    with reading() as s:
        assert [one.applied_at for one in f.rows(s, ProviderEvent)] == [None]


def test_an_event_finds_the_send_its_email_was_tagged_with(anybody: Client, send_id: int) -> None:
    with writing() as s:
        send = s.get(Send, send_id)
        assert send is not None
        send.status, send.provider_id = SendStatus.UNKNOWN, None
    deliver(anybody, event("email.delivered", tags={"send": str(send_id)}))
    assert status(send_id) == "delivered"


def test_an_event_about_something_else_is_taken_and_ignored(anybody: Client) -> None:
    answer = deliver(anybody, {"id": "msg_1", "body": json.dumps({"type": "domain.created"})})
    assert (answer.status_code, answer.json()) == (200, {"result": "ignored"})


def test_a_signature_that_does_not_hold_is_refused(anybody: Client, send_id: int) -> None:
    other = "whsec_" + base64.b64encode(b"somebody else's secret").decode()
    answer = deliver(anybody, event("email.delivered"), secret=other)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert anybody.post("/webhooks/resend", {"type": "email.delivered"}).status_code == 401
    assert status(send_id) == "sent"


def test_signed_nonsense_is_refused_in_words(anybody: Client) -> None:
    answer = deliver(anybody, {"id": "msg_1", "body": "[1, 2"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_without_a_secret_events_are_asked_for_later(
    anybody: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESEND_WEBHOOK_SECRET", "")
    config.get_settings.cache_clear()
    answer = deliver(anybody, event("email.delivered"))
    assert (answer.status_code, answer.json()["code"]) == (503, "not_set_up")
