"""What every state of a page is built on: the guard in front of each handler.

Reflex lets any client with a websocket call every public method of every state, with arguments of
its choosing. So a public method is a handler, written like this, or it starts with `_`:

    class PartnersState(AppState):
        rows: rx.Field[list[PartnerRow]] = rx.field(default_factory=list)

        @handler("viewer")
        async def load(self) -> None:
            self.rows = await run(read_rows)

A handler that raises an `RxappError` tells the person its sentence; anything else is logged under
a reference and told calmly. A person whose session is gone is sent to the login page.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from contextvars import ContextVar
from typing import Any, Literal, ParamSpec, TypeVar, TypeVarTuple, Unpack

import reflex as rx
from reflex.event import Event, EventCallback
from starlette.requests import cookie_parser

from rxapp import routes
from rxapp.auth import roles, sessions
from rxapp.auth.sessions import Identity
from rxapp.characters import whole_throughout
from rxapp.db import trouble
from rxapp.db.engine import reading
from rxapp.db.models import Role
from rxapp.domain import settings
from rxapp.domain.delivery import delivery
from rxapp.errors import NotAuthenticated, RxappError
from rxapp.state import say
from rxapp.state.notices import Notice, notices

logger = logging.getLogger(__name__)

RoleName = Literal["viewer", "editor", "admin"]

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="AppState")
Args = TypeVarTuple("Args")

_current: ContextVar[Identity] = ContextVar("current_user")


def current_user() -> Identity:
    """Who called the handler that is running."""
    return _current.get()


async def run(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`call(...)` in a thread: everything that touches the database or may take a while."""
    return await asyncio.to_thread(call, *args, **kwargs)


def handler(
    role: RoleName, *, background: bool = False, form: bool = False, **event: Any
) -> Callable[[Callable[[Any, Unpack[Args]], Any]], EventCallback[*Args]]:
    """Make an async method of an `AppState` callable from the browser by `role` and above.

    With `form`, an error that names its `field` is shown at that field (`ui.field`) instead
    of in a toast. `background` and the rest (`debounce`, `supersedes`, ...) are `rx.event`'s.
    """

    def decorate(method: Callable[[Any, Unpack[Args]], Any]) -> EventCallback[*Args]:
        guard = _guard_steps if inspect.isasyncgenfunction(method) else _guard_call
        guarded = guard(method, Role(role), form)
        guarded.required_role = Role(role)
        return rx.event(guarded, background=background, **event)

    return decorate


def _guard_call(method: Callable[..., Any], role: Role, form: bool) -> Any:
    if not inspect.iscoroutinefunction(method):
        raise TypeError(
            f"{method.__qualname__} must be async: a handler must not hold up the others."
        )

    @functools.wraps(method)
    async def guarded(self: AppState, *args: Any, **kwargs: Any) -> Any:
        try:
            await _enter(self, role, form)
            return await method(self, *whole_throughout([*args]), **whole_throughout(kwargs))
        except Exception as error:  # the door: whatever went wrong, the person is told
            return _explain(self, error, method, form)

    return guarded


