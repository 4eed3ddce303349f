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
    return rx.fragment(
        "The backup is of ",
        way.restored_at,
        ". ",
        rx.cond(
            waited == 0,
            "None of the emails that waited then is left.",
            rx.fragment(
                counted(
                    waited,
                    "email that waited then still waits: ",
                    "emails that waited then still wait: ",
                ),
                way.restored_due.to_string(),  # type: ignore[attr-defined]
                " could leave now, ",
                way.restored_later.to_string(),  # type: ignore[attr-defined]
                " later, when due. If the app went on after the backup, they may have reached "
                "their partners already, and would a second time. Send or discard them?",
            ),
        ),
        rx.cond(
            way.restored_unknown != 0,
            rx.fragment(
                " ",
                counted(way.restored_unknown, "more was", "more were"),
                " on the way then; the log calls them unknown, and they are not sent.",
            ),
        ),
        " What tags caused since the restore leaves in any case.",
    )


def _answers(waited: int) -> rx.Component:
    way = DeliveryState.way
    return rx.fragment(
        _answer(rx.fragment("Discard ", counted(waited, "email", "emails")), "discard"),
        rx.cond(
            (way.restored_due != 0) & (way.restored_later != 0),
            _answer(
                rx.fragment("Discard the ", way.restored_due.to_string(), " due, keep later ones"),  # type: ignore[attr-defined]
                "discard_due",
            ),
        ),
        _answer(rx.fragment("Send ", counted(waited, "email", "emails")), "send"),
    )


def _answer(words: rx.Component, held: str) -> rx.Component:
    discards = {"variant": "soft", "color_scheme": "red"} if held != "send" else {}
    return rx.button(words, on_click=DeliveryState.resume(held), **discards)
