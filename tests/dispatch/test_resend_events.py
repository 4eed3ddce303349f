"""Only what the provider signed is believed, and it is told in the app's own words."""

import base64
import time
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from rxapp.dispatch.resend import ProviderEvent, parse_event
from rxapp.errors import InvalidInput, NotAuthenticated
from tests.fakes.resend_state import TEST_SECRET
from tests.fakes.resend_webhooks import WRONG_SECRET, sign


def body_of(kind: str, **data: Any) -> bytes:
    return orjson.dumps(
        {
            "type": kind,
            "created_at": "2026-11-22T23:41:12.126Z",
            "data": {"email_id": "e1", "to": ["ada@mail.example"], **data},
        }
    )


def signed(body: bytes, secret: str = TEST_SECRET, age: int = 0) -> dict[str, str]:
    timestamp = int(time.time()) - age
    return {
        "svix-id": "msg_1",
        "svix-timestamp": str(timestamp),
        "svix-signature": sign(secret, "msg_1", timestamp, body),
    }


def parse(body: bytes) -> ProviderEvent | None:
    return parse_event(body, signed(body), TEST_SECRET)


def read(body: bytes) -> ProviderEvent:
    event = parse(body)
    assert event is not None
    return event


class TestSignature:
    def test_our_signer_agrees_with_the_published_example(self) -> None:
        signature = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
        )
        assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    def test_header_names_in_any_case(self) -> None:
        body = body_of("email.sent")
        headers = {name.title(): value for name, value in signed(body).items()}
        assert parse_event(body, headers, TEST_SECRET) is not None

    def test_one_of_several_signatures_is_enough(self) -> None:
        body = body_of("email.sent")
        headers = signed(body)
        headers["svix-signature"] = f"v1,AAAA {headers['svix-signature']}"
        assert parse_event(body, headers, TEST_SECRET) is not None

    @pytest.mark.parametrize("name", ["svix-id", "svix-timestamp", "svix-signature"])
    def test_missing_header(self, name: str) -> None:
        body = body_of("email.sent")
        headers = signed(body)
        del headers[name]
        with pytest.raises(NotAuthenticated):
            parse_event(body, headers, TEST_SECRET)

    @pytest.mark.parametrize("age", [600, -600])
    def test_old_or_future_timestamp(self, age: int) -> None:
        body = body_of("email.sent")
        with pytest.raises(NotAuthenticated):
            parse_event(body, signed(body, age=age), TEST_SECRET)

    def test_other_secret(self) -> None:
        body = body_of("email.sent")
        with pytest.raises(NotAuthenticated):
            parse_event(body, signed(body, WRONG_SECRET), TEST_SECRET)

    def test_changed_body(self) -> None:
        headers = signed(body_of("email.sent"))
        with pytest.raises(NotAuthenticated):
            parse_event(body_of("email.bounced"), headers, TEST_SECRET)

    @pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!!", "whsec_ü", "not base64"])
    def test_unusable_secret_lets_nobody_in(self, secret: str) -> None:
        body = body_of("email.sent")
        with_empty_key = "whsec_" + base64.b64encode(b"").decode()
        with pytest.raises(NotAuthenticated):
            parse_event(body, signed(body, with_empty_key), secret)


