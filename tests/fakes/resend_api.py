"""The fake provider's REST API: who may call, how often, and what each call does.

Semantics from resend.com/docs; what no source settles is marked "unknown" or "assumed".
"""

import asyncio
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from tests.fakes.resend_faults import BEFORE, Faults
from tests.fakes.resend_http import Reply, Request
from tests.fakes.resend_problems import PROBLEMS, Problem, Refusal, invalid
from tests.fakes.resend_rules import MAX_BATCH, check_email, check_sender
from tests.fakes.resend_state import Config, Email, KeyUse, LoggedRequest, Payload, Store
from tests.fakes.resend_webhooks import Webhooks, last_event

UNLIMITED = 1_000_000
GATEWAY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>502</body></html>"


@dataclass
class Api:
    """Answers requests as the provider would."""

    config: Config
    store: Store
    faults: Faults
    webhooks: Webhooks
    _window: int = 0
    _used: int = 0
    _day: int = 0
    _today: int = 0
    _in_all: int = 0

    async def handle(self, request: Request) -> Reply:
        """One request, from arrival to answer, logged."""
        path = request.target.partition("?")[0]
        entry = LoggedRequest(
            at=time.time(),
            method=request.method,
            path=path,
            key=request.headers.get("idempotency-key", ""),
            sha256=hashlib.sha256(request.body).hexdigest(),
            size=len(request.body),
            connection=request.connection,
            status=0,
            fault="",
        )
        self.store.requests.append(entry)
        self.store.count("requests")
        reply = await self._answer(request, path, entry)
        if reply.fate in ("answer", "answer_close"):
            entry.status = reply.status
        return reply

    async def _answer(self, request: Request, path: str, entry: LoggedRequest) -> Reply:
        headers: dict[str, str] = {}
        try:
            if not request.headers.get("user-agent"):
                return Reply(403, b"error code: 1010", content_type="text/plain")
            restricted = self._authenticate(request)
            self._take_turn(headers)
            entry.fault = self.faults.draw(self.config.burst)
            if entry.fault in BEFORE:
                reply = _fail(entry.fault)
            else:
                reply = await self._route(request, path, entry.sha256, restricted)
                if entry.fault:
                    reply = await self._spoil(reply, entry.fault)
        except Refusal as refusal:
            reply = _refuse(refusal.problem)
        if reply.status == 429:
            headers["retry-after"] = "1"
        reply.headers = {**headers, **self._quota_headers()}
        return reply

    # Who may call, and how often

    def _authenticate(self, request: Request) -> bool:
        """Refuse unknown keys; tell whether this one may only send."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise Refusal(PROBLEMS["no_key"])
        if key in self.config.restricted_keys:
            return True
        known = key in self.config.api_keys if self.config.api_keys else key.startswith("re_")
        if not known:
            raise Refusal(PROBLEMS["401" if self.config.unknown_key_status == 401 else "old_403"])
        return False

    def _team(self, request: Request) -> str:
        """Whose keys count; webhooks, quotas and the ledger are shared, for tests to look at."""
        return self.config.teams.get(request.headers["authorization"].partition(" ")[2], "")

    def _take_turn(self, headers: dict[str, str]) -> None:
        """Count the request in its one-second window, or refuse it; fills in the rate headers.

        Refused requests neither count nor touch idempotency keys (assumed).
        """
        window = int(self.store.clock())
        if window != self._window:
            self._window, self._used = window, 0
        limit = self.config.rate or UNLIMITED
        throttled = self._used >= limit
        self._used += not throttled
        headers["ratelimit-limit"] = str(limit)
        headers["ratelimit-remaining"] = str(limit - self._used)
        headers["ratelimit-reset"] = "1"
        headers["ratelimit-policy"] = f"{limit};w=1"
        if throttled:
            self.store.count("throttled")
            raise Refusal(PROBLEMS["429"])

    def _spend_quota(self, payloads: list[Payload]) -> None:
        if not (self.config.daily_quota or self.config.monthly_quota):
            return
        day = int(self.store.clock() // 86400)
        if day != self._day:
            self._day, self._today = day, 0
        number = sum(_recipients(payload) for payload in payloads)
        if self.config.daily_quota and self._today + number > self.config.daily_quota:
            raise Refusal(PROBLEMS["daily_quota"])
        if self.config.monthly_quota and self._in_all + number > self.config.monthly_quota:
            raise Refusal(PROBLEMS["monthly_quota"])
        self._today += number
        self._in_all += number

    def _quota_headers(self) -> dict[str, str]:
        headers = {}
        if self.config.daily_quota:
            headers["x-resend-daily-quota"] = str(self._today)
        if self.config.monthly_quota:
            headers["x-resend-monthly-quota"] = str(self._in_all)
        return headers

    # What can be called

    async def _route(self, request: Request, path: str, digest: str, restricted: bool) -> Reply:
        if path in ("/emails", "/emails/batch"):
            if request.method != "POST":
                raise Refusal(PROBLEMS["restricted" if restricted else "method"])
            accept = self._accept_batch if path == "/emails/batch" else self._accept_one
            return await self._once(request, path, digest, accept)
        if restricted:
            raise Refusal(PROBLEMS["restricted"])
        await self._work()
        segments = path.strip("/").split("/")
        if segments[0] == "emails":
            return _ok(self._email_call(request, segments))
        return _ok(self._account_call(request, segments))

    def _email_call(self, request: Request, segments: list[str]) -> Any:
        match request.method, segments:
            case "GET", ["emails", email_id]:
                return self._describe(self._find(email_id))
            case "POST", ["emails", email_id, "cancel"]:
                return self._cancel(self._find(email_id))
            case "PATCH", ["emails", email_id]:
                return self._move(self._find(email_id), _parse(request.body))
        raise Refusal(PROBLEMS["not_found"])

    def _account_call(self, request: Request, segments: list[str]) -> Any:
        match request.method, segments:
            case "GET", ["domains"]:
                return self._list_domains()
            case "GET", ["domains", domain_id]:
                return self._describe_domain(domain_id)
            case "POST", ["domains", domain_id, "verify"]:
                return {"object": "domain", "id": self._describe_domain(domain_id)["id"]}
            case "POST", ["webhooks"]:
                return self._add_webhook(_parse(request.body))
        raise Refusal(PROBLEMS["not_found"])

    async def _work(self) -> None:
        """The time the provider takes before it accepts."""
        seconds = self.config.latency
        if self.config.jitter:
            seconds += self.faults.random.uniform(0, self.config.jitter)
        if seconds:
            await asyncio.sleep(seconds)

    async def _once(
        self, request: Request, path: str, digest: str, accept: Callable[[Request], bytes]
    ) -> Reply:
        """Accept a request at most once per idempotency key; only successes are kept (assumed)."""
        key = request.headers.get("idempotency-key")
        if key is None:
            await self._work()
            return Reply(200, accept(request))
        if not 1 <= len(key) <= 256:
            raise Refusal(PROBLEMS["bad_key"])
        slot = (self._team(request), request.method, path, key)
        use = self.store.key_use(slot)
        if use:
            return await self._replay(use, digest)
        use = self.store.keys[slot] = KeyUse(digest, self.store.clock())
        try:
            await self._work()
            use.answer = accept(request)
        finally:
            if use.answer is None:
                self.store.keys.pop(slot, None)
        return Reply(200, use.answer)

    async def _replay(self, use: KeyUse, digest: str) -> Reply:
        if use.digest != digest:
            raise Refusal(PROBLEMS["other_body"])
        if use.answer is None:
            raise Refusal(PROBLEMS["in_flight"])
        await self._work()
        self.store.count("replayed")
        return Reply(200, use.answer)

    def _accept_one(self, request: Request) -> bytes:
        payload = _parse(request.body)
        problem = check_email(payload, self.config, batch=False)
        if problem:
            raise Refusal(problem)
        [email_id] = self._accept([payload], request)
        return orjson.dumps({"id": email_id})

    def _accept_batch(self, request: Request) -> bytes:
        payloads = _parse(request.body)
        if not isinstance(payloads, list):
            raise Refusal(invalid("The `request.body` field must be an `array`."))
        if not 1 <= len(payloads) <= MAX_BATCH:
            raise Refusal(invalid(f"A batch takes 1 to {MAX_BATCH} emails."))  # wording unknown
        permissive = (
            self.config.honour_permissive
            and request.headers.get("x-batch-validation") == "permissive"
        )
        valid, errors = [], []
        for index, payload in enumerate(payloads):
            problem = check_email(payload, self.config, batch=True)
            if problem is None and permissive and self.config.sender_refusal == "each":
                problem = check_sender(payload, self.config)
            if problem is None:
                valid.append(payload)
            elif permissive:
                errors.append({"index": index, "message": problem.message})
            else:
                raise Refusal(problem)
        ids = self._accept(valid, request)
        answer: dict[str, Any] = {"data": [{"id": email_id} for email_id in ids]}
        if permissive:
            answer["errors"] = errors
        return orjson.dumps(answer)

    def _accept(self, payloads: list[Payload], request: Request) -> list[str]:
        for payload in payloads:
            problem = check_sender(payload, self.config)
            if problem:
                raise Refusal(problem)
        times = [_schedule(payload) for payload in payloads]
        self._spend_quota(payloads)
        key = request.headers.get("idempotency-key", "")
        ids = self.store.accept(payloads, key, self.config.keep_bodies)
        for email_id, at in zip(ids, times, strict=True):
            self.store.emails[email_id].scheduled_at = at
            self.webhooks.follow(self.store.emails[email_id])
        return ids

    # One email, later

    def _find(self, email_id: str) -> Email:
        try:
            UUID(email_id)
        except ValueError:
            sentence = "The `id` must be a valid UUID."
            raise Refusal(Problem(422, "invalid_parameter", sentence)) from None
        email = self.store.emails.get(email_id)
        if email is None:
            raise Refusal(PROBLEMS["no_email"])
        return email

    def _describe(self, email: Email) -> dict[str, Any]:
        created = datetime.fromtimestamp(email.accepted_at, UTC)
        described: dict[str, Any] = {
            "object": "email",
            "id": email.id,
            "message_id": f"<{email.id}@resend.dev>",
            "to": email.recipients,
            # The provider writes the zone as +00, without minutes.
            "created_at": created.isoformat(" ", "microseconds")[:-3],
            "html": email.payload.get("html"),
            "text": email.payload.get("text"),
            "bcc": email.payload.get("bcc") or [],
            "cc": email.payload.get("cc") or [],
            "reply_to": email.payload.get("reply_to") or [],
            "last_event": last_event(email, self.config, time.time()),
            "scheduled_at": email.payload.get("scheduled_at"),
            "tags": email.payload.get("tags") or [],
        }
        return described | {name: email.payload[name] for name in ("from", "subject")}

    def _cancel(self, email: Email) -> dict[str, str]:
        _require_scheduled(email)
        email.canceled = True
        return {"object": "email", "id": email.id}

    def _move(self, email: Email, body: Any) -> dict[str, str]:
        _require_scheduled(email)
        email.scheduled_at = _schedule(body)
        if email.scheduled_at is not None:
            email.payload["scheduled_at"] = body["scheduled_at"]
            self.webhooks.reschedule(email)
        return {"object": "email", "id": email.id}

    def _list_domains(self) -> dict[str, Any]:
        domains = [
            {"id": str(UUID(int=number)), "name": name, "status": status, "region": "us-east-1"}
            for number, (name, status) in enumerate(self.config.domains.items())
        ]
        return {"object": "list", "has_more": False, "data": domains}

    def _describe_domain(self, domain_id: str) -> dict[str, Any]:
        for domain in self._list_domains()["data"]:
            if domain["id"] == domain_id:
                status = domain["status"]
                return {**domain, "object": "domain", "records": _records(status)}
        raise Refusal(PROBLEMS["not_found"])

    def _add_webhook(self, body: Any) -> dict[str, Any]:
        """Kept, so that events go there from now on."""
        if not (isinstance(body, dict) and body.get("endpoint") and body.get("events")):
            raise Refusal(PROBLEMS["endpoint"])
        self.config.webhook_url = body["endpoint"]
        secret = self.config.webhook_secret
        return {"object": "webhook", "id": str(UUID(int=7)), "signing_secret": secret}

    # What goes wrong after acceptance

    async def _spoil(self, reply: Reply, fault: str) -> Reply:
        """Let a good answer get lost or damaged; what was accepted stays accepted."""
        match fault:
            case "drop":
                reply.fate = "drop"
            case "accept_hang":
                reply.fate = "hang"
            case "truncate":
                reply.fate = "truncate"
            case "close":
                reply.fate = "answer_close"
            case "late":
                await asyncio.sleep(self.config.late)
            case "garbage":
                return Reply(200, GATEWAY_PAGE, content_type="text/html")
            case "short":
                answer = orjson.loads(reply.body)
                answer["data"] = answer.get("data", [])[:-1]
                reply.body = orjson.dumps(answer)
            case "accept_500":
                return _refuse(PROBLEMS["500"])
            case "accept_502":
                return _fail("502")
        return reply


def _ok(answer: dict[str, Any]) -> Reply:
    return Reply(200, orjson.dumps(answer))


def _refuse(problem: Problem) -> Reply:
    status, name, message = problem
    body = orjson.dumps({"statusCode": status, "message": message, "name": name})
    return Reply(status, body)


def _fail(fault: str) -> Reply:
    """The answer, or silence, of a fault that strikes before acceptance."""
    match fault:
        case "hang":
            return Reply(200, b"", fate="hang")
        case "reset":
            return Reply(200, b"", fate="reset")
        case "502":
            return Reply(502, GATEWAY_PAGE, content_type="text/html")
    return _refuse(PROBLEMS[fault])


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        sentence = "The request body is not valid JSON."  # wording unknown
        raise Refusal(Problem(400, "validation_error", sentence)) from None


def _schedule(payload: Any) -> float | None:
    """When a scheduled email is due; ISO 8601 only, not the provider's natural language."""
    text = payload.get("scheduled_at") if isinstance(payload, dict) else None
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise Refusal(invalid("Invalid `scheduled_at` field.")) from None  # wording unknown


def _require_scheduled(email: Email) -> None:
    if email.canceled or email.scheduled_at is None or email.scheduled_at <= time.time():
        raise Refusal(invalid("Only scheduled emails can be changed."))  # wording unknown


def _recipients(payload: Payload) -> int:
    groups = (payload.get(name) or [] for name in ("to", "cc", "bcc"))
    return sum(1 if isinstance(group, str) else len(group) for group in groups)


def _records(status: str) -> list[dict[str, Any]]:
    """The DNS records of a domain, as resend.com/docs/api-reference/domains/get-domain has them."""
    common = {"ttl": "Auto", "status": status}
    return [
        {
            "record": "SPF",
            "name": "send",
            "type": "MX",
            "value": "feedback-smtp.us-east-1.amazonses.com",
            "priority": 10,
            **common,
        },
        {
            "record": "SPF",
            "name": "send",
            "type": "TXT",
            "value": '"v=spf1 include:amazonses.com ~all"',
            **common,
        },
        {
            "record": "DKIM",
            "name": "resend._domainkey",
            "type": "TXT",
            "value": "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDsc4Lh8xilsngyKEgN2S84",
            **common,
        },
    ]
