"""What the dispatcher needs of a provider, in the app's own words.

The provider's vocabulary (status codes, error names, headers) stops in the module that implements
this protocol, `dispatch/resend.py`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took this email over; `provider_id` names it in webhooks and look-ups."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider will never send this email; `message` is its own sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class Held:
    """The provider does not send this email now because of the account: it did not, and it waits.

    Somebody has to act first; see `Answered.stop`.
    """


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What the provider said of its request limit: `requests` per `window` seconds.

    `remaining` requests are left in the current window, which ends in `reset` seconds.
    """

    requests: float
    window: float = 1.0
    remaining: int | None = None
    reset: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The batch was answered: one result per email, in the order of the request.

    `captured`: what was accepted is kept, and goes to nobody. `stop` is why some are `Held`.
    """

    results: list[Accepted | Refused | Held]
    rate: RateLimit | None = None
    captured: bool = False
    stop: "Stop | None" = None


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Nothing is known to be sent, or it is not known whether it was: post the same bytes again.

    `after` is the provider's own wish in seconds, if it gave one. `throttled` tells a refusal for
    pace (429), which says nothing about health, from a fault. `answered` is false when no reply
    arrived at all, so that the batch may already have been accepted.

    `maybe_sent` is false when this attempt certainly sent nothing: no connection came about, or
    the request was turned away for pace. Only a batch whose every attempt is of that kind may be
    sent under a new key once the provider has forgotten the old one.
    """

    reason: str
    after: float | None = None
    throttled: bool = False
    answered: bool = True
    rate: RateLimit | None = None
    maybe_sent: bool = True


@dataclass(frozen=True, slots=True)
class Stop:
    """The account itself is refused (key, permission, sender, quota): stop sending, fail nothing.

    The provider answered, so certainly nothing of this request was sent. `code` is one of
    `key_refused`, `domain_refused`, `daily_quota`, `monthly_quota`; `until` is when trying again
    makes sense, None when a person has to act first.
    """

    code: str
    message: str
    until: datetime | None = None
    rate: RateLimit | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The request as a whole was refused for good, and nothing of it was sent.

    One bad email can cause this for the other 99: the dispatcher splits the batch and asks again
    under new keys, until the bad one stands alone and fails with `message`.

    `maybe_sent` turns that around: the provider knows the key from another request, so part of
    the batch may be out. It must not be split nor sent under a new key; its sends are `unknown`.
    """

    message: str
    rate: RateLimit | None = None
    maybe_sent: bool = False


Outcome = Answered | RetryLater | Stop | Rejected


class Provider(Protocol):
    """One way of sending email.

    `account` tells whose idempotency keys count, and is never the key itself: what one account
    may have taken is not posted to another. Empty when it cannot be told; nothing is posted then.
    """

    name: str
    account: str

    def send_batch(self, payload: bytes, key: str) -> Outcome:
        """Post `payload` (a JSON array of up to 100 emails) under the idempotency key `key`.

        Never raises for anything the network or the provider does: that is an outcome. Blocks for
        up to the provider's timeout; safe to call from several threads at once.
        """
        ...

    def close(self) -> None:
        """Give the connections back."""
        ...
