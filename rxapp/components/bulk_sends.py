"""What can be done with all sends the filters let through, and what it would do."""

from typing import Any

import reflex as rx

from rxapp.components import dialogs
from rxapp.components.bulk import number_to_type
from rxapp.components.foreseen import consequences
from rxapp.state.bulk_sends import BulkSendsState


def menu() -> rx.Component:
    """The actions on what the list shows."""
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.button(
                "With all of these",
                rx.icon("chevron-down", size=15),
                variant="soft",
                color_scheme="gray",
            )
        ),
        rx.dropdown_menu.content(
            _item("rotate-cw", "Send the failed ones again…", BulkSendsState.open_again),
            _item("ban", "Cancel the waiting ones…", BulkSendsState.open_cancel),
        ),
    )


def dialog() -> rx.Component:
    """The consequence in numbers, before anything is started."""
    state = BulkSendsState
    return dialogs.decision(
        rx.cond(state.canceling, "Cancel waiting emails", "Send failed emails again"),
        consequences(state.answer),
        rx.cond(state.must_type, number_to_type(state)),
        dialogs.buttons(
            rx.button(
                state.answer.confirm,
                color_scheme=rx.cond(state.canceling, "red", "indigo"),
                disabled=~state.ready,
                on_click=state.start,
            ),
            leave="Close",
        ),
        opened=state.opened,
        on_open_change=state.set_opened,
        about="This is about the emails the filters of the list let through, on every page.",
    )


def _item(icon: str, words: str, on_select: Any) -> rx.Component:
    return rx.dropdown_menu.item(rx.icon(icon, size=15), words, on_select=on_select)
