"""Walking every route of an application the way a stranger would."""

import re
from collections.abc import Iterator

import anyio
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from rxapp.auth.gate import Gate
from tests.auth.support import Probe, client

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def routes(api: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path pattern of everything `api` routes; what is mounted, with every method."""
    for route in iter_route_contexts(api.routes):
        if isinstance(route.original_route, Mount):
            yield from ((method, f"{route.path}/{{rest:path}}") for method in METHODS)
        else:
            yield from ((method, route.path or "") for method in sorted(route.methods or ()))


def open_to_strangers(api: FastAPI) -> set[tuple[str, str]]:
    """Which of its routes the gate passes on without a session or a key.

    Each is asked for with `x` in its gaps, with a body, and from our own origin.
    """

    async def ask() -> set[tuple[str, str]]:
        probe = Probe()
        found = set()
        async with client(Gate(probe)) as stranger:
            for method, pattern in routes(api):
                path = re.sub(r"\{[^}]*\}", "x", pattern)
                await stranger.request(method, path, headers={"origin": str(stranger.base_url)})
                if probe.reached:
                    found.add((method, pattern))
                    probe.reached.clear()
        return found

    return anyio.run(ask)
