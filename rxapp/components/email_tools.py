"""What can be done with an email beside writing it: send a test, look at its versions."""

import reflex as rx

from rxapp.components import ui
from rxapp.components.vars import negated
from rxapp.state.base import AppState
from rxapp.state.email import EmailState, VersionLine


def test_dialog() -> rx.Component:
    """Asks where to send a test of the draft."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Send a test", size="4"),
            rx.dialog.description(
                "The email as the preview shows it, with “[Test]” before the subject. "
                "It is kept out of the history.",
                size="2",
                margin_bottom="var(--space-4)",
            ),
            rx.form(
                rx.flex(
                    ui.field(
                        "To",
                        "to",
                        rx.input(
                            name="to", id="to", type="text", default_value=AppState.user_email
                        ),
                        hint="Several addresses are separated by commas.",
                    ),
                    rx.flex(
                        rx.dialog.close(
                            rx.button("Cancel", type="button", variant="soft", color_scheme="gray")
                        ),
                        rx.button("Send test", type="submit"),
                        spacing="3",
                        justify="end",
                    ),
                    direction="column",
                    spacing="4",
                ),
                on_submit=EmailState.send_test,
                reset_on_submit=False,
            ),
            max_width="440px",
        ),
        open=EmailState.testing,
        on_open_change=EmailState.set_testing,
    )


def history_sheet() -> rx.Component:
    """Every version there was, to look at and to restore."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.flex(
                rx.dialog.title("Versions", size="4", margin="0"),
                rx.dialog.close(
                    rx.icon_button(
                        rx.icon("x", size=18),
                        variant="ghost",
                        color_scheme="gray",
                        aria_label="Close",
                    )
                ),
                justify="between",
            ),
            rx.text(
                "Each save is a version of its own. Emails that wait keep the one they were "
                "decided with.",
                size="2",
                color_scheme="gray",
            ),
            rx.el.ol(rx.foreach(EmailState.history, _version), class_name="versions"),
            class_name="side-sheet narrow",
            aria_describedby="",
        ),
        open=EmailState.history_open,
        on_open_change=EmailState.set_history_open,
    )


def _version(one: VersionLine) -> rx.Component:
    return rx.el.li(
        rx.box(
            rx.flex(
                rx.text("Version ", one.number, size="2", weight="medium"),
                rx.cond(one.current, rx.badge("newest", color_scheme="green")),
                spacing="2",
                align="center",
            ),
            rx.text(one.subject, size="2", class_name="truncate"),
            rx.text(one.author, ", ", ui.when(one.at), size="1", color_scheme="gray"),
            min_width="0",
        ),
        rx.flex(
            rx.button(
                "View",
                size="1",
                variant="soft",
                color_scheme="gray",
                on_click=EmailState.view(one.number),
            ),
            rx.cond(
                AppState.can_edit & negated(one.current),
                rx.button(
                    "Restore", size="1", variant="soft", on_click=EmailState.restore(one.number)
                ),
            ),
            spacing="2",
        ),
    )
