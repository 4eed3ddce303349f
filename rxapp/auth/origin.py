"""Is a request from our own pages? Browsers say so in the `Origin` header, and pages cannot lie.

Compared with the `Host` the browser asked for and with the configured address (a proxy may have
put its own name into `Host`). See RFC 6454, and RFC 9110 section 7.2.
"""

from enum import Enum
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers

from rxapp.config import get_settings

_PORTS = {"http": 80, "https": 443}


class Origin(Enum):
    """Where a request comes from."""

    OWN = "own"
    FOREIGN = "foreign"
    # Not said: a plain link, or something that is not a browser.
    UNSAID = "unsaid"


def origin_of(headers: Headers) -> Origin:
    """Whether the request comes from a page of ours; `null` and nonsense are foreign."""
    said = headers.getlist("origin")
    if not said:
        return Origin.UNSAID
    base = _parse(get_settings().base_url)
    origin = _parse(said[0])
    if len(said) > 1 or origin is None:
        return Origin.FOREIGN
    if base is not None and base.scheme == "https" and origin.scheme != "https":
        # Plain http can be rewritten on the way: it is not our page any more.
        return Origin.FOREIGN
    hosts = {_place(base), _place(_parse(f"{origin.scheme}://{headers.get('host', '')}"))}
    return Origin.OWN if _place(origin) in hosts - {None} else Origin.FOREIGN


def _parse(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        valid = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    return parts if valid else None


def _place(parts: SplitResult | None) -> tuple[str, int] | None:
    if parts is None:
        return None
    return parts.hostname or "", parts.port or _PORTS[parts.scheme]
