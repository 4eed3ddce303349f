"""A partner's email log: every email sent, waiting or withheld, and why."""

import reflex as rx

from rxapp.components import ui
from rxapp.components.verdict import why_button
from rxapp.state.base import AppState
from rxapp.state.partner import PartnerState
from rxapp.state.partner_log import LogLine
from rxapp.state.send import SendState


def email_log() -> rx.Component:
    """The log, newest first; each line opens the email."""
    log = PartnerState.log
    return ui.section(
        "Email log",
        rx.cond(
            PartnerState.loading,
            rx.skeleton(height="120px", width="100%"),
            rx.cond(
                log.total > 0,
                rx.fragment(
                    rx.el.ul(rx.foreach(log.lines, _line), class_name="log"),
                    rx.cond(
                        log.has_previous | log.has_next,
                        rx.box(
                            ui.pager(
                                log.shown,
                                on_previous=PartnerState.turn(-1),
                                on_next=PartnerState.turn(1),
                                has_previous=log.has_previous,
                                has_next=log.has_next,
                            ),
                            margin_top="var(--space-3)",
                        ),
                    ),
                ),
                ui.empty_state(
                    "mail",
                    "No emails yet",
                    "Once a tag with an automation is assigned, every email shows up here, also "
                    "one that was withheld, with the reason.",
                ),
            ),
        ),
        actions=[why_button()],
    )


def _line(line: LogLine) -> rx.Component:
    return rx.el.li(
        rx.box(ui.send_badge(line.status), class_name="log-status"),
        rx.box(
            rx.el.button(
                line.email,
                type="button",
                class_name="row-button",
                on_click=SendState.show(line.id),
            ),
            rx.cond(line.reason != "", rx.text(line.reason, size="2")),
            rx.text(line.cause, size="1", color_scheme="gray", class_name="breakable"),
            rx.cond(
                line.again_by != "",
                rx.text(f"Sent again by {line.again_by}", size="1", color_scheme="gray"),
            ),
            flex="1",
            min_width="0",
        ),
        rx.flex(
            rx.text(
                rx.cond(
                    line.due != "",
                    rx.fragment("leaves ", ui.when(line.due, ahead=True)),
                    ui.when(line.at),
                ),
                size="1",
                color_scheme="gray",
                white_space="nowrap",
            ),
            rx.cond(
                line.clicked,
                rx.badge("Clicked", color_scheme="green", variant="outline"),
                rx.cond(line.opened, rx.badge("Opened", color_scheme="green", variant="outline")),
            ),
            rx.cond(line.can_cancel & AppState.can_edit, _cancel_button(line)),
            rx.cond(line.can_repeat & AppState.can_edit, _again_button(line)),
            direction="column",
            align="end",
            spacing="1",
        ),
    )


def _again_button(line: LogLine) -> rx.Component:
    return rx.button(
        "Send again",
        size="1",
        variant="ghost",
        aria_label=f"Send {line.email} again",
        on_click=PartnerState.ask("send_again", line.id),
    )


def _cancel_button(line: LogLine) -> rx.Component:
    return ui.confirm_dialog(
        rx.button("Cancel", size="1", variant="ghost", color_scheme="red"),
        title=f"Cancel “{line.email}”?",
        text="This email will not leave. You can send it again later.",
        confirm="Cancel email",
        on_confirm=PartnerState.cancel_email(line.id),
    )
