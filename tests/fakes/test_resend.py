"""The fake provider is as strict, as forgetful and as unreliable as the real one."""

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import orjson
import pytest
import resend
import urllib3
from resend.exceptions import ResendError

from tests.fakes.resend import FakeProcess, FakeResend
from tests.fakes.resend_control import FakeControl
from tests.fakes.resend_webhooks import WRONG_SECRET
from tests.patience import PATIENCE

HEADERS = {"authorization": "Bearer re_test", "user-agent": "test"}
DAY = 24 * 3600


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeResend]:
    with FakeResend(rate=0) as fake:
        monkeypatch.setattr(resend, "api_url", fake.url)
        monkeypatch.setattr(resend, "api_key", "re_test")
        yield fake


def an_email(to: str | list[str] = "ada@mail.example", **changes: Any) -> dict[str, Any]:
    return {
        "from": "Acme <hello@partners.example>",
        "to": [to] if isinstance(to, str) else to,
        "subject": "Hello",
        "html": "<p>Hello</p>",
        "tags": [{"name": "send", "value": "1"}],
        **changes,
    }


def post(
    fake: FakeControl, path: str, body: Any, headers: dict[str, str] | None = None
) -> urllib3.BaseHTTPResponse:
    with urllib3.PoolManager() as pool:
        return pool.request(
            "POST",
            fake.url + path,
            body=orjson.dumps(body),
            headers={**HEADERS, **(headers or {})},
            retries=False,
            timeout=PATIENCE,
        )


def refusal(response: urllib3.BaseHTTPResponse) -> tuple[int, str, str]:
    body = response.json()
    assert body["statusCode"] == response.status
    return response.status, body["name"], body["message"]


class TestOfficialSdk:
    def test_single_send_can_be_looked_up(self, fake: FakeResend) -> None:
        sent = resend.Emails.send(an_email(), {"idempotency_key": "one"})  # type: ignore[arg-type]
        found = resend.Emails.get(sent["id"])
        assert found["to"] == ["ada@mail.example"]
        assert found["last_event"] in ("sent", "delivered")
        [entry] = fake.ledger()
        assert (entry.id, entry.key, entry.tags) == (sent["id"], "one", {"send": "1"})
        assert time.time() - entry.accepted_at < 5

    def test_batch_answers_in_order(self, fake: FakeResend) -> None:
        batch: Any = [an_email(f"p{n}@mail.example") for n in range(100)]
        answer = resend.Batch.send(batch, {"idempotency_key": "batch"})
        assert [row["id"] for row in answer["data"]] == [entry.id for entry in fake.ledger()]
        assert [entry.to for entry in fake.ledger()] == [f"p{n}@mail.example" for n in range(100)]

    def test_permissive_batch_leaves_out_the_bad_ones(self, fake: FakeResend) -> None:
        batch: Any = [an_email("nobody"), an_email(), an_email(subject="")]
        answer = resend.Batch.send(batch, {"batch_validation": "permissive"})
        assert len(answer["data"]) == 1
        assert [error["index"] for error in answer["errors"]] == [0, 2]
        assert answer["errors"][1]["message"] == "Missing `subject` field."

    def test_strict_batch_is_all_or_nothing(self, fake: FakeResend) -> None:
        batch: Any = [an_email(), an_email("nobody")]
        with pytest.raises(ResendError, match="Invalid `to` field") as raised:
            resend.Batch.send(batch)
        assert raised.value.code == 422
        assert fake.ledger() == []

    def test_a_provider_without_permissive_mode_is_strict(self, fake: FakeResend) -> None:
        fake.configure(honour_permissive=False)
        batch: Any = [an_email(), an_email("nobody")]
        with pytest.raises(ResendError):
            resend.Batch.send(batch, {"batch_validation": "permissive"})
        assert fake.ledger() == []

    def test_domains_are_listed_with_their_status(self, fake: FakeResend) -> None:
        listed = resend.Domains.list()["data"]
        assert {d["name"]: d["status"] for d in listed} == {
            "partners.example": "verified",
            "pending.example": "pending",
        }

    def test_scheduled_email_can_be_canceled_once(self, fake: FakeResend) -> None:
        sent = resend.Emails.send(an_email(scheduled_at="2999-01-01T00:00:00Z"))  # type: ignore[arg-type]
        assert resend.Emails.get(sent["id"])["last_event"] == "scheduled"
        resend.Emails.cancel(sent["id"])
        assert resend.Emails.get(sent["id"])["last_event"] == "canceled"
        with pytest.raises(ResendError):
            resend.Emails.cancel(sent["id"])

    def test_unknown_email_is_not_found(self, fake: FakeResend) -> None:
        with pytest.raises(ResendError) as raised:
            resend.Emails.get("00000000-0000-4000-8000-000000000000")
        assert (raised.value.code, raised.value.error_type) == (404, "not_found")


