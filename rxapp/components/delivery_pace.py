"""How fast emails leave, whether they leave at all, and a test that shows it."""

import reflex as rx

from rxapp.components import delivery_restored, ui
from rxapp.components.vars import counted
from rxapp.state.base import AppState
from rxapp.state.settings_delivery import DeliveryState


def checking() -> rx.Component:
    """Send me a test."""
    return ui.section(
        "Send a test",
        rx.form(
            rx.flex(
                rx.box(
                    ui.field(
                        "To",
                        "test_to",
                        rx.input(
                            name="test_to",
                            id="test_to",
                            type="email",
                            default_value=AppState.user_email,
                            key=AppState.user_email,
                        ),
                        hint=rx.cond(
                            DeliveryState.way.live,
                            "One short email, the way every email leaves.",
                            "This is the sandbox: the test is kept, and reaches nobody.",
                        ),
                    ),
                    flex="1 1 240px",
                ),
                rx.button(
                    rx.icon("send", size=15),
                    "Send test",
                    type="submit",
                    variant="soft",
                    loading=DeliveryState.testing,
                    margin_top="22px",
                ),
                spacing="3",
                wrap="wrap",
            ),
            on_submit=DeliveryState.send_test,
            reset_on_submit=False,
        ),
    )


def pausing() -> rx.Component:
    """Whether emails leave at all."""
    way = DeliveryState.way
    return ui.section(
        "Pause",
        rx.flex(
            rx.text(
                rx.cond(
                    way.paused,
                    rx.fragment(
                        rx.badge("Paused", color_scheme="amber", margin_right="8px"),
                        counted(way.due, "email is", "emails are"),
                        " held. Tags can still be assigned.",
                    ),
                    rx.fragment(
                        rx.cond(way.note != "", way.note, "Emails leave as soon as they are due."),
                        " ",
                        counted(way.due, "waits", "wait"),
                        " now, ",
                        way.later.to_string(),  # type: ignore[attr-defined]
                        " for later.",
                    ),
                ),
                size="2",
                flex="1 1 280px",
            ),
            _pause_or_resume(),
            justify="between",
            align="center",
            spacing="4",
            wrap="wrap",
        ),
        rx.cond(way.restored_at != "", delivery_restored.dialog(), _resume_dialog()),
    )


def pace() -> rx.Component:
    """The rate, and how long a bulk action can be undone."""
    way = DeliveryState.way
    return ui.section(
        "Pace",
        rx.form(
            rx.grid(
                ui.field(
                    "Most requests a second",
                    "rate",
                    rx.input(
                        name="rate",
                        id="rate",
                        input_mode="decimal",
                        placeholder="What Resend allows",
                        default_value=way.rate,
                    ),
                    hint=rx.fragment(
                        "One request carries up to 100 emails. In use now: ", way.rate_in_use, "."
                    ),
                ),
                ui.field(
                    "Undo time for bulk actions, in seconds",
                    "undo_seconds",
                    rx.input(
                        name="undo_seconds",
                        id="undo_seconds",
                        type="number",
                        min="0",
                        max="600",
                        default_value=way.undo_seconds,
                    ),
                    hint="So long the emails of a bulk action wait before they leave.",
                ),
                columns=rx.breakpoints(initial="1", sm="2"),
                spacing="4",
            ),
            rx.flex(rx.button("Save pace", type="submit"), justify="end", margin_top="16px"),
            on_submit=DeliveryState.save_pace,
            reset_on_submit=False,
            key=DeliveryState.revision,
        ),
    )


def _pause_or_resume() -> rx.Component:
    way = DeliveryState.way
    return rx.cond(
        way.paused,
        rx.button(
            rx.icon("play", size=15), "Resume sending", on_click=DeliveryState.set_resuming(True)
        ),
        ui.confirm_dialog(
            rx.button(
                rx.icon("pause", size=15), "Pause sending", variant="soft", color_scheme="gray"
            ),
            title="Pause sending?",
            text=rx.fragment(
                counted(way.due, "email that waits now is", "emails that wait now are"),
                " held, and so is every email that tags cause meanwhile. Resuming asks whether "
                "to send or discard them.",
            ),
            confirm="Pause sending",
            on_confirm=DeliveryState.pause,
            danger=False,
        ),
    )


def _resume_dialog() -> rx.Component:
    """What happens to the emails that were held is for a person to say."""
    held = DeliveryState.way.due
    count = counted(held, "email", "emails")
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title("Resume sending?", size="4"),
            rx.alert_dialog.description(
                rx.cond(
                    held == 0,
                    "No email waits.",
                    rx.fragment(count, " waited meanwhile. Send now, or discard?"),
                ),
                size="2",
            ),
            rx.flex(
                rx.alert_dialog.cancel(rx.button("Cancel", variant="soft", color_scheme="gray")),
                rx.cond(
                    held != 0,
                    rx.button(
                        rx.fragment("Discard ", count),
                        variant="soft",
                        color_scheme="red",
                        on_click=DeliveryState.resume("discard"),
                    ),
                ),
                rx.button(
                    rx.cond(held == 0, "Resume sending", rx.fragment("Send ", count)),
                    on_click=DeliveryState.resume("send"),
                ),
                spacing="3",
                justify="end",
                margin_top="var(--space-4)",
                wrap="wrap",
            ),
            max_width="480px",
        ),
        open=DeliveryState.resuming,
        on_open_change=DeliveryState.set_resuming,
    )
