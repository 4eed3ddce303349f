"""One send, opened beside the list it was chosen from."""

import reflex as rx

from rxapp.components import dialogs
from rxapp.components.send_detail import actions, send_detail
from rxapp.state.send import SendState


def send_drawer() -> rx.Component:
    """The send of `SendState`, at the right edge while it is opened."""
    return rx.dialog.root(
        rx.dialog.content(
            dialogs.head(
                SendState.send.email,
                rx.text("To ", SendState.send.partner, size="2", color_scheme="gray"),
            ),
            actions(),
            send_detail(),
            class_name="side-sheet",
            aria_describedby="",
        ),
        open=SendState.opened,
        on_open_change=SendState.set_opened,
    )