class TestAccess:
    def test_no_key(self, fake: FakeResend) -> None:
        answer = post(fake, "/emails", an_email(), {"authorization": ""})
        assert refusal(answer)[:2] == (401, "missing_api_key")

    @pytest.mark.parametrize(
        ("status", "name"), [(401, "validation_error"), (403, "invalid_api_key")]
    )
    def test_unknown_key(self, fake: FakeResend, status: int, name: str) -> None:
        fake.configure(api_keys=["re_other"], unknown_key_status=status)
        assert refusal(post(fake, "/emails", an_email()))[:2] == (status, name)

    def test_sending_key_may_only_send(self, fake: FakeResend) -> None:
        fake.configure(restricted_keys=["re_test"])
        assert post(fake, "/emails", an_email()).status == 200
        with pytest.raises(ResendError) as raised:
            resend.Domains.list()
        assert raised.value.error_type == "restricted_api_key"

    def test_no_user_agent(self, fake: FakeResend) -> None:
        answer = post(fake, "/emails", an_email(), {"user-agent": urllib3.util.SKIP_HEADER})
        assert (answer.status, answer.data) == (403, b"error code: 1010")

    def test_unverified_sender(self, fake: FakeResend) -> None:
        fake.configure(verify_domains=True)
        email = an_email(**{"from": "x@pending.example"})
        status, name, message = refusal(post(fake, "/emails/batch", [email]))
        assert (status, name) == (403, "validation_error")
        assert "`pending.example` domain is not verified" in message
        assert post(fake, "/emails", an_email()).status == 200

    def test_testing_sender_reaches_only_the_owner(self, fake: FakeResend) -> None:
        fake.configure(verify_domains=True)
        sender = {"from": "onboarding@resend.dev"}
        assert post(fake, "/emails", an_email("owner@partners.example", **sender)).status == 200
        assert refusal(post(fake, "/emails", an_email(**sender)))[0] == 403


class TestPace:
    def test_eleventh_request_in_a_second_is_throttled(self) -> None:
        with FakeResend(clock=lambda: 1000.5) as fake:
            answers = [post(fake, "/emails", an_email()) for _ in range(11)]
            assert [a.headers["ratelimit-remaining"] for a in answers] == [
                *(str(n) for n in range(9, -1, -1)),
                "0",
            ]
            assert refusal(answers[-1])[:2] == (429, "rate_limit_exceeded")
            assert answers[-1].headers["retry-after"] == "1"
            assert answers[0].headers["ratelimit-policy"] == "10;w=1"
            fake.advance(1)
            assert post(fake, "/emails", an_email()).status == 200
            assert len(fake.ledger()) == 11

    def test_throttled_request_leaves_its_key_unused(self) -> None:
        with FakeResend(rate=1, clock=lambda: 1000.0) as fake:
            post(fake, "/emails", an_email())
            key = {"idempotency-key": "k"}
            assert post(fake, "/emails", an_email(), key).status == 429
            fake.advance(1)
            assert post(fake, "/emails", an_email(subject="Other"), key).status == 200

    def test_daily_quota_counts_recipients_per_utc_day(self) -> None:
        with FakeResend(rate=0, daily_quota=3, clock=lambda: 1000.0) as fake:
            email = an_email(cc=["bob@mail.example"])
            assert post(fake, "/emails", email).headers["x-resend-daily-quota"] == "2"
            assert refusal(post(fake, "/emails", email))[:2] == (429, "daily_quota_exceeded")
            fake.advance(DAY)
            assert post(fake, "/emails", email).status == 200

    def test_monthly_quota(self, fake: FakeResend) -> None:
        fake.configure(monthly_quota=1)
        two = [an_email(), an_email()]
        assert refusal(post(fake, "/emails/batch", two))[:2] == (429, "monthly_quota_exceeded")
        assert fake.ledger() == []


