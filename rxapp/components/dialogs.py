"""What dialogs that the state opens are made of: their head, their buttons, and whole questions.

A question with a button to hang on is `ui.confirm_dialog`.
"""

from typing import Any

import reflex as rx

from rxapp.components.ui import Text


def head(title: Text, *below: rx.Component) -> rx.Component:
    """The title of a dialog that is only looked at, what stands below it, and the way out."""
    return rx.flex(
        rx.box(rx.dialog.title(title, size="4", margin="0"), *below, min_width="0"),
        rx.dialog.close(
            rx.icon_button(
                rx.icon("x", size=18), variant="ghost", color_scheme="gray", aria_label="Close"
            )
        ),
        justify="between",
        spacing="3",
    )


def buttons(*deeds: rx.Component, leave: str = "Cancel") -> rx.Component:
    """The way out of a dialog, and beside it what can be done."""
    out = rx.button(leave, type="button", variant="soft", color_scheme="gray")
    return rx.flex(rx.dialog.close(out), *deeds, spacing="3", justify="end", wrap="wrap")


def decision(
    title: Text,
    *content: rx.Component,
    opened: Any,
    on_open_change: Any,
    about: str = "",
) -> rx.Component:
    """A dialog in which something is chosen and its consequences are read before it is done.

    The last of its content is its `buttons`; `about` says under the title what it is for.
    """
    margin = "var(--space-4)"
    said = [rx.dialog.description(about, size="2", color_scheme="gray", margin_bottom=margin)]
    # Radix misses the description unless it is told that there is none.
    silent = {} if about else {"aria_describedby": ""}
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(title, size="4"),
            *(said if about else []),
            rx.flex(*content, direction="column", spacing="4"),
            max_width="520px",
            **silent,
        ),
        open=opened,
        on_open_change=on_open_change,
    )


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