class TestWords:
    @pytest.mark.parametrize(
        ("kind", "word"),
        [
            ("email.sent", "sent"),
            ("email.delivered", "delivered"),
            ("email.delivery_delayed", "delayed"),
            ("email.bounced", "bounced"),
            ("email.complained", "complained"),
            ("email.opened", "opened"),
            ("email.clicked", "clicked"),
            ("email.failed", "failed"),
            ("email.suppressed", "suppressed"),
        ],
    )
    def test_kind(self, kind: str, word: str) -> None:
        event = read(body_of(kind))
        assert (event.id, event.provider_id, event.kind) == ("msg_1", "e1", word)
        assert event.at == datetime(2026, 11, 22, 23, 41, 12, 126000, UTC)

    @pytest.mark.parametrize(
        "kind",
        [
            "email.scheduled",
            "email.received",
            "email.new",
            "domain.updated",
            "contact.created",
            "x",
        ],
    )
    def test_events_that_are_not_about_a_send(self, kind: str) -> None:
        assert parse(orjson.dumps({"type": kind, "data": {}})) is None

    @pytest.mark.parametrize(
        ("bounce", "permanent"),
        [
            ({"type": "Permanent", "message": "No such user."}, True),
            ({"type": "Transient", "message": "No such user."}, False),
            ({"type": "Undetermined", "message": "No such user."}, False),
            ({"message": "No such user."}, False),
        ],
    )
    def test_only_a_permanent_bounce_is_permanent(
        self, bounce: dict[str, str], permanent: bool
    ) -> None:
        event = read(body_of("email.bounced", bounce=bounce))
        assert (event.permanent, event.detail) == (permanent, "No such user.")

    def test_suppressed_address_is_permanent(self) -> None:
        assert read(body_of("email.suppressed")).permanent is True

    @pytest.mark.parametrize(
        ("kind", "data", "detail"),
        [
            ("email.bounced", {}, "The receiving server sent the email back."),
            ("email.bounced", {"bounce": "x"}, "The receiving server sent the email back."),
            ("email.suppressed", {"suppressed": {"message": "Listed."}}, "Listed."),
            (
                "email.failed",
                {"failed": {"reason": "reached_daily_quota"}},
                "Resend could not send it: reached daily quota.",
            ),
            ("email.failed", {"failed": {"reason": 1}}, "Resend could not send it."),
            ("email.complained", {}, "The recipient reported it as spam."),
            ("email.delivered", {}, ""),
        ],
    )
    def test_detail_is_a_sentence(self, kind: str, data: dict[str, Any], detail: str) -> None:
        assert read(body_of(kind, **data)).detail == detail

    def test_time_without_a_zone_is_utc(self) -> None:
        body = orjson.dumps(
            {"type": "email.sent", "created_at": "2026-01-01 10:00:00", "data": {"email_id": "e"}}
        )
        assert read(body).at == datetime(2026, 1, 1, 10, tzinfo=UTC)

    @pytest.mark.parametrize(
        "when",
        [None, "yesterday", 5, [], "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
         "9999-01-01T00:00:00Z", "1969-07-20"],
    )  # fmt: skip
    def test_what_is_dated_as_it_cannot_be_happened_when_it_was_told(self, when: Any) -> None:
        data = {"email_id": "e1", "bounce": {"type": "Permanent"}}
        body = orjson.dumps({"type": "email.bounced", "created_at": when, "data": data})
        event = read(body)
        assert abs((datetime.now(UTC) - event.at).total_seconds()) < 60
        assert event.permanent

    @pytest.mark.parametrize(
        "said", [r"a\ud83d", r"\ude00a", r"a\u0000", "\xff", "x" * 100_000, r"\udfff\ud800"]
    )
    def test_what_the_provider_says_can_be_kept_whatever_it_is(self, said: str) -> None:
        body = (
            '{"type":"email.bounced","n":' + "9" * 5_000 + ',"data":{"email_id":"e1","x":1e999,'
            '"bounce":{"type":"Permanent","message":"' + said + '"},"tags":{"send":7}}}'
        )
        event = read(body.encode("latin-1"))
        assert event.permanent
        assert event.send_id is None
        assert "\x00" not in event.detail
        assert 0 < len(event.detail.encode()) < 5_000

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff\xfe",
            b"{",
            b"[" * 200_000,
            b'{"type": ' * 200_000,
            b"[]",
            b"null",
            b'{"data": {}}',
            b'{"type": 1}',
            b'{"type": "email.sent"}',
            b'{"type": "email.sent", "data": {"email_id": 1}}',
            b'{"type": "email.sent", "data": {"email_id": ""}}',
            b'{"type": "email.sent", "data": {"email_id": "' + b"e" * 10_000 + b'"}}',
        ],
    )
    def test_signed_nonsense_is_invalid(self, body: bytes) -> None:
        with pytest.raises(InvalidInput):
            parse(body)