class TestValidation:
    @pytest.mark.parametrize(
        ("changes", "name", "says"),
        [
            ({"from": ""}, "missing_required_field", "Missing `from` field."),
            ({"to": []}, "missing_required_field", "Missing `to` field."),
            ({"html": ""}, "missing_required_field", "Missing `html` or `text` field."),
            ({"to": ["two words@mail.example"]}, "validation_error", "Invalid `to` field."),
            ({"from": "Acme hello@partners.example"}, "validation_error", "Invalid `from` field."),
            ({"to": ["jürgen@mail.example"]}, "validation_error", "Invalid `to` field."),
            ({"to": ["x@example.com"]}, "validation_error", "testing email address"),
            ({"to": ["x@mail.example"] * 51}, "validation_error", "at most 50"),
            ({"tags": [{"name": "to", "value": "a@b.co"}]}, "validation_error", "ASCII letters"),
            ({"tags": [{"name": "a", "value": "b" * 257}]}, "validation_error", "256"),
            ({"tags": [{"name": "a", "value": "b"}] * 76}, "validation_error", "75"),
            ({"template": {"id": "x"}}, "validation_error", "template"),
            ({"headers": {"X-Number": 1}}, "validation_error", "headers"),
        ],
    )
    def test_bad_email_is_refused(
        self, fake: FakeResend, changes: dict[str, Any], name: str, says: str
    ) -> None:
        status, named, message = refusal(post(fake, "/emails", an_email(**changes)))
        assert (status, named) == (422, name)
        assert says in message
        assert fake.ledger() == []

    def test_batch_must_be_an_array(self, fake: FakeResend) -> None:
        message = refusal(post(fake, "/emails/batch", an_email()))[2]
        assert message == "The `request.body` field must be an `array`."

    @pytest.mark.parametrize("number", [0, 101])
    def test_batch_takes_one_to_a_hundred(self, fake: FakeResend, number: int) -> None:
        assert refusal(post(fake, "/emails/batch", [an_email()] * number))[0] == 422

    def test_batch_takes_no_attachments(self, fake: FakeResend) -> None:
        email = an_email(attachments=[{"filename": "a", "content": "YQ=="}])
        assert "attachments" in refusal(post(fake, "/emails/batch", [email]))[2]
        assert post(fake, "/emails", email).status == 200


