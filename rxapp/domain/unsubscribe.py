"""Unsubscribe links: signed, so that nobody can unsubscribe somebody else by guessing."""

import hashlib
from functools import lru_cache

from itsdangerous import BadSignature, Signer

from rxapp.config import get_settings
from rxapp.errors import NotFound

# Whom the links in previews and tests are about: whoever reads one unsubscribes nobody.
NOBODY = 0


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


def read(token: str) -> int:
    """The partner a link is about; raises NotFound for one that is damaged or made up."""
    try:
        return int(_signer(get_settings().secret_key).unsign(token))
    except (BadSignature, ValueError) as error:
        raise NotFound("This unsubscribe link is not complete.") from error
