"""The fake's remote control, both ends of it: `/_fake/...` in the server, FakeControl for tests.

In-process and out-of-process fakes are driven the same way, over HTTP, so nothing is shared
between threads.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import parse_qs

import orjson
import urllib3

from tests.fakes.resend_faults import Faults
from tests.fakes.resend_http import Reply, Request
from tests.fakes.resend_state import Clock, Config, Email, LoggedRequest, Store
from tests.fakes.resend_webhooks import Delivery, Webhooks
from tests.patience import PATIENCE

PREFIX = "/_fake/"


@dataclass(frozen=True)
class LedgerEntry:
    """One email the provider accepted, as a test sees it."""

    id: str
    accepted_at: float
    key: str
    sender: str
    recipients: list[str]
    subject: str
    html: str | None
    text: str | None
    reply_to: str | list[str] | None
    headers: dict[str, str]
    tags: dict[str, str]

    @property
    def to(self) -> str:
        """The first, and with this app the only, recipient."""
        return self.recipients[0]


@dataclass
class ControlApi:
    """The server's end."""

    config: Config
    store: Store
    faults: Faults
    webhooks: Webhooks
    clock: Clock

    async def handle(self, request: Request) -> Reply:
        """Answer `/_fake/<call>`; what goes wrong is told in words with status 400."""
        path, _, query = request.target.partition("?")
        body = orjson.loads(request.body) if request.method == "POST" and request.body else {}
        options = {name: values[-1] for name, values in parse_qs(query).items()}
        call: Callable[..., Any] | None = getattr(self, "call_" + path.removeprefix(PREFIX), None)
        if call is None:
            return Reply(404, b'{"error": "no such control"}')
        try:
            result = call(**options, **body)
            answer = await result if asyncio.iscoroutine(result) else result
        except (TypeError, ValueError, KeyError) as error:
            return Reply(400, orjson.dumps({"error": repr(error)}))
        return Reply(200, orjson.dumps(answer))

    def call_ledger(self, bodies: str = "1") -> list[dict[str, Any]]:
        """Every accepted email, in order of acceptance."""
        return [_entry(email, bodies == "1") for email in self.store.emails.values()]

    def call_counts(self, tag: str) -> list[tuple[str, str, int]]:
        """Recipient, value of `tag`, and how many emails there were."""
        return [(*key, number) for key, number in self.store.per_recipient(tag).items()]

    def call_stats(self) -> dict[str, int]:
        """The counters: accepted, requests, throttled, replayed, attempts, delivered."""
        return dict(self.store.counts)

    def call_requests(self) -> list[LoggedRequest]:
        """The latest requests, oldest first."""
        return list(self.store.requests)

    def call_webhooks(self) -> list[Delivery]:
        """Every attempt to deliver an event."""
        return self.webhooks.deliveries

    def call_config(self, **changes: Any) -> dict[str, Any]:
        """Change settings; answers with all of them."""
        unknown = changes.keys() - {field.name for field in fields(Config)}
        if unknown:
            raise ValueError(f"no such setting: {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            setattr(self.config, name, value)
        return asdict(self.config)

    def call_faults(
        self,
        script: list[str] | None = None,
        probabilities: dict[str, float] | None = None,
        seed: int | None = None,
    ) -> dict[str, Any]:
        """Add to the script, set the chances; answers with what is left of both."""
        if script:
            self.faults.add(script)
        if probabilities is not None:
            self.faults.set(probabilities, seed)
        return {"script": list(self.faults.script), "probabilities": self.faults.probabilities}

    def call_clock(self, advance: float) -> dict[str, float]:
        """Move the provider's clock forward by seconds."""
        self.clock.offset += advance
        return {"offset": self.clock.offset}

    def call_event(self, email_id: str, kind: str, **details: Any) -> dict[str, str]:
        """Let `kind` (the provider's word, without `email.`) happen to an email now."""
        email = self.store.emails[email_id]
        email.forced = kind
        event = self.webhooks.make(email, kind, **details)
        if self.config.webhook_url:
            self.webhooks.send(event)
        return {"id": event.id}

    async def call_wait(self, what: str, number: str, timeout: str) -> dict[str, int]:
        """Answer once a counter has reached a number, or time is up; with all counters."""
        try:
            async with asyncio.timeout(float(timeout)):
                await self.store.wait(what, int(number))
        except TimeoutError:
            pass
        return dict(self.store.counts)

    def call_reset(self) -> dict[str, int]:
        """Forget emails, keys, requests, deliveries and faults; settings and clock stay."""
        self.store.reset()
        self.faults.clear()
        self.webhooks.deliveries.clear()
        return {}


def _entry(email: Email, bodies: bool) -> dict[str, Any]:
    payload = email.payload
    return {
        "id": email.id,
        "accepted_at": email.accepted_at,
        "key": email.key,
        "sender": payload["from"],
        "recipients": email.recipients,
        "subject": payload["subject"],
        "html": payload.get("html") if bodies else None,
        "text": payload.get("text") if bodies else None,
        "reply_to": payload.get("reply_to"),
        "headers": payload.get("headers") or {},
        "tags": email.tags,
    }


class FakeControl:
    """The tests' end: what the fake saw, and what it shall do next."""

    def __init__(self) -> None:
        self.url = ""
        self._http = urllib3.PoolManager(maxsize=4)

    def ledger(self, *, bodies: bool = True) -> list[LedgerEntry]:
        """Every accepted email, in order of acceptance: the truth for exactly-once tests."""
        return [LedgerEntry(**row) for row in self._call("ledger", bodies=int(bodies))]

    def counts(self, tag: str) -> Counter[tuple[str, str]]:
        """How many emails each (recipient, value of `tag`) got."""
        rows = self._call("counts", tag=tag)
        return Counter({(recipient, value): number for recipient, value, number in rows})

    def stats(self) -> Counter[str]:
        """The counters: accepted, requests, throttled, replayed, attempts, delivered."""
        return Counter(self._call("stats"))

    def requests(self) -> list[LoggedRequest]:
        """The latest 10,000 requests, oldest first."""
        return [LoggedRequest(**row) for row in self._call("requests")]

    def webhooks(self) -> list[Delivery]:
        """Every attempt to deliver an event."""
        return [Delivery(**row) for row in self._call("webhooks")]

    def configure(self, **changes: Any) -> None:
        """Change settings (fields of Config)."""
        self._call("config", body=changes)

    def fail_next(self, *kinds: str) -> None:
        """Let the next requests go wrong, one kind each (see resend_faults); `ok` is a pass."""
        self._call("faults", body={"script": kinds})

    def fail_sometimes(self, probabilities: dict[str, float], seed: int = 0) -> None:
        """Let requests go wrong by chance; an empty dict ends it."""
        self._call("faults", body={"probabilities": probabilities, "seed": seed})

    def advance(self, seconds: float) -> None:
        """Move the provider's clock forward, past the life of idempotency keys for instance."""
        self._call("clock", body={"advance": seconds})

    def happen(self, email_id: str, kind: str, **details: Any) -> str:
        """Let an event happen to an accepted email; returns its svix-id."""
        event: str = self._call("event", body={"email_id": email_id, "kind": kind, **details})["id"]
        return event

    def wait(self, what: str, number: int, timeout: float = PATIENCE) -> None:
        """Block until the counter `what` has reached `number`; TimeoutError after `timeout`."""
        counts = self._call("wait", what=what, number=number, timeout=timeout)
        if counts.get(what, 0) < number:
            raise TimeoutError(f"{what}: {counts.get(what, 0)} of {number} after {timeout} s")

    def reset(self) -> None:
        """Forget everything but settings and clock."""
        self._call("reset", body={})

    def _call(self, call: str, body: dict[str, Any] | None = None, **options: Any) -> Any:
        response = self._http.request(
            "GET" if body is None else "POST",
            f"{self.url}{PREFIX}{call}",
            fields=options or None,
            body=None if body is None else orjson.dumps(body),
            retries=False,
            timeout=PATIENCE + 30,
        )
        answer = orjson.loads(response.data)
        if response.status != 200:
            raise ValueError(answer["error"])
        return answer
