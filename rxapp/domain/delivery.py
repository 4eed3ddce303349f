"""How emails leave: the provider's key, the secret of its webhook, and the pace.

Both secrets come from the environment until they are set in the app; what the app stores of them
is sealed. Every process reads them anew: a change takes effect with the next transaction.
"""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlmodel import Session

from rxapp.characters import bare
from rxapp.config import FASTEST, SLOWEST, get_settings
from rxapp.db import batches, pace, sends
from rxapp.db import settings as sql
from rxapp.db.batches import SANDBOX
from rxapp.db.engine import wakes_dispatcher
from rxapp.db.types import utcnow
from rxapp.domain import audit
from rxapp.domain.sealed import seal, unseal
from rxapp.errors import Conflict, InvalidInput

API_KEY = "resend_api_key"
WEBHOOK_SECRET = "resend_webhook_secret"  # noqa: S105 (the name of a setting)
# Why a provider refuses us, as the shared pace remembers it: it does not take the sender.
DOMAIN_REFUSED = "domain_refused"
SHOWN = 4
_END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret in use. `value` is empty when there is none, or when it cannot be read any more.

    `source` is "app", "environment", or empty when there is none.
    """

    source: str = ""
    value: str = ""

    @property
    def ending(self) -> str:
        """The last characters, for a person to recognise it by."""
        return self.value[-SHOWN:] if len(self.value) > 2 * SHOWN else ""

    @property
    def is_lost(self) -> bool:
        """It is stored, but RXAPP_SECRET_KEY has changed since: it must be pasted again."""
        return bool(self.source) and not self.value

    def __repr__(self) -> str:
        return f"Secret({self.source!r})"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is in force now."""

    key: Secret
    webhook: Secret

    @property
    def live(self) -> bool:
        """Whether emails really leave. A key that cannot be read holds them: no sandbox."""
        return bool(self.key.source)

    @property
    def account(self) -> str:
        """The account emails leave by, as batches remember it; empty when that cannot be told."""
        return account_of(self.key.value, get_settings().resend_api_url) if self.live else SANDBOX

    @property
    def provider(self) -> str:
        """The provider's name, as batches and the shared pace know it."""
        return "resend" if self.live else "sandbox"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Emails that have not left: those whose time has come, and those for later."""

    due: int
    later: int

    @property
    def all(self) -> int:
        """Both."""
        return self.due + self.later


def account_of(key: str, url: str) -> str:
    """What tells an account apart from others without giving its key away; empty without a key.

    Resend does not say which account a key belongs to (resend.com/docs, API keys: one that may
    only send can ask nothing at all), so another key counts as another account, and so does the
    same key at another address.
    """
    return hmac.digest(key.encode(), url.rstrip("/").encode(), "sha256").hex() if key else ""


def delivery(session: Session) -> Delivery:
    """The secrets in force."""
    stored, given = sql.stored(session, [API_KEY, WEBHOOK_SECRET]), get_settings()
    return Delivery(
        key=_secret(stored.get(API_KEY), given.resend_api_key),
        webhook=_secret(stored.get(WEBHOOK_SECRET), given.resend_webhook_secret),
    )


def from_environment() -> Delivery:
    """What holds until something is set in the app."""
    given = get_settings()
    return Delivery(
        key=_secret(None, given.resend_api_key), webhook=_secret(None, given.resend_webhook_secret)
    )


def waiting(session: Session) -> Waiting:
    """How many emails a change of the key concerns."""
    due = sends.count_due(session, utcnow())
    return Waiting(due, sends.count_due(session, _END_OF_TIME) - due)


def perhaps_taken(session: Session, key: str | None) -> int:
    """How many emails another account may have taken already, should this key be used instead.

    None is for what is used once the app's own key is removed. Those emails become `unknown`.
    """
    account = _account_with(key)
    return batches.count_perhaps_taken(session, account, utcnow())


def api_key(typed: str) -> str:
    """A key as Resend writes them; raises InvalidInput when it cannot be one."""
    key = bare(typed)
    if key.startswith("whsec_"):
        raise InvalidInput("This is a webhook's signing secret. An API key starts with re_.", "key")
    if not re.fullmatch(r"re_[\w-]{1,200}", key, re.ASCII):
        raise InvalidInput("A Resend API key starts with re_ and has no spaces.", "key")
    return key


def use_key(
    session: Session, key: str, actor: str, waiting: Literal["send", "discard"], *, told: int = 0
) -> int:
    """Send with this key from now on; returns how many waiting emails were discarded.

    What waits may have been meant for the sandbox: whoever goes live says whether it is sent.
    `told` is the number of `perhaps_taken` emails the person has seen; raises Conflict when there
    are more by now.
    """
    key, before = api_key(key), delivery(session)
    _hold_still(session, before.provider)
    _told_of_all(session, key, told)
    discarded = _discard(session) if waiting == "discard" else 0
    sql.store(session, {API_KEY: seal(key)})
    pace.clear_stop(session, "resend", utcnow())
    wakes_dispatcher(session)
    audit.record(
        session, actor, "settings", None, "key_set", live=not before.live, discarded=discarded
    )
    return discarded


def forget_key(
    session: Session, actor: str, waiting: Literal["keep", "discard"], *, told: int = 0
) -> int:
    """Use the environment's key again, or the sandbox; returns how many emails were discarded.

    In the sandbox, what waits is captured: the partners it was meant for never get it. `told` is
    as for `use_key`.
    """
    _hold_still(session, delivery(session).provider)
    _told_of_all(session, None, told)
    discarded = _discard(session) if waiting == "discard" else 0
    sql.remove(session, [API_KEY])
    pace.clear_stop(session, "resend", utcnow())
    wakes_dispatcher(session)
    live = delivery(session).live
    audit.record(session, actor, "settings", None, "key_removed", live=live, discarded=discarded)
    return discarded


def use_webhook_secret(session: Session, typed: str, actor: str) -> None:
    """Check the provider's events with this secret from now on; raises InvalidInput."""
    secret = bare(typed)
    if not _is_signing_secret(secret):
        raise InvalidInput(
            "A signing secret starts with whsec_. Copy the whole of it from Resend.", "secret"
        )
    sql.store(session, {WEBHOOK_SECRET: seal(secret)})
    audit.record(session, actor, "settings", None, "webhook_secret_set")


