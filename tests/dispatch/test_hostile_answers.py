"""Whatever the provider answers, or what stands before it: nothing stops, is lost or is doubled.

The fake provider fails as Resend does; these answers are written byte by byte.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLCertVerificationError
from typing import Any

import pytest
from resend.exceptions import ResendError
from urllib3.exceptions import SSLError

from rxapp.db.engine import reading, writing
from rxapp.db.models import Batch, Send, Source
from rxapp.db.types import utcnow
from rxapp.dispatch import http
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.dispatch.provider import Answered, Rejected, RetryLater, Stop
from rxapp.dispatch.resend import ResendProvider, read_answer, read_error
from rxapp.dispatch.settle import KEY_LASTS
from rxapp.domain.tags import assign_tags
from tests import factory as f
from tests.fakes.resend import FakeResend
from tests.patience import PATIENCE

Write = Callable[[Callable[[bytes], Any]], None]


class Stranger(ThreadingHTTPServer):
    """Answers each request by what `answers` holds next: bytes, or a function that writes them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Write] = []
        self.requests = 0


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer, and close the connection."""
        assert isinstance(self.server, Stranger)
        emails = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests += 1
        if self.server.answers:
            self.server.answers.pop(0)(self.wfile.write)
            return
        taken = [{"id": f"taken-{self.server.requests}-{n}"} for n in range(len(emails))]
        answer({"data": taken})(self.wfile.write)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def answer(body: object, *, status: str = "200 OK", head: str = "") -> Write:
    text = json.dumps(body).encode()
    lines = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{head}"
    return lambda write: write(f"{lines}content-length: {len(text)}\r\n\r\n".encode() + text)


def refusal(status: int, name: str, message: str) -> Write:
    return answer({"statusCode": status, "name": name, "message": message}, status=f"{status} No")


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    with Stranger() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def provider(stranger: Stranger) -> Iterator[ResendProvider]:
    provider = ResendProvider("re_test", f"http://127.0.0.1:{stranger.server_port}", timeout=1)
    yield provider
    provider.close()


@pytest.fixture
def to_stranger(database: str, provider: ResendProvider) -> Iterator[Dispatcher]:
    dispatcher = Dispatcher(provider, "worker-1")
    yield dispatcher
    dispatcher.close()


def tag(number: int = 2) -> None:
    with writing() as s:
        vip = f.tag(s)
        f.automation(s, vip, f.email(f.template(s)))
        assign_tags(s, vip, f.partners(s, number), source=Source.API, actor="a test")


def statuses() -> list[str]:
    with reading() as s:
        return [str(send.status) for send in f.rows(s, Send)]


@pytest.mark.parametrize(
    "said",
    [
        {"data": [{"id": "one"}, {"id": "one"}]},
        {"data": [{"id": "a\0"}, {"id": "b"}]},
        {"data": [{"id": "a\ud83d"}, {"id": "b"}]},
        {"data": [{"id": "a" * 100_000}, {"id": "b"}]},
        {"data": [{"id": "a"}, {"id": "b"}, {"id": "c"}]},
        {"data": [{"id": "a"}]},
        {"data": 1},
        [1],
    ],
)
def test_what_is_no_answer_is_asked_for_again_with_the_same_bytes(
    to_stranger: Dispatcher, stranger: Stranger, said: object
) -> None:
    tag()
    stranger.answers = [answer(said)]
    to_stranger.drain()
    assert statuses() == ["sending", "sending"]
    with writing() as s:
        (batch,) = f.rows(s, Batch)
        batch.next_post_at = batch.lease_until = utcnow()
    to_stranger.drain()
    assert statuses() == ["sent", "sent"]
    assert stranger.requests == 2


def test_ids_that_other_emails_have_hold_up_nobody_else(
    to_stranger: Dispatcher, stranger: Stranger
) -> None:
    """A cache on the way that answers every request alike."""
    same = answer({"data": [{"id": "one"}, {"id": "two"}]})
    tag()
    stranger.answers = [same, same]
    to_stranger.drain()
    with writing() as s:
        other = f.tag(s, "other")
        f.automation(s, other, f.email(f.template(s, "Other")))
        people = [f.partner(s, name) for name in ("ada", "bob")]
        assign_tags(s, other, people, source=Source.API, actor="a test")
    to_stranger.drain()
    assert statuses() == ["sent", "sent", "sending", "sending"]
    with writing() as s:
        assert "cannot be recorded" in f.rows(s, Batch)[1].last_problem
        third = f.tag(s, "third")
        f.automation(s, third, f.email(f.template(s, "Third")))
        assign_tags(s, third, people, source=Source.API, actor="a test")
    to_stranger.drain()
    assert statuses()[4:] == ["sent", "sent"]


def test_the_providers_words_are_kept_as_far_as_they_can_be(
    to_stranger: Dispatcher, stranger: Stranger
) -> None:
    tag()
    words = "No\0, \ud83d not him: " + "no " * 100_000
    said = {"data": [{"id": "b"}], "errors": [{"index": 0, "message": words}]}
    stranger.answers = [answer(said)]
    to_stranger.drain()
    assert statuses() == ["failed", "sent"]
    with reading() as s:
        detail = f.rows(s, Send)[0].detail
    assert detail.startswith("No\N{REPLACEMENT CHARACTER}, \N{REPLACEMENT CHARACTER} not him")
    assert len(detail) == 2_000


@pytest.mark.parametrize(
    ("status", "name", "message", "code"),
    [
        (400, "validation_error", "API key is invalid", "key_refused"),
        (422, "invalid_api_key", "No.", "key_refused"),
        (400, "restricted_api_key", "This API key is restricted.", "key_refused"),
        (402, "payment_required", "Pay first.", "key_refused"),
        (403, "daily_quota_exceeded", "Your daily quota is used up.", "daily_quota"),
        (422, "monthly_quota_exceeded", "Your monthly quota is used up.", "monthly_quota"),
        (403, "validation_error", "Something about a domain.", "domain_refused"),
    ],
)
def test_what_is_said_against_the_account_fails_no_email_whatever_its_status(
    status: int, name: str, message: str, code: str
) -> None:
    outcome = read_error(ResendError(status, name, message, ""))
    assert isinstance(outcome, Stop)
    assert outcome.code == code


def test_an_email_that_speaks_of_a_key_is_refused_by_itself() -> None:
    said = read_error(ResendError(422, "validation_error", "Invalid `subject`: API key.", ""))
    assert isinstance(said, Rejected)


@pytest.mark.usefixtures("database")
def test_a_key_refused_with_400_holds_the_queue(
    to_stranger: Dispatcher, stranger: Stranger
) -> None:
    tag()
    stranger.answers = [refusal(400, "validation_error", "API key is invalid")]
    to_stranger.drain()
    assert statuses() == ["queued", "queued"]
    assert stranger.requests == 1


def _drips(write: Callable[[bytes], Any]) -> None:
    write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999999\r\n\r\n")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        write(b" ")
        time.sleep(0.05)  # the drip itself: never silent for as long as the client waits


def _floods(write: Callable[[bytes], Any]) -> None:
    write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
    for _ in range(1_000):
        write(b" " * http.LARGEST_ANSWER)


@pytest.mark.parametrize("endless", [_drips, _floods])
def test_an_answer_without_end_ends(
    provider: ResendProvider, stranger: Stranger, endless: Write
) -> None:
    def until_nobody_listens(write: Callable[[bytes], Any]) -> None:
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            endless(write)

    stranger.answers = [until_nobody_listens]
    outcome = provider.send_batch(b'[{"to": ["ada@partners.test"]}]', "key")
    assert isinstance(outcome, RetryLater)
    assert outcome.maybe_sent
    assert isinstance(provider.send_batch(b"[{}]", "key"), Answered)


NINES = "9" * 400


@pytest.mark.parametrize(
    "head",
    [
        {"ratelimit-limit": NINES, "ratelimit-policy": f"1;w={NINES}"},
        {"ratelimit-limit": "10", "ratelimit-remaining": NINES, "ratelimit-reset": NINES},
        {"ratelimit-limit": "10", "ratelimit-policy": "10;w=000"},
        {"ratelimit-limit": "-1"},
        {"ratelimit-limit": "nan"},
    ],
)
def test_a_limit_nobody_means_is_no_limit_and_no_stumbling_block(head: dict[str, str]) -> None:
    outcome = read_answer({"data": [{"id": "a"}], "http_headers": head}, 1)
    assert isinstance(outcome, Answered)
    said = outcome.rate
    assert said is None or 0 < said.requests / said.window < float("inf")


@pytest.mark.parametrize(
    "value", ["-5", "1e9", "soon", "Mon, 01 Jan 0001 00:00:00 +2359", "Mon, 99 Foo 2026", NINES]
)
def test_a_wait_nobody_means_breaks_nothing(value: str) -> None:
    outcome = read_error(ResendError(503, "x", "busy", "", headers={"retry-after": value}))
    assert isinstance(outcome, RetryLater)
    assert outcome.after is None or outcome.after >= 0


def test_a_certificate_that_is_not_accepted_was_sent_nothing() -> None:
    """However long it lasts (a clock that is wrong): what certainly did not leave is not lost."""
    error = ResendError(500, "HttpClientError", "no", "")
    error.__context__ = SSLError(SSLCertVerificationError("expired"))
    outcome = read_error(error)
    assert isinstance(outcome, RetryLater)
    assert not outcome.maybe_sent
    assert "certificate" in outcome.reason


@pytest.mark.usefixtures("database")
def test_what_may_be_sent_is_asked_for_while_that_is_safe_whatever_we_are_asked_to_wait(
    to_stranger: Dispatcher, stranger: Stranger
) -> None:
    tag()
    busy = {"name": "unavailable", "message": "busy"}
    stranger.answers = [answer(busy, status="503 Busy", head=f"retry-after: {NINES}\r\n")]
    to_stranger.drain()
    with reading() as s:
        (batch,) = f.rows(s, Batch)
        assert batch.maybe_sent
        assert timedelta(hours=22) < batch.next_post_at - utcnow() < KEY_LASTS


def test_a_worker_that_slept_after_freezing_a_batch_does_not_post_it_by_itself(
    dispatcher: Dispatcher, fake: FakeResend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For days, say: another one has sent it, and the provider has forgotten the key."""
    tag()
    (post,) = dispatcher.take_turn().posts
    awake = utcnow() + timedelta(days=3)
    with monkeypatch.context() as patch:
        patch.setattr("rxapp.dispatch.dispatcher.utcnow", lambda: awake)
        dispatcher._under_way[post.batch_id] = post
        dispatcher._post(post)
    assert fake.stats()["requests"] == 0
    dispatcher.take_turn()
    assert statuses() == ["sending", "sending"]
    with writing() as s:
        (batch,) = f.rows(s, Batch)
        assert not batch.maybe_sent, "nobody else has posted it, so it leaves however late"
        batch.next_post_at = batch.lease_until = utcnow()
    dispatcher.drain()
    assert statuses() == ["sent", "sent"]
    assert fake.stats()["accepted"] == 2
