"""Passwords: what is accepted, and how they are kept (argon2id with the library's parameters).

Hashing takes about 50 ms and 64 MB on purpose. Never call it on the event loop.
"""

import secrets
import unicodedata
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from rxapp.errors import InvalidInput

SHORTEST = 10
LONGEST = 256
# Of those long enough, what guessing starts with.
GUESSED_FIRST = frozenset(
    [
        "1234567890",
        "12345678910",
        "0123456789",
        "0987654321",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "qwertyuiop",
        "qwerty12345",
        "qwerty123456",
        "password12",
        "password123",
        "password1234",
        "password12345",
        "passw0rd123",
        "adminadmin",
        "administrator",
        "admin12345",
        "changeme123",
        "letmein1234",
        "welcome123",
        "iloveyou12",
        "abcdefghij",
        "abcd123456",
        "aaaaaaaaaa",
        "0000000000",
        "1111111111",
        "1111122222",
        "9876543210",
    ]
)

_argon2 = PasswordHash((Argon2Hasher(),))


def check(password: str, email: str) -> None:
    """Raise InvalidInput when the password is too easy to guess for the account `email`."""
    folded = password.casefold().strip()
    if len(password) < SHORTEST:
        raise InvalidInput(f"Use at least {SHORTEST} characters.", field="password")
    if len(password) > LONGEST:
        raise InvalidInput(f"Use at most {LONGEST} characters.", field="password")
    if folded in {email.casefold(), email.casefold().partition("@")[0]}:
        raise InvalidInput("The password must not be the email address.", field="password")
    if folded in GUESSED_FIRST or len(set(folded)) < 3:
        raise InvalidInput(
            "This password is among the first that are guessed. Please choose another.",
            field="password",
        )


def hash_password(password: str) -> str:
    """What to keep of a password."""
    return _argon2.hash(_normal(password))


def verify(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and a new hash when the kept one is out of date.

    With no hash (an unknown account) it takes as long and says no: timing tells nothing.
    """
    nobody = _nobody()
    right, new = _argon2.verify_and_update(_normal(password), kept or nobody)
    return (right, new) if kept else (False, None)


def _normal(password: str) -> str:
    # The same keys give different characters on different systems (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)


@lru_cache
def _nobody() -> str:
    return _argon2.hash(secrets.token_urlsafe(32))
