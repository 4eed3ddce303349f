"""Unsubscribe links: signed, so that nobody can unsubscribe somebody else by guessing."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote

from itsdangerous import BadSignature, Signer

from rxapp.characters import bare
from rxapp.config import get_settings
from rxapp.db.models import Consent, Partner
from rxapp.errors import NotFound

# Whom the links in previews and tests are about: whoever reads one unsubscribes nobody.
NOBODY = 0
# What history says of a change made through the link: nobody signed in for it.
ACTOR = "the partner, by unsubscribe link"
# For how long the link takes back what it did. Whoever finds it in an old email must not be able
# to subscribe somebody again.
WAY_BACK = timedelta(hours=1)
# A partner's id and 256 bits of signature, in the letters of base64 for addresses.
_SIGNED = re.compile(r"\d{1,10}\.[\w-]{43}", re.ASCII)
# What stands where a link has its token, whole or not; and what may be one anywhere else, for an
# email can say it behind the name of another service.
_PLACED = re.compile(r"(?:(?<=/unsubscribe/)|(?<=%2Funsubscribe%2F))[\w.~-]+", re.ASCII | re.I)
# A line broken in the middle (quoted-printable, or quoted in an answer), as mail programs leave it
# in an address.
_BREAKS = re.compile(r"[=>\s]+")
# A character as quoted-printable writes it: a line that begins with a dot, for one.
_ESCAPED = re.compile(r"=([0-9A-F]{2})", re.IGNORECASE)
# More that look like a token are in no link of ours, nor is it escaped more often.
_TRIED = 5
_ESCAPES = 3


@lru_cache(maxsize=4)
def _signer(secret_key: str) -> Signer:
    # Derived once here and not at every signature: each marketing email carries one.
    key = hashlib.sha256(f"rxapp unsubscribe {secret_key}".encode()).digest()
    return Signer(key, key_derivation="none", digest_method=hashlib.sha256)


def token(partner_id: int) -> str:
    """What identifies a partner in an unsubscribe link. It never expires: old mail must work."""
    return _signer(get_settings().secret_key).sign(str(partner_id)).decode()


def link(partner_id: int) -> str:
    """The address in an email's footer and `List-Unsubscribe` header."""
    return f"{get_settings().base_url}/unsubscribe/{token(partner_id)}"


def read(link: str) -> int:
    """The partner a link is about, also when mail programs put something in, before or behind it.

    Raises NotFound for one that is damaged beyond that, or made up.
    """
    for _ in range(_ESCAPES):
        link = unquote(link)
    for found in islice(_alike(bare(link)), _TRIED):
        partner_id = _signed(found)
        if partner_id is not None:
            return partner_id
    raise NotFound("This unsubscribe link is not complete.")


def disarmed(text: str) -> str:
    """`text` with every unsubscribe link in it turned into nobody's, however it is written."""
    nobody = token(NOBODY)
    text = _PLACED.sub(nobody, text)
    return _SIGNED.sub(lambda found: found[0] if _signed(found[0]) is None else nobody, text)


def _alike(text: str) -> Iterator[str]:
    """What looks like a token in a text, once what mail programs do to lines is taken out."""
    for read in (text, _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)):
        for found in _SIGNED.finditer(_BREAKS.sub("", read)):
            yield found[0]


def _signed(found: str) -> int | None:
    """The id of what looks like a token if we signed it; digits in front may not be of it."""
    signer = _signer(get_settings().secret_key)
    for start in range(found.index(".")):
        with suppress(BadSignature):
            return int(signer.unsign(found[start:]))
    return None


def has_way_back(partner: Partner, now: datetime) -> bool:
    """Whether the link may subscribe the partner again: it unsubscribed them, and just now."""
    at = partner.consent_at
    by_link = partner.consent == Consent.UNSUBSCRIBED and partner.consent_by == ACTOR
    return by_link and at is not None and abs(now - at) <= WAY_BACK
