"""Whether a webhook was signed with our secret (docs.svix.com/receiving/verifying-payloads).

The SDK has the same check, but it also parses what it checked, and answers a number too long for
it or brackets without end like a signature that does not hold.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping

from rxapp.errors import NotAuthenticated

# How old, or how far ahead of our clock, a signature may be.
TOLERANCE_SECONDS = 300


def verify(body: bytes, headers: Mapping[str, str], secret: str) -> None:
    """Raise NotAuthenticated unless `secret` (`whsec_...`) signed the body a moment ago.

    `headers` are the request's, their names in small letters.
    """
    key = _key(secret)
    if not key:
        raise NotAuthenticated("Webhooks cannot be checked: no valid signing secret is set.")
    name, stamp = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    # Headers come decoded as Latin-1, whatever they are; what was signed are their bytes.
    signed = f"{name}.{stamp}.".encode("latin-1", "replace") + body
    right = base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    # Several while a secret is being replaced, each with the version of its scheme before it.
    given = [one.partition(",")[2].encode() for one in headers.get("svix-signature", "").split()]
    holds = any(hmac.compare_digest(right, one) for one in given)
    if not (name and _is_recent(stamp) and holds):
        raise NotAuthenticated("The webhook's signature does not hold.")


def _is_recent(stamp: str) -> bool:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    return abs(time.time() - int(stamp)) <= TOLERANCE_SECONDS


def _key(secret: str) -> bytes:
    """The key in a secret; empty where there is none.

    Strict: read leniently, a secret that is not base64 would make a shorter key, down to an empty
    one that anybody can sign with.
    """
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return b""
