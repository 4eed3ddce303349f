"""A tab that never rests: a websocket on which one event follows the other, as fast as it goes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit
from uuid import uuid4

from simple_websocket import Client, ConnectionClosed

from rxapp.auth.sessions import COOKIE
from rxapp.state.base import AppState
from tests.e2e.server import App

NAMESPACE = "/_event"
STAY_CURRENT = f"{AppState.get_full_name()}.stay_current"


def connect(app: App, cookie: str) -> Client:
    """The websocket of a new tab, as Reflex's browser half opens it."""
    address = urlsplit(app.url)
    tab = Client(
        f"ws://{address.netloc}/_event/?EIO=4&transport=websocket&token={uuid4()}",
        headers={"Cookie": f"{COOKIE}={cookie}", "Origin": app.url},
    )
    tab.receive()  # Engine.IO's greeting
    tab.send(f"40{NAMESPACE},")
    tab.receive()  # and Socket.IO's
    return tab


def event(name: str, payload: dict[str, object]) -> str:
    """A packet that asks for a handler."""
    data = {"name": name, "payload": payload, "router_data": {"pathname": "/", "query": {}}}
    return f"42{NAMESPACE},{json.dumps(['event', data])}"


@contextmanager
def restless(app: App, cookie: str) -> Iterator[None]:
    """Such a tab, for as long as the block takes or the server answers."""
    tab = connect(app, cookie)
    done = threading.Event()

    def go_on() -> None:
        with suppress(ConnectionClosed, OSError):
            while not done.is_set():
                tab.send(event(STAY_CURRENT, {}))

    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        with suppress(ConnectionClosed, OSError):
            tab.close()
        thread.join()
