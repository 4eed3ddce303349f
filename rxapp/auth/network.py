"""Where a request comes from: the network address sign-ins are counted for, and the browser.

Behind a proxy every connection comes from the proxy. Which proxies to believe must be said
(RXAPP_TRUSTED_PROXIES): anybody can send an `X-Forwarded-For` header.
"""

import ipaddress

from starlette.requests import HTTPConnection

from rxapp.config import Network, get_settings

LONGEST_AGENT = 300
# The first that is found counts: others call themselves Chrome and Safari as well.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def client_address(request: HTTPConnection) -> str:
    """The address of who asks; behind a trusted proxy, the one that proxy saw."""
    address = request.client.host if request.client else ""
    trusted = get_settings().trusted_proxies
    # Each proxy adds the address it saw at the end: read backwards while we believe the sayer.
    said = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    while _is_in(address, trusted) and said:
        before = said.pop().strip()
        if not _is_address(before):
            break
        address = before
    return address


def customer(address: str) -> str:
    """Whom an address was given to: itself; of IPv6 the /64 that a single customer gets whole."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def agent(request: HTTPConnection) -> str:
    """What the browser calls itself, cut short."""
    return request.headers.get("user-agent", "")[:LONGEST_AGENT]


def spoken(user_agent: str) -> str:
    """A browser as people call it: "Firefox on Windows"; unknown ones are named as such."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Unknown browser"


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    if not networks or not _is_address(address):
        return False
    ip = ipaddress.ip_address(address)
    return any(ip in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
