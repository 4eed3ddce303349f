"""Questions that the state opens, where `ui.confirm_dialog` has no trigger to hang on."""

from typing import Any

import reflex as rx

from rxapp.components.ui import Text


def question(
    *,
    opened: Any,
    on_open_change: Any,
    title: Text,
    text: Text,
    confirm: Text,
    on_confirm: Any,
    danger: bool = True,
) -> rx.Component:
    """Asks before a deed while `opened`; `confirm` names the deed, never just "OK"."""
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title(title, size="4"),
            rx.alert_dialog.description(text, size="2"),
            rx.flex(
                rx.alert_dialog.cancel(rx.button("Cancel", variant="soft", color_scheme="gray")),
                rx.alert_dialog.action(
                    rx.button(confirm, on_click=on_confirm, color_scheme="red" if danger else None)
                ),
                spacing="3",
                justify="end",
                margin_top="var(--space-4)",
                wrap="wrap",
            ),
            max_width="440px",
        ),
        open=opened,
        on_open_change=on_open_change,
    )
