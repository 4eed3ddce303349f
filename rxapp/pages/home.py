"""The first page: how the app stands."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.layout import page
from rxapp.state.base import AppState


@page(routes.HOME, "Home")
def home() -> rx.Component:
    """Whether emails leave, for now."""
    return rx.fragment(
        ui.page_header("Home", "How the program stands."),
        rx.match(
            AppState.mode,
            ("live", rx.text("Emails are sent to partners for real.")),
            (
                "sandbox",
                rx.text(
                    "This is the sandbox: no email leaves, each one is kept and can be read here."
                ),
            ),
            rx.skeleton(height="1.4em", width="32ch"),
        ),
    )
