"""However the provider answers, or does not: the outcome loses no email and doubles none."""

import hashlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from resend.exceptions import ResendError

from rxapp.dispatch.provider import (
    Accepted,
    Answered,
    Outcome,
    Provider,
    RateLimit,
    Refused,
    Rejected,
    RetryLater,
    Stop,
)
from rxapp.dispatch.resend import ResendProvider, read_answer, read_error
from tests.fakes.resend import FakeResend
from tests.patience import PATIENCE

TIMEOUT = 0.3


@pytest.fixture
def fake() -> Iterator[FakeResend]:
    with FakeResend(rate=0) as fake:
        yield fake


@pytest.fixture
def provider(fake: FakeResend) -> Iterator[ResendProvider]:
    provider = ResendProvider("re_test", fake.url, timeout=TIMEOUT)
    yield provider
    provider.close()


def an_email(to: str = "ada@mail.example", **changes: Any) -> dict[str, Any]:
    return {
        "from": "Acme <hello@partners.example>",
        "to": [to],
        "subject": "Grüße ✉",
        "html": "<p>Hello</p>",
        "text": "Hello",
        "tags": [{"name": "send", "value": "1"}],
        **changes,
    }


def payload(*addresses: str) -> bytes:
    return orjson.dumps([an_email(to) for to in addresses or ["ada@mail.example"]])


def ids(outcome: Outcome) -> list[str]:
    assert isinstance(outcome, Answered)
    return [result.provider_id for result in outcome.results if isinstance(result, Accepted)]


class TestAccepted:
    def test_results_are_in_the_order_of_the_request(
        self, fake: FakeResend, provider: Provider
    ) -> None:
        addresses = [f"p{n}@mail.example" for n in range(100)]
        outcome = provider.send_batch(payload(*addresses), "k")
        assert ids(outcome) == [entry.id for entry in fake.ledger()]
        assert [entry.to for entry in fake.ledger()] == addresses

    def test_frozen_bytes_are_the_bytes_on_the_wire(
        self, fake: FakeResend, provider: Provider
    ) -> None:
        # Spacing, key order, escapes and number format that no encoder would write again.
        frozen = b' [{"to" :["ada@mail.example"], "from":"a@partners.example",\n'
        frozen += b'"subject":"\\u00fc\\/ \xc3\xbc","html":"x","extra":1.50e0}]\n'
        ids(provider.send_batch(frozen, "k"))
        [request] = fake.requests()
        assert request.sha256 == hashlib.sha256(frozen).hexdigest()
        assert request.key == "k"

    def test_bad_emails_are_refused_by_themselves(
        self, fake: FakeResend, provider: Provider
    ) -> None:
        outcome = provider.send_batch(
            payload("nobody", "ada@mail.example", "also nobody", "bob@mail.example"), "k"
        )
        assert isinstance(outcome, Answered)
        kinds = [type(result) for result in outcome.results]
        assert kinds == [Refused, Accepted, Refused, Accepted]
        assert [entry.to for entry in fake.ledger()] == ["ada@mail.example", "bob@mail.example"]
        assert ids(outcome) == [entry.id for entry in fake.ledger()]
        refused = outcome.results[0]
        assert isinstance(refused, Refused)
        assert "Invalid `to` field" in refused.message

    def test_whole_batch_can_be_refused_email_by_email(self, provider: Provider) -> None:
        outcome = provider.send_batch(payload("nobody", "no one"), "k")
        assert isinstance(outcome, Answered)
        assert [type(result) for result in outcome.results] == [Refused, Refused]

    def test_rate_limit_is_read(self, fake: FakeResend, provider: Provider) -> None:
        fake.configure(rate=10)
        outcome = provider.send_batch(payload(), "k")
        assert outcome.rate == RateLimit(requests=10, window=1, remaining=9, reset=1)

    def test_connection_is_kept_and_shared_safely(
        self, fake: FakeResend, provider: Provider
    ) -> None:
        for n in range(5):
            provider.send_batch(payload(), f"k{n}")
        assert len({request.connection for request in fake.requests()}) == 1
        batches = {f"t{n}": payload(f"p{n}@mail.example") for n in range(40)}
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(provider.send_batch, batches.values(), batches))
        posted = {
            request.key: request.sha256 for request in fake.requests() if request.key in batches
        }
        assert posted == {key: hashlib.sha256(body).hexdigest() for key, body in batches.items()}
        assert len({request.connection for request in fake.requests()}) <= 4

    def test_connection_closed_meanwhile_is_replaced(
        self, fake: FakeResend, provider: Provider
    ) -> None:
        fake.fail_next("close")
        ids(provider.send_batch(payload(), "k1"))
        assert fake.stats()["accepted"] == 1  # a round trip, by which the farewell has arrived
        ids(provider.send_batch(payload(), "k2"))
        assert len({request.connection for request in fake.requests()}) == 2


