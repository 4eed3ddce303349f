"""Headers every answer gets: what the browser may load, who may frame us, what it may keep.

An answer that brings its own policy keeps it; pages without scripts do.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

from rxapp.config import get_settings

# Reflex's pages need 'unsafe-inline' (its start-up scripts and emotion's styles are inline) and
# 'unsafe-eval' (0.10.1 runs server-sent toasts and redirects through eval, utils/state.js).
# The rest stays closed: nothing is loaded from or sent to another site, but an email's images and
# fonts, because a preview in an iframe inherits this policy. And no other site may frame us.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' https: http: data: blob:",
        "font-src 'self' https: data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # What is shown to a signed-in person is not left behind in caches, nor behind "back".
    "Cache-Control": "no-store",
}
# Files under /assets/ have their content's hash in the name.
FOREVER = "private, max-age=31536000, immutable"
ONE_YEAR = "max-age=31536000"


def adding(scope: Scope, send: Send) -> Send:
    """A `send` that adds the headers to the answer of this request."""
    secure = get_settings().base_url.startswith("https:")
    hashed = scope["path"].startswith("/assets/")

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if hashed and message["status"] in {200, 304}:
                headers["Cache-Control"] = FOREVER
            if secure:
                headers["Strict-Transport-Security"] = ONE_YEAR
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
