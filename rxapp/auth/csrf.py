"""Forms before sign-in: each carries a signed token bound to a cookie of the same browser.

Another site can make a browser post our form, but cannot read the cookie or sign for it. Forms of
a signed-in person carry the session's own secret instead (`sessions.csrf_for`).
"""

import re
import secrets

from fastapi import Request
from itsdangerous import BadData, URLSafeTimedSerializer

from rxapp.config import get_settings

COOKIE = "rxapp_form"
LIFETIME_SECONDS = 12 * 3600


def browser_id(request: Request) -> str:
    """The random id in this browser's form cookie, or a new one to be set."""
    sent = request.cookies.get(COOKIE, "")
    return sent if re.fullmatch(r"[\w-]{32}", sent, re.ASCII) else secrets.token_urlsafe(24)


def token(browser: str) -> str:
    """What the form's hidden field holds."""
    return _serializer().dumps(browser)


def holds(request: Request, sent: str) -> bool:
    """Whether the form was made by us, for this browser, and not too long ago."""
    try:
        browser = _serializer().loads(sent, max_age=LIFETIME_SECONDS)
    except BadData:
        return False
    cookie = request.cookies.get(COOKIE, "")
    return bool(cookie) and secrets.compare_digest(str(browser), cookie)


def cookie(browser: str) -> str:
    """The `Set-Cookie` header that binds the form to this browser."""
    secure = "; Secure" if get_settings().base_url.startswith("https:") else ""
    age = f"Max-Age={LIFETIME_SECONDS}"
    return f"{COOKIE}={browser}; {age}; Path=/login; HttpOnly; SameSite=Lax{secure}"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(get_settings().secret_key, salt="rxapp.auth.form")
