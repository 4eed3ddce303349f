"""One send in full: status and reason, what happened when, what led to it, the email as sent."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.custom import EmailFrame, Tick
from rxapp.components.settings_frame import copy_line
from rxapp.state.base import AppState
from rxapp.state.send import SendState, Step


def send_detail() -> rx.Component:
    """Everything about `SendState.send`, kept current while it is looked at."""
    return rx.flex(
        Tick.create(every=3, on_tick=SendState.refresh),
        _status(),
        _facts(),
        rx.box(
            _heading("What happened"),
            rx.el.ol(rx.foreach(SendState.send.steps, _step), class_name="timeline"),
        ),
        rx.box(
            _heading("Why it was decided"),
            rx.el.ol(rx.foreach(SendState.send.chain, _link), class_name="chain"),
        ),
        rx.box(_heading("The email as sent"), _email()),
        direction="column",
        spacing="5",
        width="100%",
    )


def actions() -> rx.Component:
    """What a person can do about it."""
    return rx.cond(
        AppState.can_edit,
        rx.flex(
            rx.cond(
                SendState.send.can_cancel,
                ui.confirm_dialog(
                    rx.button("Cancel email", variant="soft", color_scheme="red"),
                    title="Cancel this email?",
                    text="It will not leave. You can send it again later.",
                    confirm="Cancel email",
                    on_confirm=SendState.cancel,
                ),
            ),
            rx.cond(
                SendState.send.can_repeat,
                ui.confirm_dialog(
                    rx.button(rx.icon("rotate-cw", size=15), "Send again", variant="soft"),
                    title="Send this email again?",
                    text=rx.fragment(
                        rx.el.strong(SendState.send.partner),
                        " gets “",
                        SendState.send.email,
                        "” once more, in its present wording.",
                    ),
                    confirm="Send again",
                    on_confirm=SendState.repeat,
                    danger=False,
                ),
            ),
            spacing="2",
            wrap="wrap",
        ),
    )


def _heading(text: str) -> rx.Component:
    return rx.heading(text, as_="h3", size="2", weight="medium", margin_bottom="var(--space-2)")


def _status() -> rx.Component:
    return rx.flex(
        rx.flex(
            ui.send_badge(SendState.send.status),
            rx.cond(SendState.send.resend_of, rx.badge("Sent again", variant="outline")),
            spacing="2",
            wrap="wrap",
        ),
        rx.cond(SendState.send.why != "", rx.text(SendState.send.why, size="2")),
        direction="column",
        spacing="2",
    )


def _facts() -> rx.Component:
    send = SendState.send
    return rx.data_list.root(
        _fact("To", rx.link(send.partner, href=routes.partner(send.partner_id)), send.address),
        _fact(
            "Email",
            rx.link(send.email, href=routes.email(send.email_id)),
            rx.fragment("version ", send.version),
        ),
        _fact("Automation", rx.link(send.automation, href=routes.automation(send.automation_id))),
        rx.cond(
            send.provider != "", _fact("Provider id", copy_line(send.provider, "the provider’s id"))
        ),
        rx.cond(
            send.resend_of,
            _fact("Repeats", rx.link("an earlier send", href=routes.send(send.resend_of))),
        ),
        size="2",
    )


def _fact(label: str, value: rx.Component, hint: str | rx.Component | None = None) -> rx.Component:
    return rx.data_list.item(
        rx.data_list.label(label, min_width="96px"),
        rx.data_list.value(
            rx.flex(
                value,
                rx.text(hint, size="1", color_scheme="gray") if hint is not None else None,
                spacing="2",
                align="baseline",
                wrap="wrap",
                class_name="breakable",
            )
        ),
    )


def _step(step: Step) -> rx.Component:
    return rx.el.li(
        rx.box(class_name="timeline-dot", background=f"var(--{step.tone}-9)"),
        rx.text(step.what, size="2"),
        rx.text(ui.when(step.at, ahead=step.ahead), size="1", color_scheme="gray"),
    )


def _link(words: str) -> rx.Component:
    return rx.el.li(rx.text(words, size="2"))


def _email() -> rx.Component:
    send = SendState.send
    shown = rx.tabs.root(
        rx.tabs.list(
            rx.tabs.trigger("Email", value="html"),
            rx.tabs.trigger("On a phone", value="phone"),
            rx.tabs.trigger("Plain text", value="text"),
        ),
        rx.tabs.content(_frame(send.html, "100%"), value="html"),
        rx.tabs.content(_frame(send.html, "375px"), value="phone"),
        rx.tabs.content(rx.el.pre(send.text, class_name="plain-text"), value="text"),
        default_value="html",
    )
    return rx.cond(
        send.html != "",
        rx.flex(
            rx.box(
                rx.text(send.subject, size="2", weight="medium"),
                rx.text("From ", send.sender, size="1", color_scheme="gray"),
            ),
            shown,
            direction="column",
            spacing="2",
        ),
        rx.text(
            "It is put together when it leaves; until then there is nothing to show.",
            size="2",
            color_scheme="gray",
        ),
    )


def _frame(html: str, width: str) -> rx.Component:
    send = SendState.send
    # What the sandbox kept reached nobody: whoever may do all that its link does may try it.
    tried = rx.cond(
        AppState.is_admin & (send.status == "captured"),
        f"/api/studio/sends/{send.id}/unsubscribe",
        "",
    )
    return EmailFrame.create(
        html=html, title="The email as sent", width=width, height="560px", unsubscribe=tried
    )
