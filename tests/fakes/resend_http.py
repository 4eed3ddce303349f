"""A small HTTP/1.1 server on asyncio: keep-alive, quick, and able to fail as networks do.

Written by hand because no server framework resets a connection, cuts an answer in half or stays
silent on request, and because benchmarks must measure the client rather than this.
"""

import asyncio
import socket
import struct
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

Fate = Literal["answer", "answer_close", "drop", "reset", "hang", "truncate"]
JSON = "application/json; charset=utf-8"


@dataclass(slots=True)
class Request:
    """One request; header names are lower-case, `connection` numbers the connections."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass(slots=True)
class Reply:
    """An answer, and whether it gets through."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    fate: Fate = "answer"

    def encode(self) -> bytes:
        """The bytes on the wire."""
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"content-type: {self.content_type}",
            f"content-length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + self.body


Handler = Callable[[Request], Awaitable[Reply]]


class Server:
    """Listens on loopback and hands requests to `handler`, one at a time per connection."""

    def __init__(self, handler: Handler, idle_timeout: Callable[[], float]) -> None:
        self.handler = handler
        self.idle_timeout = idle_timeout
        self.connections: set[Connection] = set()
        self.opened = 0
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen, and return the port (chosen by the system for port 0)."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self), "127.0.0.1", port, backlog=512
        )
        address: tuple[str, int] = self._server.sockets[0].getsockname()
        return address[1]

    async def stop(self) -> None:
        """Close everything, answered or not."""
        if self._server:
            self._server.close()
        for connection in list(self.connections):
            connection.abort()
        if self._server:
            await self._server.wait_closed()


class Connection(asyncio.Protocol):
    """One connection: parses requests and answers them in order."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._buffer = bytearray()
        self._needed = 0  # bytes the buffer must hold before looking again is worth it
        self._task: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register, so that stopping the server finds this connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.opened += 1
        self._number = self._server.opened
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; what it asked for goes on, as it would at the provider."""
        self._server.connections.discard(self)
        self._stop_idling()

    def data_received(self, data: bytes) -> None:
        """Collect, and start on the next request once it is whole."""
        self._buffer += data
        self._advance()

    def abort(self) -> None:
        """Cut the connection and drop what was being answered."""
        if self._task:
            self._task.cancel()
        self._transport.abort()

    def _advance(self) -> None:
        self._stop_idling()
        if self._task is None and len(self._buffer) >= self._needed:
            request = self._parse()
            if request:
                self._task = asyncio.get_running_loop().create_task(self._serve(request))
                return
        if not self._buffer and self._task is None and (seconds := self._server.idle_timeout()):
            loop = asyncio.get_running_loop()
            self._idle = loop.call_later(seconds, self._transport.close)

    def _stop_idling(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None

    def _parse(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        size = end + 4 + int(headers.get("content-length", 0))
        if len(self._buffer) < size:
            self._needed = size
            return None
        body = bytes(memoryview(self._buffer)[end + 4 : size])
        del self._buffer[:size]
        self._needed = 0
        method, target, _version = first.split(" ", 2)
        return Request(method.upper(), target, headers, body, self._number)

    async def _serve(self, request: Request) -> None:
        try:
            reply = await self._server.handler(request)
        except Exception:
            traceback.print_exc()  # a bug of the fake: visible, and never taken for an answer
            reply = Reply(500, b"", fate="reset")
        self._task = None
        if not self._transport.is_closing():
            self._send(reply, close=request.headers.get("connection", "").lower() == "close")

    def _send(self, reply: Reply, *, close: bool) -> None:
        match reply.fate:
            case "hang":
                return
            case "drop":
                self._transport.close()
            case "reset":
                self._reset()
            case "truncate":
                wire = reply.encode()
                self._transport.write(wire[: len(wire) - len(reply.body) // 2 - 1])
                self._transport.close()
            case "answer" | "answer_close":
                self._transport.write(reply.encode())
                if close or reply.fate == "answer_close":
                    self._transport.close()
                else:
                    self._advance()

    def _reset(self) -> None:
        """Close with a TCP reset instead of a farewell: linger for zero seconds."""
        sock = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()