class TestIdempotency:
    KEY = {"idempotency-key": "k"}  # noqa: RUF012 - a constant

    def test_same_key_and_body_replays_the_answer(self, fake: FakeResend) -> None:
        first = post(fake, "/emails/batch", [an_email()], self.KEY)
        again = post(fake, "/emails/batch", [an_email()], self.KEY)
        assert first.json() == again.json()
        assert fake.stats()["accepted"] == 1
        assert fake.stats()["replayed"] == 1

    def test_other_body_is_refused(self, fake: FakeResend) -> None:
        post(fake, "/emails", an_email(), self.KEY)
        answer = post(fake, "/emails", an_email(subject="Other"), self.KEY)
        assert refusal(answer)[:2] == (409, "invalid_idempotent_request")

    def test_key_belongs_to_its_endpoint(self, fake: FakeResend) -> None:
        post(fake, "/emails", an_email(), self.KEY)
        assert post(fake, "/emails/batch", [an_email()], self.KEY).status == 200

    def test_first_request_still_in_flight(self, fake: FakeResend) -> None:
        fake.configure(latency=0.3)
        answers: list[int] = []
        body = an_email()
        first = Thread(target=lambda: answers.append(post(fake, "/emails", body, self.KEY).status))
        first.start()
        fake.wait("requests", 1)
        assert refusal(post(fake, "/emails", body, self.KEY))[:2] == (
            409,
            "concurrent_idempotent_requests",
        )
        first.join()
        assert answers == [200]
        assert post(fake, "/emails", body, self.KEY).status == 200
        assert len(fake.ledger()) == 1

    def test_errors_are_not_kept(self, fake: FakeResend) -> None:
        assert post(fake, "/emails", an_email(subject=""), self.KEY).status == 422
        assert post(fake, "/emails", an_email(), self.KEY).status == 200

    def test_key_is_forgotten_after_a_day(self, fake: FakeResend) -> None:
        first = post(fake, "/emails", an_email(), self.KEY).json()
        fake.advance(DAY - 1)
        assert post(fake, "/emails", an_email(), self.KEY).json() == first
        fake.advance(2)
        assert post(fake, "/emails", an_email(), self.KEY).json() != first
        assert fake.counts("send") == {("ada@mail.example", "1"): 2}

    @pytest.mark.parametrize("key", ["", "k" * 257])
    def test_key_has_1_to_256_characters(self, fake: FakeResend, key: str) -> None:
        answer = post(fake, "/emails", an_email(), {"idempotency-key": key})
        assert refusal(answer)[:2] == (400, "invalid_idempotency_key")


class TestFaults:
    @pytest.mark.parametrize("kind", ["500", "503", "502", "429", "401", "403", "domain", "locked"])
    def test_answered_fault_accepts_nothing(self, fake: FakeResend, kind: str) -> None:
        fake.fail_next(kind)
        assert post(fake, "/emails", an_email()).status >= 400
        assert fake.ledger() == []
        assert post(fake, "/emails", an_email()).status == 200

    def test_reset_accepts_nothing(self, fake: FakeResend) -> None:
        fake.fail_next("reset")
        with pytest.raises(urllib3.exceptions.ProtocolError, match="Connection reset"):
            post(fake, "/emails", an_email())
        assert fake.ledger() == []

    @pytest.mark.parametrize("kind", ["drop", "truncate"])
    def test_accepted_before_a_dropped_connection_is_in_the_ledger(
        self, fake: FakeResend, kind: str
    ) -> None:
        fake.fail_next(kind)
        with pytest.raises(urllib3.exceptions.HTTPError):
            post(fake, "/emails", an_email(), {"idempotency-key": "k"})
        [entry] = fake.ledger()
        again = post(fake, "/emails", an_email(), {"idempotency-key": "k"})
        assert again.json() == {"id": entry.id}
        assert len(fake.ledger()) == 1

    @pytest.mark.parametrize("kind", ["accept_500", "accept_502", "garbage"])
    def test_accepted_behind_a_bad_answer(self, fake: FakeResend, kind: str) -> None:
        fake.fail_next(kind)
        answer = post(fake, "/emails", an_email())
        assert "id" not in (answer.json() if "json" in answer.headers["content-type"] else {})
        assert len(fake.ledger()) == 1

    @pytest.mark.parametrize(("kind", "accepted"), [("hang", 0), ("accept_hang", 1)])
    def test_hanging_never_answers(self, fake: FakeResend, kind: str, accepted: int) -> None:
        fake.fail_next(kind)
        with urllib3.PoolManager() as pool, pytest.raises(urllib3.exceptions.ReadTimeoutError):
            pool.request(
                "POST",
                f"{fake.url}/emails",
                json=an_email(),
                headers=HEADERS,
                retries=False,
                timeout=0.1,
            )
        assert len(fake.ledger()) == accepted

    def test_chance_follows_its_seed(self, fake: FakeResend) -> None:
        courses = []
        for _ in range(2):
            fake.fail_sometimes({"500": 0.3, "503": 0.3}, seed=7)
            courses.append([post(fake, "/emails", an_email()).status for _ in range(20)])
        assert courses[0] == courses[1]
        assert set(courses[0]) == {200, 500, 503}

    def test_random_429_comes_in_bursts(self, fake: FakeResend) -> None:
        fake.configure(burst=3)
        fake.fail_sometimes({"429": 1.0})
        post(fake, "/emails", an_email())
        fake.fail_sometimes({})
        statuses = [post(fake, "/emails", an_email()).status for _ in range(3)]
        assert statuses == [429, 429, 200]

    def test_unknown_fault_is_named(self, fake: FakeResend) -> None:
        with pytest.raises(ValueError, match="no such fault: typo"):
            fake.fail_next("typo")

    def test_outage_keeps_the_memory(self, fake: FakeResend) -> None:
        post(fake, "/emails", an_email(), {"idempotency-key": "k"})
        url = fake.url
        fake.stop()
        with pytest.raises(urllib3.exceptions.NewConnectionError):
            post(fake, "/emails", an_email())
        fake.start()
        assert fake.url == url
        post(fake, "/emails", an_email(), {"idempotency-key": "k"})
        assert len(fake.ledger()) == 1


