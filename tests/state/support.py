"""State handlers without a browser: a state as Reflex would hold it for one signed-in tab."""

import asyncio
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar, cast

from reflex.event import Event
from reflex.state import State

from rxapp.auth import sessions
from rxapp.db.engine import writing
from rxapp.db.models import Role, User
from rxapp.state.base import AppState

S = TypeVar("S", bound=AppState)


def signed_in(state: type[S], role: Role = Role.ADMIN, email: str = "ada@example.com") -> S:
    """A tab of a new person with this role; its address is the home page."""
    with writing() as session:
        user = User(email=email, email_key=email, name="Ada Lovelace", password_hash="", role=role)
        session.add(user)
        session.flush()
        token = sessions.start(session, user)
    return opened(state, token)


def opened(state: type[S], token: str, path: str = "/") -> S:
    """A tab at `path` whose websocket was opened with this session token in the cookie."""
    make: Any = State  # Reflex refuses to make one without its internal argument.
    tab = make(_reflex_internal_init=True).get_substate(state.get_full_name().split("."))
    browse(tab, token, path)
    return cast(S, tab)


def session_of(tab: AppState) -> str:
    """The session token the tab came with."""
    return tab.router.headers.cookie.partition("=")[2]


def browse(tab: AppState, token: str, path: str = "/") -> None:
    """Let the tab be opened again, at another place or by somebody else."""
    data = {
        "headers": {"cookie": f"{sessions.COOKIE}={token}", "origin": "http://testserver"},
        "pathname": path,
        "asPath": path,
    }
    root = tab._get_root_state()
    root._update_router_vars(data, root.router_data)
    root.router_data = data


def effect(spec: Any) -> str:
    """What the browser is told to do, as text to look into; empty when nothing."""
    told = " ".join(f"{event.name} {event.payload}" for event in Event.from_event_type(spec or []))
    # Sentences are on their way to JavaScript: their quotation marks are escaped.
    return re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), told)


def call(tab: Any, name: str, *args: Any, **arguments: Any) -> Any:
    """Call a handler as Reflex does, guard included; of one that yields, the effects of each."""
    made = type(tab).event_handlers[name].fn(tab, *args, **arguments)

    async def collected() -> list[str]:
        return [effect(step) async for step in made]

    return finish(made if asyncio.iscoroutine(made) else collected())


def finish(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end, in a thread of its own.

    Once a browser test has run in this process, its main thread has a running event loop.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(copy_context().run, asyncio.run, work).result()


def beside(tab: AppState, state: type[S]) -> S:
    """Another state of the same tab."""
    return cast(S, tab._get_root_state().get_substate(state.get_full_name().split(".")))
