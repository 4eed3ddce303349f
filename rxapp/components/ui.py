"""The small pieces pages are put together from. Few, and the same everywhere."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from rxapp.state.base import AppState

Text = str | rx.Var[Any]
Flag = bool | rx.Var[bool]


def page_header(
    title: Text, description: Text | rx.Component = "", *actions: rx.Component
) -> rx.Component:
    """A page's name, a sentence that says what it is for, and what can be done with all of it."""
    return rx.el.header(
        rx.box(
            rx.heading(title, as_="h1", size="6", weight="bold"),
            _quiet(description, size="2"),
            min_width="0",
        ),
        rx.flex(*actions, spacing="2", wrap="wrap"),
        class_name="page-header",
    )


def _quiet(text: Text | rx.Component, size: str) -> rx.Component:
    absent = isinstance(text, str) and not text
    return rx.fragment() if absent else rx.text(text, size=size, color_scheme="gray")


def section(
    title: Text, *content: rx.Component, actions: Sequence[rx.Component] = ()
) -> rx.Component:
    """A card with a heading, for one subject of a page."""
    return rx.card(
        rx.flex(
            rx.heading(title, as_="h2", size="3", weight="medium"),
            rx.flex(*actions, spacing="2"),
            justify="between",
            align="center",
            spacing="3",
            margin_bottom="var(--space-3)",
        ),
        *content,
        size="2",
        width="100%",
    )


def empty_state(icon: str, title: Text, text: Text, *actions: rx.Component) -> rx.Component:
    """What stands where rows would be: why there are none, and what to do about it."""
    return rx.flex(
        rx.box(rx.icon(icon, size=22, aria_hidden=True), class_name="empty-icon"),
        rx.heading(title, as_="h2", size="3", weight="medium"),
        rx.text(text, size="2", color_scheme="gray", align="center", max_width="44ch"),
        rx.flex(*actions, spacing="2", wrap="wrap", justify="center", margin_top="var(--space-2)"),
        direction="column",
        align="center",
        spacing="2",
        padding="var(--space-7)",
        class_name="empty",
    )


def callout(sentence: Text | rx.Component, icon: str, colour: str, role: str) -> rx.Component:
    """A sentence that stands out; `role` is "alert" when it must be heard at once, or "status"."""
    return rx.callout.root(
        rx.callout.icon(rx.icon(icon, size=16, aria_hidden=True)),
        rx.callout.text(sentence),
        color_scheme=colour,
        role=role,
        size="1",
    )


def error_callout(sentence: Text) -> rx.Component:
    """A problem in words, announced to screen readers; nothing while `sentence` is empty."""
    return rx.cond(sentence != "", callout(sentence, "circle-alert", "red", "alert"))


def field(label: Text, name: str, control: rx.Component, hint: Text = "") -> rx.Component:
    """A labelled control, with what is wrong with it below: `AppState.errors[name]`.

    Give the control `name=` (the form's key) and `id=name`, so that the label belongs to it.
    """
    problem = AppState.errors.get(name, "")
    return rx.flex(
        rx.el.label(label, html_for=name, class_name="field-label"),
        control,
        rx.cond(
            problem != "",
            rx.text(problem, size="1", color_scheme="red", role="alert"),
            _quiet(hint, size="1"),
        ),
        direction="column",
        spacing="1",
        width="100%",
    )


def table(
    headers: Sequence[str | rx.Component],
    rows: rx.Component,
    *,
    loading: Flag,
    is_empty: Flag,
    empty: rx.Component,
    skeleton_rows: int = 6,
) -> rx.Component:
    """A table of `rows` (an `rx.foreach` of `rx.table.row`), scrolling sideways on a phone.

    While `loading`, grey rows stand in; with none to show, `empty` takes the table's place.
    """
    skeleton = [
        rx.table.row(*(rx.table.cell(rx.skeleton(height="1em", width="70%")) for _ in headers))
        for _ in range(skeleton_rows)
    ]
    shown = rx.table.root(
        rx.table.header(rx.table.row(*(rx.table.column_header_cell(text) for text in headers))),
        rx.table.body(rx.cond(loading, rx.fragment(*skeleton), rows)),
        variant="surface",
        size="2",
        width="100%",
    )
    return rx.cond(~rx.Var.create(loading) & is_empty, rx.card(empty, width="100%"), shown)


def pager(
    shown: Text, *, on_previous: Any, on_next: Any, has_previous: Flag, has_next: Flag
) -> rx.Component:
    """ "1-50 of 1,234" and the two ways on from there."""
    return rx.flex(
        rx.text(shown, size="2", color_scheme="gray", aria_live="polite"),
        rx.flex(
            _step(
                rx.icon("chevron-left", size=15), "Previous", on_click=on_previous, on=has_previous
            ),
            _step("Next", rx.icon("chevron-right", size=15), on_click=on_next, on=has_next),
            spacing="2",
        ),
        justify="between",
        align="center",
        spacing="3",
        width="100%",
    )


def _step(*label: str | rx.Component, on_click: Any, on: Flag) -> rx.Component:
    return rx.button(
        *label,
        on_click=on_click,
        disabled=~rx.Var.create(on),
        variant="soft",
        color_scheme="gray",
    )


# Status of a send: the word a person reads, and its colour.
SEND_STATUS = {
    "queued": ("Queued", "gray"),
    "sending": ("Sending", "blue"),
    "sent": ("Sent", "blue"),
    # By the sandbox, and not sent.
    "captured": ("Captured", "amber"),
    "delivered": ("Delivered", "green"),
    "delayed": ("Delayed", "amber"),
    "bounced": ("Bounced", "red"),
    "complained": ("Complained", "red"),
    "skipped": ("Skipped", "gray"),
    "canceled": ("Canceled", "gray"),
    "failed": ("Failed", "red"),
    "unknown": ("Unknown", "amber"),
}


def send_badge(status: Text) -> rx.Component:
    """The status of a send as a coloured word."""
    return rx.match(
        status,
        *(
            (value, rx.badge(word, color_scheme=colour))
            for value, (word, colour) in SEND_STATUS.items()
        ),
        rx.badge(status, color_scheme="gray"),
    )


def confirm_dialog(
    trigger: rx.Component,
    *,
    title: Text,
    text: Text,
    confirm: Text,
    on_confirm: Any,
    danger: bool = True,
) -> rx.Component:
    """`trigger`, which asks first. `confirm` names the deed ("Delete tag"), never just "OK"."""
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(trigger),
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
    )


class When(rx.Component):
    """A moment as people say it, exact on hover: "3 minutes ago", or ahead "tomorrow at 09:00"."""

    library = "$/public/when.jsx"
    tag = "When"
    at: rx.Var[str]
    is_ahead: rx.Var[bool]


def when(at: Text, *, ahead: Flag = False) -> rx.Component:
    """Show a moment, given as ISO 8601 with an offset; a dash when it is empty.

    What lies `ahead` is told by its day and time, what is past by how long ago it was.
    """
    return When.create(at=at, is_ahead=ahead)