class TestConnections:
    def test_connections_are_kept_alive(self, fake: FakeResend) -> None:
        with urllib3.PoolManager(headers=HEADERS) as pool:
            for _ in range(3):
                pool.request("POST", f"{fake.url}/emails", json=an_email())
        assert len({request.connection for request in fake.requests()}) == 1

    def test_idle_connections_are_closed(self, fake: FakeResend) -> None:
        fake.configure(idle_timeout=0.02)
        host, _, port = fake.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
            connection.sendall(b"GET /domains HTTP/1.1\r\n\r\n")
            assert connection.recv(1000).startswith(b"HTTP/1.1 403")
            assert connection.recv(1000) == b""


class Inbox:
    """A webhook endpoint that verifies with the official SDK and answers as told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.forged = 0
        self.answers: list[int] = []
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                self.send_response(inbox.receive(dict(self.headers), body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def receive(self, headers: dict[str, str], body: str) -> int:
        names = ("id", "timestamp", "signature")
        try:
            event: Any = resend.Webhooks.verify(
                {
                    "payload": body,
                    "headers": {name: headers[f"svix-{name}"] for name in names},  # type: ignore[typeddict-item]
                    "webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                }
            )
        except ValueError:
            self.forged += 1
            return 401
        self.events.append((headers["svix-id"], event))
        return self.answers.pop(0) if self.answers else 200

    def kinds(self, email_id: str) -> list[str]:
        return [e["type"] for _, e in self.events if e["data"]["email_id"] == email_id]

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    inbox = Inbox()
    yield inbox
    inbox.close()


class TestWebhooks:
    @pytest.mark.parametrize(
        ("address", "kinds"),
        [
            ("ada@mail.example", ["email.sent", "email.delivered"]),
            ("bounced+label@resend.dev", ["email.sent", "email.bounced"]),
            ("complained@resend.dev", ["email.sent", "email.delivered", "email.complained"]),
            ("suppressed@resend.dev", ["email.suppressed"]),
        ],
    )
    def test_test_addresses_have_their_course(
        self, fake: FakeResend, inbox: Inbox, address: str, kinds: list[str]
    ) -> None:
        fake.configure(webhook_url=inbox.url)
        email_id = post(fake, "/emails", an_email(address)).json()["id"]
        fake.wait("delivered", len(kinds))
        assert sorted(inbox.kinds(email_id)) == sorted(kinds)
        assert inbox.events[0][1]["data"]["tags"] == {"send": "1"}
        assert resend.Emails.get(email_id)["last_event"] == kinds[-1].removeprefix("email.")

    def test_refused_event_comes_again_under_its_id(self, fake: FakeResend, inbox: Inbox) -> None:
        fake.configure(webhook_url=inbox.url)
        inbox.answers = [500, 404]
        post(fake, "/emails", an_email("suppressed@resend.dev"))
        fake.wait("delivered", 1)
        assert [d.status for d in fake.webhooks()] == [500, 404, 200]
        assert len({event_id for event_id, _ in inbox.events}) == 1

    def test_attempts_end_with_the_schedule(self, fake: FakeResend, inbox: Inbox) -> None:
        fake.configure(webhook_url=inbox.url, webhook_retries=[1, 1])
        inbox.answers = [500] * 9
        post(fake, "/emails", an_email("suppressed@resend.dev"))
        fake.wait("attempts", 3)
        with pytest.raises(TimeoutError):
            fake.wait("attempts", 4, timeout=0.1)

    def test_events_can_come_twice(self, fake: FakeResend, inbox: Inbox) -> None:
        fake.configure(webhook_url=inbox.url, webhook_duplicate=1.0)
        post(fake, "/emails", an_email("suppressed@resend.dev"))
        fake.wait("delivered", 2)
        assert len(inbox.events) == 2
        assert len({event_id for event_id, _ in inbox.events}) == 1

    def test_events_can_come_in_any_order(self, fake: FakeResend, inbox: Inbox) -> None:
        fake.configure(webhook_url=inbox.url, webhook_shuffle=True, webhook_workers=1)
        ids = [post(fake, "/emails", an_email()).json()["id"] for _ in range(12)]
        fake.wait("delivered", 24)
        orders = {tuple(inbox.kinds(email_id)) for email_id in ids}
        assert len(orders) == 2

    def test_bad_signature_does_not_verify(self, fake: FakeResend, inbox: Inbox) -> None:
        assert WRONG_SECRET.startswith("whsec_")
        fake.configure(webhook_url=inbox.url, webhook_bad_signature=1.0, webhook_retries=[])
        post(fake, "/emails", an_email("suppressed@resend.dev"))
        fake.wait("attempts", 1)
        assert (inbox.forged, inbox.events) == (1, [])

    def test_late_answer_is_overtaken_by_its_events(self, fake: FakeResend, inbox: Inbox) -> None:
        fake.configure(webhook_url=inbox.url, late=30)
        fake.fail_next("late")
        with urllib3.PoolManager() as pool, pytest.raises(urllib3.exceptions.ReadTimeoutError):
            pool.request(
                "POST",
                f"{fake.url}/emails",
                json=an_email(),
                headers=HEADERS,
                retries=False,
                timeout=0.2,
            )
        fake.wait("delivered", 2)

    def test_replay_has_no_second_event(self, fake: FakeResend, inbox: Inbox) -> None:
        fake.configure(webhook_url=inbox.url)
        for _ in range(2):
            body = an_email("suppressed@resend.dev")
            post(fake, "/emails", body, {"idempotency-key": "k"})
        fake.wait("delivered", 1)
        with pytest.raises(TimeoutError):
            fake.wait("delivered", 2, timeout=0.1)

    def test_any_event_can_be_made_to_happen(self, fake: FakeResend, inbox: Inbox) -> None:
        email_id = post(fake, "/emails", an_email()).json()["id"]
        fake.configure(webhook_url=inbox.url)
        event_id = fake.happen(email_id, "opened")
        fake.wait("delivered", 1)
        assert inbox.events[0][0] == event_id
        assert resend.Emails.get(email_id)["last_event"] == "opened"


class TestOwnProcess:
    def test_process_takes_the_same_settings_and_control(self) -> None:
        with FakeProcess(rate=0, api_keys=["re_test"], keep_bodies=False) as fake:
            assert post(fake, "/emails", an_email()).status == 200
            assert refusal(post(fake, "/emails", an_email(), {"authorization": "Bearer re_x"}))
            [entry] = fake.ledger()
            assert entry.html is None
            fake.fail_next("drop")
            with pytest.raises(urllib3.exceptions.ProtocolError):
                post(fake, "/emails", an_email())
            assert fake.counts("send") == {("ada@mail.example", "1"): 2}
            fake.reset()
            assert fake.ledger() == []
