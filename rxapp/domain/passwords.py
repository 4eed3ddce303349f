"""Passwords: what is accepted, and how they are kept (argon2id with the library's parameters).

How easy one is to guess is judged by zxcvbn: 30,000 common passwords, names, words, dates and rows
of keys, also when turned round or with @ for a. Its scores are powers of the guesses it takes:
below 10^3 (0), 10^6 (1), 10^8 (2), 10^10 (3), or more (4).

Hashing takes about 50 ms and 64 MB on purpose. Never call it on the event loop.
"""

import re
import secrets
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from threading import Lock
from typing import Any

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn

from rxapp.errors import InvalidInput

SHORTEST = 10
LONGEST = 256
# The score of what a person may choose, and below which not even the machine's operator may.
GOOD_ENOUGH = 3
GUESSED_AT_ONCE = 2
# zxcvbn's time grows with the square of the length: 0.3 s at worst for so many characters.
_JUDGED = 72
# It keeps the words of who asks in a table that all threads share.
_judging = Lock()
# What is known about everybody here.
_KNOWN = ("rxapp",)
_ADVICE = "Choose another: a few words that do not belong together are hard to guess."
# Why one is easy, by what most of it is made of (zxcvbn's names).
_WHY = {
    "user_inputs": "It is made of what others know: your address, your name, or the program's.",
    "passwords": "It is one of the passwords that are tried first, or close to one.",
    "dictionary": "A common word or a name is found fast, also with some characters exchanged.",
    "spatial": "Rows of keys are tried first.",
    "repeat": "Repeating something hardly makes it harder to guess.",
    "sequence": "Sequences like abc or 4321 are tried first.",
    "date": "Dates and years are tried first.",
    "regex": "Dates and years are tried first.",
}

_argon2 = PasswordHash((Argon2Hasher(),))


def check(password: str, *about: str) -> None:
    """Raise InvalidInput, saying why, when the password is too easy to guess.

    `about` is what others know of whose it is: address, name, what the program is called.
    """
    if len(password) < SHORTEST:
        raise InvalidInput(f"Use at least {SHORTEST} characters.", field="password")
    if len(password) > LONGEST:
        raise InvalidInput(f"Use at most {LONGEST} characters.", field="password")
    found = _judge(password, about)
    if found["score"] < GOOD_ENOUGH:
        sentence = f"This password is easy to guess. {_why(found)}{_ADVICE}"
        raise InvalidInput(sentence, field="password")


def guessed_at_once(password: str, *about: str) -> bool:
    """Whether a million guesses find it: slowing them down does not protect such a password."""
    return int(_judge(password, about)["score"]) < GUESSED_AT_ONCE


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


def _judge(password: str, about: Iterable[str]) -> dict[str, Any]:
    with _judging:
        found: dict[str, Any] = zxcvbn(_normal(password)[:_JUDGED], _words(about))
    return found


def _words(about: Iterable[str]) -> list[str]:
    """What was said, each word of it, and its words in a row."""
    said = [one for one in (*_KNOWN, *about) if one]
    parts = [re.findall(r"\w+", one) for one in said]
    return [*said, *("".join(words) for words in parts), *(word for one in parts for word in one)]


def _why(found: dict[str, Any]) -> str:
    parts: list[dict[str, Any]] = found["sequence"]
    longest = max(parts, key=lambda part: len(part["token"]), default={})
    pattern, source = longest.get("pattern", ""), longest.get("dictionary_name", "")
    why = _WHY.get(source) or _WHY.get(pattern)
    return f"{why} " if why else ""


@lru_cache
def _nobody() -> str:
    return _argon2.hash(secrets.token_urlsafe(32))
