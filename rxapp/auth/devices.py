"""Browsers somebody signed in with before: guessing by strangers never keeps them out.

A long-lived cookie names the browser and who signed in with it, and is signed. It is no sign-in:
all it gives is a count of failures of its own. So it outlives signing out and a new password:
whoever gets hold of one still guesses as slowly as anybody else.
"""

import secrets
from dataclasses import dataclass

from fastapi import Request
from itsdangerous import BadData, URLSafeSerializer

from rxapp.config import get_settings

COOKIE = "rxapp_device"
# As long as browsers keep a cookie (RFC 6265bis, section 5.5).
LIFETIME_SECONDS = 400 * 24 * 3600
# A browser may be shared; the latest come first.
MOST_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class Device:
    """A browser: a random id, and the people who signed in with it."""

    id: str
    people: tuple[int, ...] = ()

    def knows(self, user_id: int) -> bool:
        """Whether this person signed in with it before."""
        return user_id in self.people


def of(request: Request) -> Device:
    """The browser that asks; one that cannot prove what it says is new and knows nobody."""
    try:
        name, people = _serializer().loads(request.cookies.get(COOKIE, ""))
    except (BadData, TypeError, ValueError):
        return Device(secrets.token_urlsafe(16))
    return Device(str(name), tuple(people))


def cookie(device: Device, user_id: int) -> str:
    """The `Set-Cookie` header by which the browser proves that this person signed in with it."""
    others = [one for one in device.people if one != user_id]
    value = _serializer().dumps([device.id, [user_id, *others][:MOST_PEOPLE]])
    secure = "; Secure" if get_settings().base_url.startswith("https:") else ""
    age = f"Max-Age={LIFETIME_SECONDS}"
    return f"{COOKIE}={_text(value)}; {age}; Path=/; HttpOnly; SameSite=Lax{secure}"


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(get_settings().secret_key, salt="rxapp.auth.device")
