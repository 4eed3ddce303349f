"""What the fake provider is told and what it remembers: settings, clock, accepted emails, keys."""

import asyncio
import os
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KEY_LIFE = 24 * 3600.0  # seconds; "Idempotency keys expire after 24 hours"
TEST_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the public example of Svix's documentation

Payload = dict[str, Any]


@dataclass
class Config:
    """Every knob, changeable while running; each is a command line option of the same name."""

    rate: int = 10
    """Requests a second for the whole team; 0 is no limit."""
    latency: float = 0.0
    """Seconds between the arrival of a request and its acceptance and answer."""
    jitter: float = 0.0
    """Up to this many seconds more, evenly spread."""

    api_keys: list[str] = field(default_factory=list)
    """The keys that are known; empty lets any `re_...` in."""
    restricted_keys: list[str] = field(default_factory=list)
    """Keys that may send and nothing else."""
    teams: dict[str, str] = field(default_factory=dict)
    """Key to team; keys that are not named belong to one and the same. Idempotency is per team."""
    unknown_key_status: int = 401
    """401 `validation_error` (seen live) or 403 `invalid_api_key` (older documentation)."""

    refuse_example: bool = True
    """Refuse recipients at example.com and test.com, as the provider does."""
    verify_domains: bool = False
    """Refuse senders whose domain is not verified."""
    sender_refusal: str = "403"
    """How: `403` or `422` to the whole request, or `each` one by itself in a permissive batch."""
    domains: dict[str, str] = field(
        default_factory=lambda: {"partners.example": "verified", "pending.example": "pending"}
    )
    """Domain to status, as listed by GET /domains."""
    account_email: str = "owner@partners.example"
    """The only inbox onboarding@resend.dev may write to when domains are verified."""
    format_error_name: str = "validation_error"
    """Error name of a malformed address; sources differ."""
    honour_permissive: bool = True
    """False: the provider never heard of `x-batch-validation`."""
    daily_quota: int = 0
    """Recipients a UTC day; 0 is no quota."""
    monthly_quota: int = 0
    """Recipients in all; 0 is no quota."""

    keep_bodies: bool = True
    """False drops html and text after the request, for long benchmarks."""
    idle_timeout: float = 0.0
    """Close connections idle for this many seconds; 0 is never."""
    late: float = 0.5
    """Seconds by which the fault `late` keeps the answer back."""
    burst: int = 1
    """How many requests in a row one random `429` hits."""

    webhook_url: str = ""
    webhook_secret: str = TEST_SECRET
    webhook_delay: float = 0.0
    """Seconds from acceptance to the first event."""
    webhook_gap: float = 0.01
    """Seconds between one event of an email and the next."""
    webhook_shuffle: bool = False
    """Send the events of an email in any order."""
    webhook_duplicate: float = 0.0
    """Probability that an event is delivered twice under the same id."""
    webhook_bad_signature: float = 0.0
    """Probability that an attempt is signed with another secret."""
    webhook_retries: list[float] = field(
        default_factory=lambda: [5, 300, 1800, 7200, 18000, 36000, 36000]
    )
    """Pauses between attempts, in the provider's seconds ..."""
    webhook_time_scale: float = 0.001
    """... and how long one of them takes here."""
    webhook_timeout: float = 15.0
    webhook_workers: int = 4


class Clock:
    """Wall-clock seconds that a test can move: idempotency keys, windows and quotas follow it."""

    def __init__(self, base: Callable[[], float] = time.time) -> None:
        self._base = base
        self.offset = 0.0

    def __call__(self) -> float:
        return self._base() + self.offset


@dataclass(slots=True)
class Email:
    """One accepted email. `accepted_at` is real wall-clock time, whatever the clock says."""

    id: str
    payload: Payload
    accepted_at: float
    key: str
    scheduled_at: float | None = None
    canceled: bool = False
    forced: str = ""
    """The last event a test asked for, which outranks the usual course."""

    @property
    def recipients(self) -> list[str]:
        """The addresses in `to`, which may be one string or a list."""
        to = self.payload["to"]
        return [to] if isinstance(to, str) else to

    @property
    def tags(self) -> dict[str, str]:
        """Tags as webhooks carry them: an object."""
        return {tag["name"]: tag["value"] for tag in self.payload.get("tags") or []}


@dataclass(slots=True)
class KeyUse:
    """An idempotency key in use; without an answer its first request is still in flight."""

    digest: str
    at: float
    answer: bytes | None = None


@dataclass(slots=True)
class LoggedRequest:
    """One request as it arrived and how it was answered; status 0 is no answer at all."""

    at: float
    method: str
    path: str
    key: str
    sha256: str
    size: int
    connection: int
    status: int
    fault: str


@dataclass
class Store:
    """Everything accepted, and the counters around it."""

    clock: Clock
    emails: dict[str, Email] = field(default_factory=dict)
    keys: dict[tuple[str, ...], KeyUse] = field(default_factory=dict)
    requests: deque[LoggedRequest] = field(default_factory=lambda: deque(maxlen=10_000))
    counts: Counter[str] = field(default_factory=Counter)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Belong to the running event loop, after a start or a restart."""
        self._changed = asyncio.Event()

    def accept(self, payloads: list[Payload], key: str, keep_bodies: bool) -> list[str]:
        """Take emails over for good: from here on they are in the ledger. Returns their ids."""
        ids = _uuids(len(payloads))
        now = time.time()
        for email_id, payload in zip(ids, payloads, strict=True):
            if not keep_bodies:
                payload.pop("html", None)
                payload.pop("text", None)
            self.emails[email_id] = Email(email_id, payload, now, key)
        self.count("accepted", len(ids))
        return ids

    def count(self, what: str, by: int = 1) -> None:
        """Count, and wake whoever waits for a number."""
        self.counts[what] += by
        # Whoever waits holds the old event; the next change is told by a new one.
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait(self, what: str, number: int) -> None:
        """Return once `number` of `what` have been counted."""
        while self.counts[what] < number:
            await self._changed.wait()

    def key_use(self, slot: tuple[str, ...]) -> KeyUse | None:
        """The use of an idempotency key, unless the provider has forgotten it by now."""
        use = self.keys.get(slot)
        if use and self.clock() - use.at >= KEY_LIFE:
            del self.keys[slot]
            return None
        return use

    def per_recipient(self, tag: str) -> Counter[tuple[str, str]]:
        """How many emails each recipient got per value of `tag`: the proof of exactly-once."""
        return Counter(
            (recipient, email.tags[tag])
            for email in self.emails.values()
            if tag in email.tags
            for recipient in email.recipients
        )

    def reset(self) -> None:
        """Forget everything but the settings."""
        for memory in (self.emails, self.keys, self.requests, self.counts):
            memory.clear()


def _uuids(number: int) -> list[str]:
    """Random version 4 UUIDs, several times faster than uuid.uuid4 one by one."""
    digits = os.urandom(16 * number).hex()
    return [
        f"{d[:8]}-{d[8:12]}-4{d[13:16]}-a{d[17:20]}-{d[20:]}"
        for d in (digits[i : i + 32] for i in range(0, len(digits), 32))
    ]
