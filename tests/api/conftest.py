"""The API as programs reach it: over ASGI, behind the gate, with real keys."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rxapp.api.app import create_api
from rxapp.auth import keys
from rxapp.auth.gate import Gate
from rxapp.db.engine import writing
from rxapp.db.models import Role


class Client:
    """A blocking client of the whole app; what it returns is httpx's own response.

    Each call runs its own event loop in its own thread, so several may be in flight at once.
    """

    def __init__(self, api: FastAPI, key: str | None = None) -> None:
        self._app = Gate(api)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self._headers, **options.pop("headers", {})}
        with ThreadPoolExecutor(1) as thread:
            call = self._request(method, path, headers=headers, **options)
            return thread.submit(asyncio.run, call).result()

    async def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        # The app answers 500 itself, so what it raises on top would only hide that answer.
        transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.request(method, path, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> httpx.Response:
        if json is not None:
            options["json"] = json
        return self.request("POST", path, **options)

    def patch(self, path: str, json: Any, **options: Any) -> httpx.Response:
        return self.request("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)


@pytest.fixture(scope="session")
def api() -> FastAPI:
    return create_api()


@pytest.fixture
def anybody(api: FastAPI, database: str) -> Client:
    """Somebody without session or key."""
    return Client(api)


@pytest.fixture
def client_of(api: FastAPI, database: str) -> Callable[[Role], Client]:
    """Makes a client with a new key of a role."""

    def make(role: Role) -> Client:
        with writing() as session:
            return Client(api, keys.create(session, f"a {role}", role))

    return make


@pytest.fixture
def client(client_of: Callable[[Role], Client]) -> Client:
    """An admin's client: may do everything."""
    return client_of(Role.ADMIN)
