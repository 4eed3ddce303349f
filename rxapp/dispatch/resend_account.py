"""What a Resend account says of itself: is a key good, and which domains may send.

Asked without the SDK, which keeps its key in a global of the process: trying out a pasted key must
not touch the one that emails are leaving by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from urllib3.exceptions import HTTPError

from rxapp.dispatch.http import KeepAliveClient

TIMEOUT = 10.0  # seconds; a person waits
USER_AGENT = "rxapp"
EVENTS = (
    "email.sent",
    "email.delivered",
    "email.delivery_delayed",
    "email.bounced",
    "email.complained",
    "email.failed",
    "email.suppressed",
    "email.opened",
    "email.clicked",
)


class Access(StrEnum):
    """What a key may do, as far as Resend says."""

    FULL = "full"
    # May send, and nothing else: it cannot read which domains are verified.
    SENDING = "sending"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Record:
    """One line of DNS a domain needs."""

    purpose: str
    kind: str
    name: str
    value: str
    status: str
    priority: str = ""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain of the account; `status` is Resend's word for how far its verification is."""

    id: str
    name: str
    status: str
    region: str = ""
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """What was learned with one key; `message` is what Resend said when it refused."""

    access: Access
    domains: tuple[Domain, ...] = ()
    message: str = ""


class ResendAccount:
    """Questions to Resend with one key. Blocks; never raises for what the network does."""

    def __init__(self, api_key: str, api_url: str) -> None:
        self._url = api_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}", "User-Agent": USER_AGENT}

    def look(self, *, records: bool = False) -> Account:
        """Whether the key is good, and the account's domains; with their `records`, if wanted."""
        status, answer = self._ask("GET", "/domains")
        account = _account(status, answer)
        if not records:
            return account
        domains = tuple(self._with_records(domain) for domain in account.domains)
        return Account(account.access, domains, account.message)

    def verify(self, domain_id: str) -> bool:
        """Have Resend look at a domain's DNS again; false when it does not take the request."""
        status, _ = self._ask("POST", f"/domains/{domain_id}/verify")
        return 200 <= status < 300

    def add_webhook(self, address: str) -> str | None:
        """Make a webhook for all events the app reads; its signing secret, or None."""
        wish = {"endpoint": address, "events": list(EVENTS)}
        _, answer = self._ask("POST", "/webhooks", wish)
        secret = answer.get("signing_secret")
        return secret if isinstance(secret, str) and secret else None

    def _with_records(self, domain: Domain) -> Domain:
        status, answer = self._ask("GET", f"/domains/{domain.id}")
        return _domain(answer) if status == 200 else domain

    def _ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """The status and the answer; 0 when there was none, {} when it cannot be read."""
        client = KeepAliveClient(TIMEOUT)
        try:
            raw, status, _ = client.request(
                method, self._url + path, self._headers, dict(body or {})
            )
            answer = orjson.loads(raw)
        except orjson.JSONDecodeError:
            return status, {}
        except (HTTPError, ValueError):
            return 0, {}
        finally:
            client.close()
        return status, answer if isinstance(answer, dict) else {}


def _account(status: int, answer: dict[str, Any]) -> Account:
    message = str(answer.get("message", ""))
    if status == 200:
        return Account(Access.FULL, tuple(_domain(one) for one in answer.get("data") or []))
    if answer.get("name") == "restricted_api_key":
        return Account(Access.SENDING)
    # A bad key is 400, 401 or 403, depending on the year of the documentation.
    if status in {400, 401, 403} and answer:
        return Account(Access.REFUSED, message=message)
    return Account(Access.UNREACHABLE, message=message)


def _domain(told: dict[str, Any]) -> Domain:
    return Domain(
        id=str(told.get("id", "")),
        name=str(told.get("name", "")),
        status=str(told.get("status", "")),
        region=str(told.get("region", "")),
        records=tuple(_record(one) for one in told.get("records") or []),
    )


def _record(told: dict[str, Any]) -> Record:
    return Record(
        purpose=str(told.get("record", "")),
        kind=str(told.get("type", "")),
        name=str(told.get("name", "")),
        value=str(told.get("value", "")),
        status=str(told.get("status", "")),
        priority=str(told.get("priority") or ""),
    )
