"""Pasting a key, going live with it, and removing it: each says whom it concerns, in numbers."""

from typing import Any

import reflex as rx

from rxapp.components import dialogs, ui
from rxapp.components.vars import counted
from rxapp.state.settings_delivery import DeliveryState


def key_dialogs() -> rx.Component:
    """All three, closed until the page opens them."""
    return rx.fragment(_paste(), _go_live(), _remove())


def _paste() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Resend API key", size="4"),
            rx.dialog.description(
                "It is tried at Resend first, kept encrypted, and never shown again.", size="2"
            ),
            rx.form(
                rx.flex(
                    ui.field(
                        "API key",
                        "key",
                        rx.input(
                            name="key",
                            id="key",
                            type="password",
                            placeholder="re_…",
                            auto_complete="off",
                            auto_focus=True,
                        ),
                        hint="From resend.com, API keys. “Sending access” is enough to send; "
                        "with “Full access” the app also reads your domains.",
                    ),
                    dialogs.buttons(
                        rx.button("Try the key", type="submit", loading=DeliveryState.checking)
                    ),
                    direction="column",
                    spacing="4",
                    margin_top="var(--space-4)",
                ),
                on_submit=DeliveryState.try_key,
                reset_on_submit=False,
            ),
            max_width="460px",
        ),
        open=DeliveryState.pasting,
        on_open_change=DeliveryState.set_pasting,
    )


def _go_live() -> rx.Component:
    way = DeliveryState.way
    waiting = way.due + way.later
    return _question(
        DeliveryState.going_live,
        DeliveryState.set_going_live,
        rx.cond(way.live, "Change the key?", "Go live?"),
        rx.fragment(
            "The key is good. ",
            rx.cond(
                DeliveryState.warning != "", rx.fragment(rx.el.strong(DeliveryState.warning), " ")
            ),
            rx.cond(way.live, "", "From now on emails reach partners for real. "),
            _perhaps_taken(),
            rx.cond(way.live, "", _waiting_before_going_live()),
        ),
        rx.cond(
            way.live | (waiting == 0),
            rx.button(
                rx.cond(way.live, "Change the key", "Go live"),
                on_click=DeliveryState.go_live("send"),
            ),
            rx.fragment(
                rx.button(
                    rx.fragment("Discard ", counted(waiting, "email", "emails"), ", then go live"),
                    variant="soft",
                    color_scheme="red",
                    on_click=DeliveryState.go_live("discard"),
                ),
                rx.button(
                    rx.cond(DeliveryState.way.paused, "Go live and queue ", "Go live and send "),
                    counted(waiting, "email", "emails"),
                    on_click=DeliveryState.go_live("send"),
                ),
            ),
        ),
    )


def _waiting_before_going_live() -> rx.Component:
    way = DeliveryState.way
    return rx.cond(
        way.due + way.later == 0,
        "No email waits.",
        rx.fragment(
            counted(way.due, "email waits", "emails wait"),
            rx.cond(
                way.paused,
                " now and would leave once sending is resumed; ",
                " now and would leave at once; ",
            ),
            way.later.to_string(),  # type: ignore[attr-defined]
            " more would leave later, when due. Were they meant for partners?",
        ),
    )


def _perhaps_taken() -> rx.Component:
    """What the account of the key so far may have, and another is not given: it would double."""
    number = DeliveryState.perhaps_taken
    return rx.cond(
        number != 0,
        rx.fragment(
            counted(number, "email", "emails"),
            " may already have been taken by the account used so far, which has not said so. "
            "Unless it says so before, they become “unknown”: they are not sent by another key, "
            "because they could arrive twice. ",
        ),
    )


def _remove() -> rx.Component:
    way = DeliveryState.way
    waiting = way.due + way.later
    return _question(
        DeliveryState.removing,
        DeliveryState.set_removing,
        "Remove the key?",
        rx.fragment(
            rx.cond(
                way.in_environment,
                "The key of the environment (RESEND_API_KEY) is used instead. ",
                "The app becomes a sandbox: emails are kept in it and reach nobody. ",
            ),
            _perhaps_taken(),
            rx.cond(
                waiting == 0,
                "No email waits.",
                rx.fragment(
                    counted(waiting, "email waits", "emails wait"),
                    rx.cond(
                        way.in_environment,
                        " and would leave by that key.",
                        ": whoever they are for would never get them. To hold them instead, "
                        "pause sending and keep the key.",
                    ),
                ),
            ),
        ),
        rx.fragment(
            rx.cond(
                waiting != 0,
                rx.button(
                    rx.fragment("Remove and discard ", counted(waiting, "email", "emails")),
                    variant="soft",
                    color_scheme="red",
                    on_click=DeliveryState.remove_key("discard"),
                ),
            ),
            rx.button("Remove key", color_scheme="red", on_click=DeliveryState.remove_key("keep")),
        ),
    )


def _question(
    opened: Any, on_open_change: Any, title: Any, text: rx.Component, answers: rx.Component
) -> rx.Component:
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title(title, size="4"),
            rx.alert_dialog.description(text, size="2"),
            rx.flex(
                rx.alert_dialog.cancel(rx.button("Cancel", variant="soft", color_scheme="gray")),
                answers,
                spacing="3",
                justify="end",
                margin_top="var(--space-4)",
                wrap="wrap",
            ),
            max_width="520px",
        ),
        open=opened,
        on_open_change=on_open_change,
    )
