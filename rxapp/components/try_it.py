"""Trying an automation out, before or after it is switched on."""

from typing import Any

import reflex as rx

from rxapp.components import dialogs, ui
from rxapp.components.custom import Picker
from rxapp.components.foreseen import consequences
from rxapp.state.try_it import TryItState


def try_button(on_click: Any, **props: Any) -> rx.Component:
    """The way into the dialog."""
    return rx.button(
        rx.icon("flask-conical", size=15), "Try it", variant="soft", on_click=on_click, **props
    )


def try_dialog() -> rx.Component:
    """What it would do for a partner, and its emails to an address of one's own."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Try it", size="4"),
            rx.dialog.description(
                "See what would happen if a partner got the tag now. Nothing is assigned, and no "
                "partner is emailed.",
                size="2",
                color_scheme="gray",
                margin_bottom="var(--space-4)",
            ),
            rx.flex(
                ui.field(
                    "Partner",
                    "try_partner",
                    Picker.create(
                        id="try_partner",
                        options=TryItState.partners,
                        value=TryItState.partner,
                        placeholder="Find a partner",
                        empty="No partner is called like this.",
                        on_search=TryItState.find_partners.debounce(150),
                        on_pick=TryItState.pick,
                    ),
                ),
                rx.cond(TryItState.answer.headline != "", consequences(TryItState.answer)),
                rx.cond(TryItState.emails > 0, _send_me()),
                dialogs.buttons(leave="Close"),
                direction="column",
                spacing="4",
            ),
            max_width="500px",
        ),
        open=TryItState.opened,
        on_open_change=TryItState.set_opened,
    )


def _send_me() -> rx.Component:
    return rx.form(
        ui.field(
            rx.cond(TryItState.partner != "", "Send me what they would get", "Send me the email"),
            "try_to",
            rx.flex(
                rx.box(
                    rx.input(
                        name="try_to",
                        id="try_to",
                        default_value=TryItState.to,
                        auto_complete="off",
                    ),
                    flex="1",
                ),
                rx.button("Send to me", type="submit"),
                spacing="2",
            ),
            hint="Marked with “[Test]”, and kept out of the history.",
        ),
        on_submit=TryItState.send,
        reset_on_submit=False,
    )
