"""A page that stays open while the server is away: what it shows is the truth.

Connected again, Reflex shows what the server holds. After a restart that is nothing: dialogs would
close, editors begin anew, and what was typed be lost, or saved over by what was there before. So
the page gives back what it shows (assets/reconnect.jsx) with the first thing it says, before any
button pressed meanwhile counts. A server that has forgotten the tab takes it up.

What is given back is what a person sees, and it is no more than that: who they are and what they
may do is read from the session, every value must fit its var, only states that say so
(`given_back`) take theirs, and what they keep to themselves they read anew (`_come_back`).
"""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from reflex.event import Event
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState
from reflex_base.constants.state import FIELD_MARKER

from rxapp.auth import sessions
from rxapp.errors import RxappError
from rxapp.state.base import GIVEN_BACK, AppState, run, session_token

logger = logging.getLogger(__name__)

# The event that every connection begins with.
BEGIN = "hydrate_and_load"


class Held(BaseModel):
    """What an open page gives back."""

    person: str
    # The vars of each state by its full name, and the fields of each form by its id.
    states: dict[str, dict[str, Any]]
    forms: dict[str, dict[str, str]]


class Reconnect(Middleware):
    """Takes up what a page holds before anything else is done for it."""

    async def preprocess(
        self,
        app: Any,  # noqa: ARG002  (Reflex hands it over by this name)
        state: BaseState,
        event: Event,
    ) -> None:
        """Look at what a connection begins with; nothing is answered here."""
        if event.name.rpartition(".")[2] == BEGIN:
            given = event.payload.pop("held", None)
            page = await state.get_state(AppState)
            page._reconnected = given is not None and await _take_up(page, given)


async def _take_up(page: AppState, given: Any) -> bool:
    """Go on where the page is; false where it has to be loaded anew."""
    try:
        held = Held.model_validate(given)
        me = await run(sessions.resolve, session_token(page))
        if me is None or me.label != held.person:
            return False
        if page._user_id is None:
            await _restore(page, held.states)
            page._know(me)
        for kind in GIVEN_BACK:
            await (await page.get_state(kind))._come_back(held.forms)
    except (ValidationError, RxappError) as error:
        logger.info("A page gave back what does not fit: %s", type(error).__name__)
        return False
    except Exception:  # the door: a page that cannot go on is loaded
        logger.exception("A page could not go on after its connection was lost")
        return False
    return True


async def _restore(page: AppState, states: dict[str, dict[str, Any]]) -> None:
    kinds = {kind.get_full_name(): kind for kind in GIVEN_BACK}
    for kind, values in [
        (kinds[name], _fitting(kinds[name], values))
        for name, values in states.items()
        if name in kinds
    ]:
        state = await page.get_state(kind)
        for name, value in values.items():
            setattr(state, name, value)


def _fitting(kind: type[AppState], values: dict[str, Any]) -> dict[str, Any]:
    """The values of the state's own vars; raises ValidationError."""
    named = {name.removesuffix(FIELD_MARKER): value for name, value in values.items()}
    return {
        name: _adapter(kind, name).validate_python(named[name])
        for name in kind.base_vars
        if name in named
    }


@cache
def _adapter(kind: type[AppState], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(kind.base_vars[name]._var_type)
