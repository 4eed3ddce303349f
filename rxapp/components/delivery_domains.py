"""The account's sending domains, and what each still needs."""

import reflex as rx

from rxapp.components import ui
from rxapp.components.settings_frame import copy_line
from rxapp.components.vars import length, negated
from rxapp.state.delivery_domains import DomainLine, RecordLine
from rxapp.state.settings_delivery import DeliveryState


def domains() -> rx.Component:
    """Read from the provider each time; the page does not wait for it."""
    return ui.section(
        "Domains",
        rx.flex(
            rx.cond(
                DeliveryState.sender_note != "",
                rx.cond(
                    DeliveryState.sender_ready,
                    ui.callout(DeliveryState.sender_note, "circle-check", "green", "status"),
                    ui.callout(DeliveryState.sender_note, "triangle-alert", "amber", "status"),
                ),
            ),
            rx.cond(
                DeliveryState.asking & (DeliveryState.access == ""),
                rx.skeleton(height="3em", width="100%"),
                rx.match(
                    DeliveryState.access,
                    ("full", _list()),
                    (
                        "sending",
                        _note(
                            "This key may only send, so the app cannot read your domains. That is "
                            "fine: see them at resend.com. With a “Full access” key they are "
                            "listed here."
                        ),
                    ),
                    ("unreachable", _note("Resend did not answer. Try again in a minute.")),
                    ("refused", _note("Resend does not accept the key. Paste another one above.")),
                    rx.fragment(),
                ),
            ),
            direction="column",
            spacing="3",
        ),
        actions=[
            rx.button(
                rx.icon("refresh-cw", size=14),
                "Read again",
                variant="ghost",
                color_scheme="gray",
                size="1",
                loading=DeliveryState.asking,
                on_click=DeliveryState.ask_provider,
            )
        ],
    )


def _note(text: str) -> rx.Component:
    return rx.text(text, size="2", color_scheme="gray")


def _list() -> rx.Component:
    return rx.cond(
        length(DeliveryState.domains) == 0,
        rx.text(
            "There is no domain yet. ",
            rx.link("Add one in Resend", href="https://resend.com/domains", is_external=True),
            ": without one, emails only reach your own Resend address.",
            size="2",
            color_scheme="gray",
        ),
        rx.flex(rx.foreach(DeliveryState.domains, _domain), direction="column", spacing="3"),
    )


def _domain(domain: DomainLine) -> rx.Component:
    return rx.box(
        rx.flex(
            rx.text(domain.name, size="2", weight="medium", class_name="breakable"),
            rx.badge(domain.word, color_scheme=domain.color),
            rx.spacer(),
            rx.cond(
                domain.verified,
                rx.fragment(),
                rx.button(
                    "Have Resend look",
                    size="1",
                    variant="soft",
                    on_click=DeliveryState.check_domain(domain.id),
                ),
            ),
            align="center",
            spacing="2",
            wrap="wrap",
        ),
        rx.text(domain.sentence, size="2", color_scheme="gray", margin_top="2px"),
        rx.el.details(
            rx.el.summary(
                rx.text("DNS records", as_="span", size="2"), style={"cursor": "pointer"}
            ),
            rx.el.ul(rx.foreach(domain.records, _record), class_name="dns-records"),
            open=negated(domain.verified),
            margin_top="var(--space-2)",
        ),
    )


def _record(record: RecordLine) -> rx.Component:
    return rx.el.li(
        rx.flex(
            rx.badge(record.kind, color_scheme="gray", variant="surface"),
            rx.text(record.purpose, size="2"),
            rx.spacer(),
            rx.badge(record.word, color_scheme=record.color),
            spacing="2",
            align="center",
            wrap="wrap",
        ),
        _part("Name", record.name),
        _part("Value", record.value),
        rx.cond(
            record.priority != "",
            rx.text("Priority: ", record.priority, size="1", color_scheme="gray"),
        ),
    )


def _part(label: str, text: str) -> rx.Component:
    return rx.flex(
        rx.text(label, size="1", color_scheme="gray", width="44px", flex_shrink="0"),
        copy_line(text, f"{label.lower()}"),
        align="center",
        spacing="2",
    )
