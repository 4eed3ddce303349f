"""Names in addresses: a tag may be called `a/b`, a partner's key may be anything.

A plain slash parts an address, an encoded one (`%2F`) belongs to a name. Servers decode both to the
same, so the path is read anew as it was sent, with a stand-in for each encoded slash.
"""

import re
from urllib.parse import quote, unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

# Where names stand in addresses.
NAMED = "/api/"
# No character at all, so no name has it.
STAND_IN = "\ufdd0"
_ENCODED = re.compile(rb"%2f", re.IGNORECASE)
_STANDS_IN = quote(STAND_IN).encode()


class EncodedSlashes:
    """Keeps the slashes of names apart from those between the parts of an address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a stand-in for each encoded slash of its path."""
        raw = scope.get("raw_path") or b""
        if scope["type"] == "http" and scope["path"].startswith(NAMED) and _ENCODED.search(raw):
            scope = {**scope, "path": unquote(_ENCODED.sub(_STANDS_IN, raw).decode("latin-1"))}
        await self._app(scope, receive, send)


def name(part: str) -> str:
    """The name that a part of a path stands for."""
    return part.replace(STAND_IN, "/")


class _Name(Convertor[str]):
    """A name, which may have plain slashes in it as well, but not begin with one."""

    regex = "(?s:[^/].*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _Rest(_Name):
    """Whatever is left of an address, line breaks too."""

    regex = "(?s:.*)"


# Lets routes be written `/tags/{tag:name}`.
register_url_convertor("name", _Name())
register_url_convertor("rest", _Rest())
