"""Events that Reflex brings along: every session can send them, with whatever it likes in them.

They carry no role and need none: they only load what their own handlers guard, keep what the
browser stored, and report errors. Which there are is held by tests/state/test_brought.py, so that
another version of Reflex cannot bring one unseen. What is unbounded in them is bounded here,
before they run.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, FrontendEventExceptionState, StateUpdate

from rxapp.logs import one_line
from rxapp.state import say
from rxapp.state.base import told_of

if TYPE_CHECKING:
    from reflex.app import App
    from reflex.event import Event, EventSpec

logger = logging.getLogger(__name__)

REPORT = f"{FrontendEventExceptionState.get_full_name()}.handle_frontend_exception"
# Sets variables through setters that none of our states has.
SETVAR = ".setvar"
# What is worth knowing of an error in somebody's browser, in characters. Reflex looks through it
# with expressions that take the square of its length.
REPORT_LONGEST = 500
# What a browser keeps for us are words, not pages.
STORED_LONGEST = 1_000


class Bounds(Middleware):
    """Cuts what Reflex's own events carry, or drops the event."""

    async def preprocess(
        self,
        app: App,  # noqa: ARG002  (Reflex hands it over by name)
        state: BaseState,  # noqa: ARG002
        event: Event,
    ) -> StateUpdate | None:
        """Bound one event; an update that says nothing ends it here."""
        if event.name.endswith(SETVAR) or not isinstance(event.payload, dict):
            return StateUpdate()
        if event.name == REPORT:
            info = one_line(str(event.payload.get("info", ""))[:REPORT_LONGEST])
            event.payload.clear()
            event.payload.update(info=info, component_stack="")
        elif isinstance(stored := event.payload.get("vars"), dict):
            event.payload["vars"] = {key: kept for key, kept in stored.items() if _storable(kept)}
        return None


def _storable(kept: Any) -> bool:
    return kept is None or (isinstance(kept, str) and len(kept) <= STORED_LONGEST)


def report(exception: Exception) -> None:
    """Note what a browser says has gone wrong in it."""
    logger.warning("A browser reports: %s", one_line(str(exception), REPORT_LONGEST))


def failed(exception: Exception) -> EventSpec | None:
    """Tell whoever sent an event that nothing of ours caught the failure of."""
    # Reflex insists on this annotation, and takes events that are whole as well.
    return cast("EventSpec", say.error(told_of(exception, "An event")))
