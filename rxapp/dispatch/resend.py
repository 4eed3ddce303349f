"""Resend (resend.com) through its official SDK: with `resend_events`, all that knows its words.

Facts about the API are from resend.com/docs, `api-reference/errors` above all. Errors are told
apart by status and name, never by the SDK's exception class: it raises one class for a pace that
is too fast and a quota that is used up, and its base class for most of the rest.
"""

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ssl import SSLCertVerificationError
from typing import TypeGuard

import orjson
import resend
from resend.exceptions import ResendError
from urllib3.exceptions import (
    ConnectTimeoutError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from rxapp.characters import whole
from rxapp.dispatch.http import KeepAliveClient, frozen_body
from rxapp.dispatch.provider import (
    Accepted,
    Answered,
    Held,
    Outcome,
    RateLimit,
    Refused,
    Rejected,
    RetryLater,
    Stop,
)
from rxapp.dispatch.resend_events import DETAIL_LIMIT, ID_LIMIT, ProviderEvent, parse_event
from rxapp.domain.delivery import DOMAIN_REFUSED, account_of

__all__ = ["ProviderEvent", "ResendProvider", "parse_event", "read_answer", "read_error"]

log = logging.getLogger(__name__)

TIMEOUT = 30.0  # seconds, the SDK's own default
_LARGEST = 1e9  # of what a header counts

LOST_KEY = (
    "The key stored in the app cannot be read, because RXAPP_SECRET_KEY has changed. Paste the key "
    "again under Settings, Delivery."
)

# The SDK's names for an answer that never came, and for one that is not JSON (a gateway's page).
_NO_ANSWER = "HttpClientError"
_NO_JSON = "application_error"
# Names that mean the account, whichever status they come with: it differs between the years of the
# documentation, and to take one for a refusal of the emails would fail the whole queue.
_STOPS = {
    "daily_quota_exceeded": "daily_quota",
    "monthly_quota_exceeded": "monthly_quota",
    "missing_api_key": "key_refused",
    "invalid_api_key": "key_refused",
    "restricted_api_key": "key_refused",
    "suspended_api_key": "key_refused",
}
_KEY_REFUSED = {401, 402, 403}
# What Resend says against a key without giving it a name of its own.
_AGAINST_KEY = re.compile(r"\bAPI key is (?:invalid|missing|suspended|restricted)", re.IGNORECASE)
# What Resend says against a sender, whichever status and name it puts on it: a domain that is not
# verified, or is not this key's; its own test sender; a `from` or `reply_to` it cannot read
# (resend.com/docs, api-reference/errors and knowledge-base/403-error-domain-mismatch). The sender
# is the program's, not the email's: it would be the same for every other one.
_AGAINST_SENDER = re.compile(
    r"domain is not verified|verify (?:a|your) domain|testing emails|testing domain"
    r"|not authorized to send emails from|`(?:from|reply_to)` (?:field|address)",
    re.IGNORECASE,
)
# 4xx that say nothing about the emails: a wrong address of the API (404, 405), or a matter of
# the moment. Taking them for refusals would fail a whole queue for a typo in a setting.
_NOT_ABOUT_THE_EMAILS = {404, 405, 408, 409, 421, 423, 425, 429}


class ResendProvider:
    """Sends through Resend, in batches that each cost one request.

    The SDK keeps key, address and client in globals of the process. They are set again before
    each call, which is harmless as long as a process uses one account: do not call two providers
    with different keys at the same time.
    """

    name = "resend"

    def __init__(self, api_key: str, api_url: str, timeout: float = TIMEOUT) -> None:
        self._api_key = api_key
        self._api_url = api_url.rstrip("/")
        self._client = KeepAliveClient(timeout)
        self.account = account_of(api_key, api_url)

    def send_batch(self, payload: bytes, key: str) -> Outcome:
        """Post `payload` byte for byte; see Provider.send_batch.

        Validation is permissive: one bad email is refused by itself and the others are sent. A
        provider that does not know that mode refuses the batch, which is `Rejected`.
        """
        if not self._api_key:
            return Stop("key_refused", LOST_KEY)
        emails = orjson.loads(payload)
        self._configure_sdk()
        try:
            with frozen_body(payload):
                answer = resend.Batch.send(
                    emails, {"idempotency_key": key, "batch_validation": "permissive"}
                )
        except ResendError as error:
            return read_error(error)
        except Exception as error:
            # The SDK takes the shape of answers for granted. Whatever it stumbles over, the batch
            # may have been accepted, so it is posted again.
            log.warning("The Resend SDK could not read an answer: %s", type(error).__name__)
            return RetryLater("Resend answered something that cannot be read.")
        return read_answer(answer, len(emails))

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _configure_sdk(self) -> None:
        resend.api_key = self._api_key
        resend.api_url = self._api_url
        resend.default_http_client = self._client


def read_answer(answer: object, count: int) -> Outcome:
    """Results for each email, or RetryLater when the answer does not account for all of them."""
    headers = answer.get("http_headers", {}) if isinstance(answer, dict) else {}
    rate = _rate_limit(headers)
    results = _results(answer, count)
    if results is None:
        return RetryLater("Resend's answer does not account for every email.", rate=rate)
    against = next((one.message for one in results if _is_against_sender(one)), None)
    if against is None:
        return Answered([*results], rate)
    held: list[Accepted | Refused | Held] = [
        Held() if _is_against_sender(one) else one for one in results
    ]
    return Answered(held, rate, stop=Stop(DOMAIN_REFUSED, against))


def _is_against_sender(result: Accepted | Refused) -> TypeGuard[Refused]:
    return isinstance(result, Refused) and bool(_AGAINST_SENDER.search(result.message))


def _results(answer: object, count: int) -> list[Accepted | Refused] | None:
    """Put the answer in the order of the request: `data` holds the accepted emails only.

    The places of the others are in `errors` (resend.com/changelog/batch-validation-modes).
    """
    if not isinstance(answer, dict):
        return None
    try:
        ids = [item["id"] for item in answer["data"]]
        refused = {item["index"]: _said(item["message"]) for item in answer.get("errors") or []}
    except (KeyError, TypeError):
        return None
    complete = (
        len(ids) + len(refused) == count
        and refused.keys() <= set(range(count))
        and all(_is_id(provider_id) for provider_id in ids)
        and len(set(ids)) == len(ids)
    )
    if not complete:
        return None
    accepted = iter(ids)
    return [
        Refused(refused[index]) if index in refused else Accepted(next(accepted))
        for index in range(count)
    ]


def _is_id(found: object) -> bool:
    return isinstance(found, str) and 0 < len(found) <= ID_LIMIT and whole(found) == found


def _said(message: object) -> str:
    """The provider's words as they can be kept."""
    return whole(str(message))[:DETAIL_LIMIT]


def read_error(error: ResendError) -> Outcome:
    """What an error of the API means for the batch."""
    status, name, message = _status(error), str(error.error_type), _said(error.message)
    rate = _rate_limit(error.headers)
    if name == _NO_ANSWER:
        return _unanswered(error)
    if code := _stop_code(status, name, message):
        return Stop(code, message, _next_midnight() if code == "daily_quota" else None, rate)
    if (status, name) == (409, "invalid_idempotent_request"):
        return Rejected(message, rate, maybe_sent=True)
    if 400 <= status < 500 and status not in _NOT_ABOUT_THE_EMAILS and name != _NO_JSON:
        return Rejected(message, rate)
    return RetryLater(
        f"Resend answered {status}: {message}",
        after=_retry_after(error.headers),
        throttled=status == 429,
        rate=rate,
        maybe_sent=status != 429,
    )


def _stop_code(status: int, name: str, message: str) -> str | None:
    """Why the account is refused, or None when it is not."""
    if name == _NO_JSON or not 400 <= status < 500:
        return None  # a gateway's page, not the API's word
    if _AGAINST_SENDER.search(message):
        return DOMAIN_REFUSED
    if code := _STOPS.get(name):
        return code
    if _AGAINST_KEY.search(message):
        return "key_refused"
    if (status, name) == (403, "validation_error"):
        return DOMAIN_REFUSED
    return "key_refused" if status in _KEY_REFUSED else None


def _unanswered(error: ResendError) -> RetryLater:
    """How far the request came, from the client's exception that the SDK keeps as context."""
    match error.__context__:
        case NewConnectionError() | ConnectTimeoutError():
            return RetryLater("Resend cannot be reached.", answered=False, maybe_sent=False)
        case SSLError(args=(SSLCertVerificationError(), *_)):
            # Told before anything is posted. So it is of a clock that is wrong.
            return RetryLater(
                "Resend's certificate is not accepted: look at this machine's clock, and at what "
                "stands between it and Resend.",
                answered=False,
                maybe_sent=False,
            )
        case ReadTimeoutError():
            return RetryLater("Resend did not answer in time.", answered=False)
    return RetryLater("The connection broke before Resend answered.", answered=False)


def _status(error: ResendError) -> int:
    """The HTTP status; the SDK may hand over what a strange body claimed instead."""
    try:
        return int(error.code)
    except (TypeError, ValueError):
        return 500


def _rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """Read `ratelimit-limit`, `-remaining`, `-reset`, `-policy` (draft-ietf-httpapi-ratelimit-06).

    The window is in the policy alone: `10;w=1` is ten requests per second.
    """
    limit = _number(headers.get("ratelimit-limit"))
    if not limit:
        return None
    window = re.search(r";\s*w=(\d{1,9})\b", headers.get("ratelimit-policy", ""))
    remaining = _number(headers.get("ratelimit-remaining"))
    return RateLimit(
        requests=limit,
        window=float(window[1]) if window and float(window[1]) else 1.0,
        remaining=None if remaining is None else int(remaining),
        reset=_number(headers.get("ratelimit-reset")),
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a `retry-after` header, which may also be a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    try:
        at = parsedate_to_datetime(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _number(text: str | None) -> float | None:
    """The number at the start of a header, None when there is none that anybody means."""
    found = re.match(r"\s*(\d+(?:\.\d+)?)\s*(?:$|[,;])", text or "")
    return min(float(found[1]), _LARGEST) if found else None


def _next_midnight() -> datetime:
    """When the daily quota begins anew: it counts UTC days."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