def forget_webhook_secret(session: Session, actor: str) -> None:
    """Use the environment's secret again, or refuse events."""
    sql.remove(session, [WEBHOOK_SECRET])
    audit.record(session, actor, "settings", None, "webhook_secret_removed")


def try_now(session: Session) -> None:
    """Find out at once whether the provider takes emails again."""
    pace.try_now(session, utcnow())
    wakes_dispatcher(session)


def set_rate(session: Session, typed: str, actor: str) -> float | None:
    """Send at most so many requests a second, all workers together; empty: what Resend allows."""
    rate = _rate(bare(typed))
    pace.limit(session, "resend", rate, default=get_settings().resend_rate_limit, now=utcnow())
    wakes_dispatcher(session)
    audit.record(session, actor, "settings", None, "rate_set", rate=rate)
    return rate


def _rate(typed: str) -> float | None:
    if not typed:
        return None
    try:
        rate = float(typed)
    except ValueError:
        rate = 0.0
    if not SLOWEST <= rate <= FASTEST:  # also false for nan
        raise InvalidInput(
            f"The pace is a number of requests a second from {SLOWEST:g} to {FASTEST:g}, such as "
            "5. One request carries up to 100 emails.",
            "rate",
        )
    return rate


def _secret(sealed: object, given: str) -> Secret:
    if isinstance(sealed, str):
        return Secret("app", unseal(sealed) or "")
    return Secret("environment", given) if given else Secret()


def _hold_still(session: Session, provider: str) -> None:
    """Let no worker form another request with the old key once this transaction has counted."""
    pace.hold(session, provider, pace.USUAL, utcnow())


def _account_with(key: str | None) -> str:
    """The account emails would leave by with this key in the app, or with none."""
    used = from_environment().key if key is None else Secret("app", key)
    return Delivery(key=used, webhook=Secret()).account


def _told_of_all(session: Session, key: str | None, told: int) -> None:
    account = _account_with(key)
    number = batches.count_perhaps_taken(session, account, utcnow(), given_back=True)
    if number > told:
        raise Conflict(
            f"Meanwhile {number:,} emails may already have been taken by the account used so far. "
            "Nothing was changed. Close this and look again."
        )


def _discard(session: Session) -> int:
    return sends.cancel_due(session, "not_meant", utcnow(), due_by=_END_OF_TIME)


def _is_signing_secret(secret: str) -> bool:
    try:
        encoded = secret.removeprefix("whsec_")
        return secret.startswith("whsec_") and len(base64.b64decode(encoded, validate=True)) >= 16
    except (ValueError, binascii.Error):
        return False
