"""The fake provider's events: what happens to an email, signed and posted, again and again.

Shape of the events, retry schedule and signature: resend.com/docs/webhooks.
"""

import asyncio
import base64
import hashlib
import hmac
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
import urllib3

from tests.fakes.resend_rules import address_of
from tests.fakes.resend_state import Config, Email, Store

WRONG_SECRET = "whsec_" + base64.b64encode(b"not the secret at all").decode()

_BOUNCE = {
    "message": "The recipient's email provider sent a hard bounce message.",
    "subType": "General",
    "type": "Permanent",
    "diagnosticCode": ["smtp; 550 5.1.1 user unknown"],
}
_SUPPRESSION = {
    "message": "Resend has suppressed sending to this address because it is on the account-level "
    "suppression list. This does not count toward your bounce rate metric",
    "type": "OnAccountSuppressionList",
}
DETAILS: dict[str, dict[str, Any]] = {
    "bounced": {"bounce": _BOUNCE},
    "suppressed": {"suppressed": _SUPPRESSION},
    "failed": {"failed": {"reason": "reached_daily_quota"}},
    "clicked": {
        "click": {
            "ipAddress": "192.0.2.1",
            "link": "https://partners.example/",
            "timestamp": "2026-01-01T00:00:00.000Z",
            "userAgent": "test",
        }
    },
}


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The `svix-signature` header (docs.svix.com/receiving/verifying-payloads/how-manual)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def course(email: Email) -> tuple[str, ...]:
    """What happens to an email after acceptance, told by the provider's test addresses."""
    local, _, domain = (address_of(email.recipients[0]) or "").lower().partition("@")
    if domain == "resend.dev":
        match local.partition("+")[0]:
            case "bounced":
                return ("sent", "bounced")
            case "complained":
                return ("sent", "delivered", "complained")
            case "suppressed":
                return ("suppressed",)
    return ("sent", "delivered")


def last_event(email: Email, config: Config, now: float) -> str:
    """The `last_event` of GET /emails/{id} at wall-clock time `now`."""
    if email.canceled:
        return "canceled"
    if email.forced:
        return email.forced
    if email.scheduled_at is not None and email.scheduled_at > now:
        return "scheduled"
    due = (email.scheduled_at or email.accepted_at) + config.webhook_delay
    reached = "queued"
    for event in course(email):
        if due > now:
            break
        reached, due = event, due + config.webhook_gap
    return reached


@dataclass(slots=True)
class Event:
    """One event, the same bytes and id however often it is delivered."""

    id: str
    type: str
    email_id: str
    body: bytes
    attempts: int = 0


@dataclass(slots=True)
class Delivery:
    """One attempt to deliver an event; status 0 is no answer."""

    event_id: str
    type: str
    email_id: str
    at: float
    status: int
    forged: bool


@dataclass
class Webhooks:
    """Posts events to the configured address, from within the running event loop."""

    config: Config
    store: Store
    random: random.Random
    deliveries: list[Delivery] = field(default_factory=list)

    def start(self) -> None:
        """Begin to deliver."""
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.Queue[Event] = asyncio.Queue()
        self._threads = ThreadPoolExecutor(self.config.webhook_workers, "fake-resend-webhooks")
        self._pool = urllib3.PoolManager(maxsize=self.config.webhook_workers)
        self._workers = [
            self._loop.create_task(self._work()) for _ in range(self.config.webhook_workers)
        ]

    async def stop(self) -> None:
        """Stop delivering; what is due is lost."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._pool.clear()

    def follow(self, email: Email) -> None:
        """Let the usual events of an accepted email happen."""
        if not self.config.webhook_url:
            return
        if email.scheduled_at is not None:
            self._at(0, self.make(email, "scheduled"))
            self.reschedule(email)
            return
        events = course(email)
        offsets = [self.config.webhook_delay + i * self.config.webhook_gap for i in range(4)]
        if self.config.webhook_shuffle:
            offsets = offsets[: len(events)]
            self.random.shuffle(offsets)
        for offset, event in zip(offsets, events, strict=False):
            self._at(offset, self.make(email, event))

    def reschedule(self, email: Email) -> None:
        """Let a scheduled email go out at its time, unless it is canceled or moved by then."""
        assert email.scheduled_at is not None
        self._loop.call_later(email.scheduled_at - time.time(), self._release, email)

    def make(self, email: Email, kind: str, **details: Any) -> Event:
        """An event of `kind` in the provider's word (`opened`, `delivery_delayed`, ...)."""
        now = _iso(time.time())
        data = {
            "created_at": _iso(email.accepted_at),
            "email_id": email.id,
            "message_id": f"<{email.id}@resend.dev>",
            "from": email.payload["from"],
            "to": email.recipients,
            "subject": email.payload["subject"],
            "tags": email.tags,
            **(details or DETAILS.get(kind, {})),
        }
        body = orjson.dumps({"type": f"email.{kind}", "created_at": now, "data": data})
        return Event(f"msg_{uuid.uuid4().hex}", f"email.{kind}", email.id, body)

    def send(self, event: Event) -> None:
        """Deliver an event now."""
        self._at(0, event)

    def _release(self, email: Email) -> None:
        due = email.scheduled_at is not None and email.scheduled_at <= time.time() + 0.001
        if due and not email.canceled:
            email.scheduled_at = None
            self.follow(email)

    def _at(self, delay: float, event: Event) -> None:
        copies = 1 + (self.random.random() < self.config.webhook_duplicate)
        for _ in range(copies):
            self._loop.call_later(delay, self._due.put_nowait, event)

    async def _work(self) -> None:
        while True:
            event = await self._due.get()
            status = await self._attempt(event)
            if 200 <= status < 300:
                self.store.count("delivered")
                continue
            pauses = self.config.webhook_retries
            if event.attempts <= len(pauses):
                pause = pauses[event.attempts - 1] * self.config.webhook_time_scale
                self._loop.call_later(pause, self._due.put_nowait, event)

    async def _attempt(self, event: Event) -> int:
        event.attempts += 1
        forged = self.random.random() < self.config.webhook_bad_signature
        secret = WRONG_SECRET if forged else self.config.webhook_secret
        # Every attempt is signed anew: an old timestamp would be refused as a replay.
        timestamp = int(time.time())
        headers = {
            "content-type": "application/json",
            "user-agent": "Svix-Webhooks/1.0",
            "svix-id": event.id,
            "svix-timestamp": str(timestamp),
            "svix-signature": sign(secret, event.id, timestamp, event.body),
        }
        status = await self._loop.run_in_executor(self._threads, self._post, event.body, headers)
        self.deliveries.append(
            Delivery(event.id, event.type, event.email_id, time.time(), status, forged)
        )
        self.store.count("attempts")
        return status

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        try:
            return self._pool.request(
                "POST",
                self.config.webhook_url,
                body=body,
                headers=headers,
                timeout=self.config.webhook_timeout,
                retries=False,
            ).status
        except urllib3.exceptions.HTTPError:
            return 0


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
