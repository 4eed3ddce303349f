"""One send, opened beside the list it was chosen from."""

import reflex as rx

from rxapp.components.send_detail import actions, send_detail
from rxapp.state.send import SendState


def send_drawer() -> rx.Component:
    """The send of `SendState`, at the right edge while it is opened."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.flex(
                rx.box(
                    rx.dialog.title(SendState.send.email, size="4", margin="0"),
                    rx.text("To ", SendState.send.partner, size="2", color_scheme="gray"),
                    min_width="0",
                ),
                rx.dialog.close(
                    rx.icon_button(
                        rx.icon("x", size=18),
                        variant="ghost",
                        color_scheme="gray",
                        aria_label="Close",
                    )
                ),
                justify="between",
                spacing="3",
            ),
            actions(),
            send_detail(),
            class_name="side-sheet",
            aria_describedby="",
        ),
        open=SendState.opened,
        on_open_change=SendState.set_opened,
    )