class TestNoAnswer:
    """The batch may be out: the same bytes under the same key find out without doubling."""

    @pytest.mark.parametrize("kind", ["reset", "drop", "truncate", "hang", "accept_hang"])
    def test_retry_with_the_same_key_sends_once(
        self, fake: FakeResend, provider: Provider, kind: str
    ) -> None:
        fake.fail_next(kind)
        outcome = provider.send_batch(payload(), "k")
        assert isinstance(outcome, RetryLater)
        assert (outcome.answered, outcome.maybe_sent, outcome.throttled) == (False, True, False)
        again = provider.send_batch(payload(), "k")
        assert ids(again) == [entry.id for entry in fake.ledger()]
        assert fake.counts("send") == {("ada@mail.example", "1"): 1}

    def test_reset_of_a_kept_connection_is_not_retried_behind_our_back(
        self, fake: FakeResend, provider: Provider
    ) -> None:
        ids(provider.send_batch(payload(), "k1"))
        fake.fail_next("reset")
        assert isinstance(provider.send_batch(payload(), "k2"), RetryLater)
        assert [request.key for request in fake.requests()] == ["k1", "k2"]

    def test_unreachable_provider_was_sent_nothing(
        self, fake: FakeResend, provider: Provider
    ) -> None:
        fake.stop()
        outcome = provider.send_batch(payload(), "k")
        assert isinstance(outcome, RetryLater)
        assert (outcome.answered, outcome.maybe_sent) == (False, False)
        assert outcome.reason == "Resend cannot be reached."

    def test_unknown_host_was_sent_nothing(self) -> None:
        provider = ResendProvider("re_test", "http://nowhere.invalid", timeout=TIMEOUT)
        outcome = provider.send_batch(payload(), "k")
        assert isinstance(outcome, RetryLater)
        assert outcome.maybe_sent is False

    def test_something_that_is_not_http(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as thread:
            port = server.getsockname()[1]
            provider = ResendProvider("re_test", f"http://127.0.0.1:{port}", timeout=TIMEOUT)
            posted = thread.submit(provider.send_batch, payload(), "k")
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n")
            outcome = posted.result(PATIENCE)
        assert isinstance(outcome, RetryLater)
        assert outcome.maybe_sent is True
        provider.close()


class TestUnusableAnswers:
    @pytest.mark.parametrize(
        "kind", ["500", "503", "502", "accept_500", "accept_502", "garbage", "short", "locked"]
    )
    def test_retry_with_the_same_key_sends_once(
        self, fake: FakeResend, provider: Provider, kind: str
    ) -> None:
        fake.fail_next(kind)
        outcome = provider.send_batch(payload(), "k")
        assert isinstance(outcome, RetryLater)
        assert (outcome.answered, outcome.throttled) == (True, False)
        assert outcome.rate is not None
        again = provider.send_batch(payload(), "k")
        assert ids(again) == [entry.id for entry in fake.ledger()]
        assert len(fake.ledger()) == 1

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            [],
            "queued",
            {},
            {"data": None},
            {"data": []},
            {"data": [{"id": "a"}]},
            {"data": [{"id": "a"}, {"id": ""}]},
            {"data": [{"id": "a"}, {}]},
            {"data": [{"id": "a"}, {"id": None}]},
            {"data": [{"id": "a"}, {"id": "b"}, {"id": "c"}]},
            {"data": [{"id": "a"}], "errors": [{"index": 2, "message": "m"}]},
            {"data": [{"id": "a"}], "errors": [{"index": "0", "message": "m"}]},
            {"data": [{"id": "a"}], "errors": [{"message": "m"}]},
            {"data": [{"id": "a"}, {"id": "b"}], "errors": [{"index": 0, "message": "m"}]},
        ],
    )
    def test_success_must_account_for_every_email(self, answer: object) -> None:
        assert isinstance(read_answer(answer, 2), RetryLater)

    @pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'{"statusCode": "strange"}', b"{"])
    def test_no_json_surprises_the_caller(self, body: bytes) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as thread:
            port = server.getsockname()[1]
            provider = ResendProvider("re_test", f"http://127.0.0.1:{port}", timeout=20)
            posted = thread.submit(provider.send_batch, payload(), "k")
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d"
                connection.sendall(head % len(body) + b"\r\n\r\n" + body)
                outcome = posted.result(PATIENCE)
        assert isinstance(outcome, RetryLater)
        provider.close()


