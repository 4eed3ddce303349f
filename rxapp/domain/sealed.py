"""Secrets at rest: encrypted with a key made of RXAPP_SECRET_KEY, so that a copy of the database
alone gives nothing away (Fernet: AES and HMAC, cryptography.io)."""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rxapp.config import get_settings

# The same secret signs links and forms: what it is used for must differ.
_PURPOSE = b"rxapp.domain.sealed"


def seal(plain: str) -> str:
    """What may be stored of a secret."""
    return _fernet(get_settings().secret_key).encrypt(plain.encode()).decode()


def unseal(sealed: str) -> str | None:
    """The secret again; None when RXAPP_SECRET_KEY has changed since, or somebody altered it."""
    return _unseal(sealed, get_settings().secret_key)


@lru_cache(maxsize=16)
def _unseal(sealed: str, secret_key: str) -> str | None:
    try:
        return _fernet(secret_key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


@lru_cache(maxsize=2)
def _fernet(secret_key: str) -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret_key.encode())
    return Fernet(base64.urlsafe_b64encode(key))
