"""What is shown for an address that leads nowhere."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.layout import page


@page(routes.NOT_FOUND, "Not found")
def not_found() -> rx.Component:
    """A way back instead of a dead end."""
    return ui.empty_state(
        "map-pin-off",
        "There is no such page",
        "It may have been deleted, or the address has a typing mistake.",
        rx.button("Go home", on_click=rx.redirect(routes.HOME)),
    )
