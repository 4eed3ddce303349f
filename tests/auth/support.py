"""A browser, a program with a key, and a websocket, talking to an ASGI app without a network."""

from collections.abc import AsyncIterable, Mapping
from typing import Any

import anyio
import httpx
from sqlalchemy import select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rxapp.auth import sessions
from rxapp.auth.sessions import Identity
from rxapp.db import users
from rxapp.db.engine import writing
from rxapp.db.models import LoginAttempt, Role, User
from rxapp.domain.text import email_key

# What the browser calls the app: also the origin of its requests.
APP = "http://app.test"
ELSEWHERE = "https://elsewhere.test"


class Probe:
    """An app behind the gate that answers everything, and remembers what reached it."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.identities: list[Identity | None] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached.append(scope["path"])
        self.identities.append(scope["state"]["identity"])
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"inside"})


class Browser:
    """Keeps cookies and names its origin, as browsers do; follows no redirects."""

    def __init__(self, app: ASGIApp, address: str = "203.0.113.9") -> None:
        self._app = app
        self._address = address
        self.cookies = httpx.Cookies()

    def move(self, address: str) -> None:
        """Go on from another network address."""
        self._address = address

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.request("GET", path, headers)

    def post(self, path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        return self.request("POST", path, {"origin": APP, **headers}, data=form)

    def request(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **sent: Any
    ) -> httpx.Response:
        async def call() -> httpx.Response:
            async with client(self._app, self._address) as http:
                http.cookies = self.cookies
                answer = await http.request(method, path, headers=headers, **sent)
                self.cookies = http.cookies
                return answer

        return anyio.run(call)


def client(app: ASGIApp, address: str = "203.0.113.9") -> httpx.AsyncClient:
    """An HTTP client of `app` at this network address."""
    transport = httpx.ASGITransport(app, client=(address, 4000))
    return httpx.AsyncClient(transport=transport, base_url=APP)


def websocket_opens(app: ASGIApp, headers: Mapping[str, str]) -> bool:
    """Whether a websocket's handshake with these headers is accepted."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def connect() -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await app({"type": "websocket", "path": "/_event/", "headers": raw}, receive, send)

    anyio.run(connect)
    assert len(sent) == 1
    return bool(sent[0]["type"] == "websocket.accept")


async def chunks(number: int, size: int) -> AsyncIterable[bytes]:
    """A body without a declared length."""
    for _ in range(number):
        yield b"x" * size


def add_user(email: str = "ada@example.com", role: Role = Role.ADMIN) -> User:
    """A person with a session to come but no password that works."""
    with writing() as session:
        user = User(email=email, email_key=email_key(email), password_hash="", role=role)
        return users.save(session, user)


def sign_in(user: User) -> str:
    """The token of a new session."""
    with writing() as session:
        return sessions.start(session, user)


def browser_of(app: ASGIApp, user: User) -> Browser:
    """A browser in which this person is signed in."""
    browser = Browser(app)
    browser.cookies.set(sessions.COOKIE, sign_in(user), domain="app.test")
    return browser


def multiply_failures(times: int) -> None:
    """Let each counted failure have happened so often: real ones take long on purpose."""
    with writing() as session:
        for row in session.scalars(select(LoginAttempt)).all():
            for _ in range(times - 1):
                session.add(LoginAttempt(subject=row.subject, at=row.at))
