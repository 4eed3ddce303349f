"""After a backup was restored: what becomes of the emails that waited when it was made."""

import reflex as rx

from rxapp.components.vars import counted
from rxapp.state.settings_delivery import DeliveryState


def dialog() -> rx.Component:
    """The question before anything is sent: they may have left since the backup was made."""
    way = DeliveryState.way
    waited = way.restored_due + way.restored_later
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title("These emails waited when the backup was made", size="4"),
            rx.alert_dialog.description(_text(waited), size="2"),
            rx.flex(
                rx.alert_dialog.cancel(rx.button("Cancel", variant="soft", color_scheme="gray")),
                rx.cond(
                    waited == 0,
                    _answer(rx.fragment("Resume sending"), "send"),
                    _answers(waited),
                ),
                spacing="3",
                justify="end",
                margin_top="var(--space-4)",
                wrap="wrap",
            ),
            max_width="560px",
        ),
        open=DeliveryState.resuming,
        on_open_change=DeliveryState.set_resuming,
    )


def _text(waited: int) -> rx.Component:
    way = DeliveryState.way
    since = way.due + way.later - waited
    return rx.fragment(
        "The backup is of ",
        way.restored_at,
        ". ",
        rx.cond(waited == 0, "None of the emails that waited then is left.", _waiting(waited)),
        rx.cond(
            way.restored_unknown != 0,
            rx.fragment(
                " ",
                counted(way.restored_unknown, "more was", "more were"),
                " on the way then: unknown in the log, and not sent.",
            ),
        ),
        rx.cond(
            since != 0,
            rx.fragment(
                " ",
                counted(
                    since,
                    "email that a tag caused since leaves",
                    "emails that tags caused since leave",
                ),
                " in any case.",
            ),
        ),
    )


def _waiting(waited: int) -> rx.Component:
    way = DeliveryState.way
    return rx.fragment(
        counted(waited, "email that waited then still waits", "emails that waited then still wait"),
        rx.cond(
            way.restored_later != 0,
            rx.fragment(", ", counted(way.restored_later, "of them", "of them"), " for later"),
        ),
        ". If the app went on after the backup was made, they have reached their partners since, "
        "and would reach them a second time.",
    )


def _answers(waited: int) -> rx.Component:
    way = DeliveryState.way
    return rx.fragment(
        _answer(rx.fragment("Discard ", counted(waited, "email", "emails")), "discard"),
        rx.cond(
            (way.restored_due != 0) & (way.restored_later != 0),
            _answer(
                rx.fragment("Discard ", counted(way.restored_due, "due email", "due emails")),
                "discard_due",
            ),
        ),
        _answer(rx.fragment("Send ", counted(waited, "email", "emails")), "send"),
    )


def _answer(words: rx.Component, held: str) -> rx.Component:
    discards = {"variant": "soft", "color_scheme": "red"} if held != "send" else {}
    return rx.button(words, on_click=DeliveryState.resume(held), **discards)