class TestRefusals:
    def test_too_fast(self, provider: Provider, fake: FakeResend) -> None:
        fake.fail_next("429")
        outcome = provider.send_batch(payload(), "k")
        assert isinstance(outcome, RetryLater)
        assert (outcome.throttled, outcome.after) == (True, 1.0)
        assert (outcome.answered, outcome.maybe_sent) == (True, False)

    def test_daily_quota_stops_until_the_next_utc_midnight(
        self, provider: Provider, fake: FakeResend
    ) -> None:
        fake.fail_next("daily_quota")
        outcome = provider.send_batch(payload(), "k")
        assert isinstance(outcome, Stop)
        assert outcome.code == "daily_quota"
        assert outcome.until is not None
        assert outcome.until.time() == datetime.min.time()
        assert timedelta() < outcome.until - datetime.now(UTC) <= timedelta(days=1)

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            ("monthly_quota", "monthly_quota"),
            ("401", "key_refused"),
            ("403", "key_refused"),
            ("domain", "domain_refused"),
        ],
    )
    def test_refused_account_stops_sending(
        self, provider: Provider, fake: FakeResend, kind: str, code: str
    ) -> None:
        fake.fail_next(kind)
        outcome = provider.send_batch(payload(), "k")
        assert isinstance(outcome, Stop)
        assert (outcome.code, outcome.until) == (code, None)
        assert outcome.rate is not None
        assert fake.ledger() == []

    def test_unknown_key_stops_sending(self, fake: FakeResend) -> None:
        provider = ResendProvider("not a key", fake.url)
        outcome = provider.send_batch(payload(), "k")
        assert isinstance(outcome, Stop)
        assert outcome.code == "key_refused"
        provider.close()

    def test_batch_refused_as_a_whole(self, provider: Provider, fake: FakeResend) -> None:
        fake.configure(honour_permissive=False)
        outcome = provider.send_batch(payload("ada@mail.example", "nobody"), "k")
        assert isinstance(outcome, Rejected)
        assert "Invalid `to` field" in outcome.message
        assert outcome.maybe_sent is False
        assert fake.ledger() == []

    def test_key_in_flight_is_asked_again_later(self, provider: Provider, fake: FakeResend) -> None:
        fake.configure(latency=0.2)
        with ThreadPoolExecutor(1) as thread:
            first = thread.submit(provider.send_batch, payload(), "k")
            fake.wait("requests", 1)
            second = provider.send_batch(payload(), "k")
            assert isinstance(second, RetryLater)
            assert second.maybe_sent is True
            assert ids(first.result()) == ids(provider.send_batch(payload(), "k"))
        assert len(fake.ledger()) == 1

    def test_key_known_for_another_body_must_not_be_split_and_sent_again(
        self, provider: Provider
    ) -> None:
        ids(provider.send_batch(payload(), "k"))
        outcome = provider.send_batch(payload("bob@mail.example"), "k")
        assert isinstance(outcome, Rejected)
        assert outcome.maybe_sent is True

    def test_wrong_api_address_fails_no_email(self, fake: FakeResend) -> None:
        provider = ResendProvider("re_test", fake.url + "/v1/")
        assert isinstance(provider.send_batch(payload(), "k"), RetryLater)
        provider.close()


class TestErrorTable:
    """Names and statuses from resend.com/docs/api-reference/errors that the fake does not make."""

    @pytest.mark.parametrize(
        ("status", "name", "kind"),
        [
            (400, "invalid_idempotency_key", Rejected),
            (400, "validation_error", Rejected),
            (401, "restricted_api_key", Stop),
            (403, "invalid_permission", Stop),
            (403, "invalid_api_key", Stop),
            (403, "application_error", RetryLater),
            (404, "not_found", RetryLater),
            (405, "method_not_allowed", RetryLater),
            (409, "concurrent_idempotent_requests", RetryLater),
            (409, "something_new", RetryLater),
            (413, "payload_too_large", Rejected),
            (422, "invalid_attachment", Rejected),
            (422, "something_new", Rejected),
            (429, "something_new", RetryLater),
            (500, "application_error", RetryLater),
            (529, "something_new", RetryLater),
            ("strange", "something_new", RetryLater),
        ],
    )
    def test_outcome(self, status: int | str, name: str, kind: type) -> None:
        assert isinstance(read_error(ResendError(status, name, "Why.", "")), kind)

    @pytest.mark.parametrize(
        ("value", "low", "high"),
        [("7", 7, 7), ("0.5", 0.5, 0.5), ("Wed, 21 Oct 2065 07:28:00 GMT", 1e9, 2e9)],
    )
    def test_retry_after_is_seconds_or_a_date(self, value: str, low: float, high: float) -> None:
        error = ResendError(503, "service_unavailable", "Why.", "", {"retry-after": value})
        outcome = read_error(error)
        assert isinstance(outcome, RetryLater)
        assert outcome.after is not None
        assert low <= outcome.after <= high

    @pytest.mark.parametrize("value", ["", "soon", "-1"])
    def test_retry_after_that_makes_no_sense_is_no_wish(self, value: str) -> None:
        error = ResendError(503, "service_unavailable", "Why.", "", {"retry-after": value})
        outcome = read_error(error)
        assert isinstance(outcome, RetryLater)
        assert outcome.after is None

    @pytest.mark.parametrize(
        ("headers", "rate"),
        [
            ({}, None),
            ({"ratelimit-limit": "ten"}, None),
            ({"ratelimit-limit": "0"}, None),
            ({"ratelimit-limit": "2"}, RateLimit(2)),
            (
                {"ratelimit-limit": "100, 100;w=60", "ratelimit-policy": "100;w=60"},
                RateLimit(100, 60),
            ),
            (
                {"ratelimit-limit": "5", "ratelimit-remaining": "0", "ratelimit-reset": "1"},
                RateLimit(5, 1, 0, 1),
            ),
        ],
    )
    def test_rate_headers(self, headers: dict[str, str], rate: RateLimit | None) -> None:
        assert read_error(ResendError(422, "x", "Why.", "", headers)).rate == rate
