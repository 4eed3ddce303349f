"""The webhook: where the provider reports what became of emails."""

import reflex as rx

from rxapp.components import dialogs, ui
from rxapp.components.settings_frame import copy_line, fact, facts
from rxapp.state.settings_delivery import DeliveryState

EVENTS = (
    "sent, delivered, delivery_delayed, bounced, complained, failed, suppressed; "
    "opened and clicked, if you track them"
)


def webhook() -> rx.Component:
    """Its address, its secret, the last event, and how to set it up."""
    way = DeliveryState.way
    return ui.section(
        "Webhook",
        rx.flex(
            rx.cond(
                way.webhook_source == "",
                ui.callout(
                    "Not set up: the log ends at “sent”, and the app never learns which "
                    "addresses bounce.",
                    "triangle-alert",
                    "amber",
                    "status",
                ),
            ),
            facts(
                fact("Address", copy_line(way.webhook_url, "webhook address")),
                fact("Signing secret", _secret()),
                fact(
                    "Last event",
                    rx.cond(
                        way.event_at != "",
                        rx.fragment(
                            way.event_kind,
                            ", ",
                            ui.when(way.event_at),
                        ),
                        "none yet",
                    ),
                ),
            ),
            rx.cond(way.webhook_source == "", _how_to()),
            rx.flex(_buttons(), spacing="2", wrap="wrap"),
            direction="column",
            spacing="3",
        ),
        _dialog(),
    )


def _secret() -> rx.Component:
    way = DeliveryState.way
    return rx.cond(
        way.webhook_source == "",
        "none: events are refused",
        rx.cond(
            way.webhook_lost,
            "cannot be read any more: RXAPP_SECRET_KEY has changed. Paste it again.",
            rx.fragment(
                "ending in ",
                rx.code(way.webhook_ending),
                rx.cond(
                    way.webhook_source == "app",
                    ", stored encrypted",
                    ", from the environment (RESEND_WEBHOOK_SECRET)",
                ),
            ),
        ),
    )


def _how_to() -> rx.Component:
    way = DeliveryState.way
    return rx.box(
        rx.text("How to set it up", size="2", weight="medium"),
        rx.el.ol(
            rx.el.li("In Resend, open Webhooks and add one for the address above."),
            rx.el.li(f"Choose the email events {EVENTS}."),
            rx.el.li("Copy its signing secret (whsec_…) and paste it here."),
            class_name="how-to",
        ),
        rx.cond(
            way.reachable,
            rx.fragment(),
            rx.text(
                "Resend must reach this address from the internet, by https. Set RXAPP_BASE_URL "
                "to the address of the app first.",
                size="2",
                color_scheme="amber",
                margin_top="var(--space-2)",
            ),
        ),
    )


def _buttons() -> rx.Component:
    way = DeliveryState.way
    return rx.fragment(
        rx.cond(
            (way.webhook_source == "") & (DeliveryState.access == "full") & way.reachable,
            ui.confirm_dialog(
                rx.button(rx.icon("wand-sparkles", size=15), "Set it up for me"),
                title="Set up the webhook?",
                text="The app makes a webhook in your Resend account for all email events, and "
                "keeps its signing secret.",
                confirm="Set up webhook",
                on_confirm=DeliveryState.make_webhook,
                danger=False,
            ),
        ),
        rx.button(
            rx.cond(way.webhook_source == "", "Paste signing secret", "Change signing secret"),
            variant="soft",
            on_click=DeliveryState.set_pasting_secret(True),
        ),
        rx.cond(
            way.webhook_source == "app",
            ui.confirm_dialog(
                rx.button("Remove secret", variant="soft", color_scheme="gray"),
                title="Remove the signing secret?",
                text="Events are refused from now on, unless the environment has a secret: "
                "deliveries, bounces and complaints are not learned of.",
                confirm="Remove secret",
                on_confirm=DeliveryState.remove_secret,
            ),
        ),
    )


def _dialog() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Signing secret of the webhook", size="4"),
            rx.form(
                rx.flex(
                    ui.field(
                        "Signing secret",
                        "secret",
                        rx.input(
                            name="secret",
                            id="secret",
                            type="password",
                            placeholder="whsec_…",
                            auto_complete="off",
                            auto_focus=True,
                        ),
                        hint="In Resend, on the page of the webhook. Kept encrypted.",
                    ),
                    dialogs.buttons(rx.button("Save secret", type="submit")),
                    direction="column",
                    spacing="4",
                ),
                on_submit=DeliveryState.save_secret,
                reset_on_submit=False,
            ),
            max_width="460px",
            aria_describedby="",
        ),
        open=DeliveryState.pasting_secret,
        on_open_change=DeliveryState.set_pasting_secret,
    )
