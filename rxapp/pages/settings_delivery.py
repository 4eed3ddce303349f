"""Settings, delivery: by which key emails leave, and everything that keeps them from it."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.custom import Tick
from rxapp.components.delivery_dialogs import key_dialogs
from rxapp.components.delivery_domains import domains
from rxapp.components.delivery_pace import checking, pace, pausing
from rxapp.components.delivery_webhook import webhook
from rxapp.components.settings_frame import settings_page
from rxapp.state.settings_delivery import DeliveryState


@settings_page(
    routes.DELIVERY, "Delivery", on_load=[DeliveryState.load, DeliveryState.ask_provider]
)
def settings_delivery() -> rx.Component:
    """From the key to the pace, in the order they are set up."""
    return rx.flex(
        Tick.create(every=5, on_tick=DeliveryState.refresh),
        _provider(),
        checking(),
        rx.cond(DeliveryState.way.live, rx.fragment(domains(), webhook())),
        pausing(),
        pace(),
        key_dialogs(),
        direction="column",
        spacing="4",
    )


def _provider() -> rx.Component:
    way = DeliveryState.way
    return ui.section(
        "Email provider",
        rx.skeleton(
            rx.flex(
                rx.flex(
                    rx.box(_state(), flex="1 1 320px", min_width="0"),
                    rx.flex(_buttons(), spacing="2", wrap="wrap"),
                    justify="between",
                    align="center",
                    gap="12px 24px",
                    wrap="wrap",
                ),
                rx.cond(way.stopped_at != "", _stopped()),
                direction="column",
                spacing="3",
            ),
            loading=DeliveryState.loading,
        ),
    )


def _state() -> rx.Component:
    way = DeliveryState.way
    return rx.cond(
        way.live,
        rx.flex(
            rx.text(
                rx.badge("Live", color_scheme="green", margin_right="8px"),
                "Emails are sent to partners for real, through Resend.",
                size="2",
            ),
            rx.text(
                rx.cond(
                    way.lost,
                    "The key cannot be read any more, because RXAPP_SECRET_KEY has changed. "
                    "Paste it again.",
                    rx.fragment(
                        "Key ending in ",
                        rx.code(way.ending),
                        rx.cond(
                            way.source == "app",
                            ", stored encrypted. It is never shown again. ",
                            ", from the environment (RESEND_API_KEY). ",
                        ),
                        rx.match(
                            DeliveryState.access,
                            ("full", "It has full access."),
                            ("sending", "It may only send, which is enough."),
                            ("refused", "Resend does not accept it any more."),
                            ("unreachable", "Resend did not answer just now."),
                            "",
                        ),
                    ),
                ),
                size="2",
                color_scheme="gray",
            ),
            direction="column",
            spacing="1",
        ),
        rx.flex(
            rx.text(
                rx.badge("Sandbox", color_scheme="amber", margin_right="8px"),
                "No email leaves. Each one is kept and can be read under Sends.",
                size="2",
            ),
            rx.text(
                "To send for real, make an API key in your ",
                rx.link("Resend account", href="https://resend.com/api-keys", is_external=True),
                " and paste it here.",
                size="2",
                color_scheme="gray",
            ),
            direction="column",
            spacing="1",
        ),
    )


def _buttons() -> rx.Component:
    way = DeliveryState.way
    return rx.fragment(
        rx.cond(
            way.source == "app",
            rx.button(
                "Remove key",
                variant="soft",
                color_scheme="gray",
                on_click=DeliveryState.set_removing(True),
            ),
        ),
        rx.button(
            rx.icon("key-round", size=15),
            rx.cond(way.live, "Change key", "Paste a key"),
            variant=rx.cond(way.live, "soft", "solid"),
            on_click=DeliveryState.set_pasting(True),
        ),
    )


def _stopped() -> rx.Component:
    way = DeliveryState.way
    return rx.callout.root(
        rx.callout.icon(rx.icon("triangle-alert", size=16, aria_hidden=True)),
        rx.callout.text(
            "The provider stopped sending ",
            ui.when(way.stopped_at),
            ": ",
            way.stopped_why,
            " Emails wait and nothing is lost.",
            rx.cond(
                way.stopped_until != "",
                rx.fragment(" Next try ", ui.when(way.stopped_until, ahead=True), "."),
                " It goes on by itself once this is solved.",
            ),
            " ",
            rx.button("Try now", size="1", variant="soft", on_click=DeliveryState.try_now),
        ),
        color_scheme="red",
        role="alert",
        size="1",
    )