def _guard_steps(method: Callable[..., Any], role: Role, form: bool) -> Any:
    @functools.wraps(method)
    async def guarded(self: AppState, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        try:
            await _enter(self, role, form)
            given = whole_throughout([*args])
            async with aclosing(method(self, *given, **whole_throughout(kwargs))) as steps:
                async for step in steps:
                    yield step
        except Exception as error:
            yield _explain(self, error, method, form)

    return guarded


async def _enter(state: AppState, role: Role, form: bool) -> None:
    """Let the caller in, or raise. The role is read anew each time: it may have been taken away."""
    identity = await run(sessions.resolve, session_token(state))
    if identity is None:
        raise NotAuthenticated("You are signed out. Please sign in again.")
    roles.require(identity, role)
    _current.set(identity)
    if form:
        state.errors = {}


def session_token(state: AppState) -> str:
    """The token in the cookie the browser opened the websocket with."""
    return cookie_parser(state.router.headers.cookie).get(sessions.COOKIE, "")


def _explain(
    state: AppState, error: Exception, method: Callable[..., Any], form: bool
) -> Event | None:
    if isinstance(error, NotAuthenticated):
        return say.start_over(routes.login(then=state.router.url.path))
    field = error.extra.get("field") if form and isinstance(error, RxappError) else None
    if field:
        state.errors = {field: told_of(error, method.__qualname__)}
        return None
    return say.error(told_of(error, method.__qualname__))


def told_of(error: Exception, what: str) -> str:
    """What is told of an error; one that nobody foresaw is logged, as `what`, under a reference."""
    if isinstance(error, RxappError):
        return error.sentence
    if unavailable := trouble.refusal(error):
        logger.warning("%s could not be done: %s", what, unavailable.code)
        return unavailable.sentence
    reference = secrets.token_hex(4)
    logger.error("%s failed, reference %s", what, reference, exc_info=error)
    return (
        "Something went wrong here, and it is not your doing. If it happens again, tell the "
        f"people who run this server the reference {reference}."
    )


class AppState(rx.State):
    """Who is signed in, and what the frame around every page shows."""

    # Until the program's own name has come: a link home, and a menu, must be called something.
    program: rx.Field[str] = rx.field(default="rxapp")
    # "live" or "sandbox"; unknown until `enter` has run, so that no badge flashes.
    mode: rx.Field[str] = rx.field(default="")
    notices: rx.Field[list[Notice]] = rx.field(default_factory=list)
    user_name: rx.Field[str] = rx.field(default="")
    user_email: rx.Field[str] = rx.field(default="")
    initials: rx.Field[str] = rx.field(default="")
    role: rx.Field[str] = rx.field(default="")
    can_edit: rx.Field[bool] = rx.field(default=False)
    is_admin: rx.Field[bool] = rx.field(default=False)
    # What a form must carry that is sent past Reflex, such as signing out.
    csrf: rx.Field[str] = rx.field(default="")
    # What the person must correct, by the name of the form's field.
    errors: dict[str, str] = {}

    # Who the tab was opened by.
    _user_id: int | None = None
    # The page was open all along, and the connection is back; see state/reconnect.py. The second
    # of them is for the page's own loading to ask.
    _reconnected: bool = False
    _goes_on: bool = False

    @handler("viewer")
    async def enter(self) -> Event | None:
        """First of every page's loading: who looks at it, and how the program stands."""
        me = current_user()
        if self._user_id not in (None, me.user_id):
            return say.start_over(self.router.url.path)
        self._goes_on, self._reconnected = self._reconnected, False
        self._know(me)
        self.csrf = await run(sessions.csrf_for, session_token(self))
        self.program, self.mode, self.notices = await run(_read_program)
        return None

    @handler("viewer", temporal=True)
    async def stay_current(self) -> None:
        """See how things stand meanwhile: somebody else may have paused sending, or changed what
        this person may do.
        """
        if self.role != current_user().role:
            self._show_role(current_user().role)
        found = await run(_read_program)
        if found != (self.program, self.mode, self.notices):
            self.program, self.mode, self.notices = found

    def _know(self, me: Identity) -> None:
        """Take note of who looks at the page, and of what they may do."""
        self._user_id = me.user_id
        self.user_name, self.user_email = me.name, me.label
        self.initials = "".join(word[0] for word in me.name.split()[:2]).upper()
        self._show_role(me.role)

    def _show_role(self, role: Role) -> None:
        self.role = role.value
        self.can_edit = roles.allows(role, Role.EDITOR)
        self.is_admin = roles.allows(role, Role.ADMIN)

    async def _come_back(self, forms: dict[str, dict[str, str]]) -> None:
        """Read anew what only the server knew, when a page goes on after a lost connection.

        `forms` is what its live forms hold, by their ids.
        """


GIVEN_BACK: set[type[AppState]] = {AppState}


def given_back(kind: type[S]) -> type[S]:
    """Let an open page give back what it shows of this state; see state/reconnect.py.

    Only where all that its deeds rest on is shown, or read anew in `_come_back`: whom a bulk action
    is for must not be guessed.
    """
    GIVEN_BACK.add(kind)
    return kind


def _read_program() -> tuple[str, str, list[Notice]]:
    with reading() as session:
        program, way = settings.program(session), delivery(session)
        mode = "live" if way.live else "sandbox"
        return program.name, mode, notices(session, program, way)
