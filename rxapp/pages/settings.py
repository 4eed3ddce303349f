"""Settings, the sender: who emails come from, beside an email that shows it."""

from typing import Any

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.custom import EmailFrame, LiveForm
from rxapp.components.settings_frame import settings_page
from rxapp.state.settings import SettingsState


@settings_page(routes.SETTINGS, "Sender", on_load=SettingsState.load)
def settings() -> rx.Component:
    """The form, and what comes of it."""
    return rx.box(
        ui.section("Sender", rx.skeleton(_form(), loading=SettingsState.loading)),
        rx.box(ui.section("How it looks", _look()), class_name="sticky"),
        class_name="side-by-side",
    )


def _form() -> rx.Component:
    values = SettingsState.values
    return LiveForm.create(
        rx.flex(
            _line("Program name", "name", hint="Partners see it in every email."),
            _line(
                "Sender",
                "from_",
                placeholder="Acme Partners <partners@acme.com>",
                hint=rx.cond(
                    SettingsState.test_sender,
                    "This is Resend's test sender: it only reaches your own Resend address.",
                    "A name and an address. Its domain must be verified: see Delivery.",
                ),
            ),
            _line(
                "Reply to",
                "reply_to",
                type="email",
                placeholder="The sender",
                hint="Where answers of partners go.",
            ),
            _line(
                "Partner portal",
                "website",
                placeholder="https://partners.acme.com",
                hint="Where the buttons of the emails lead.",
            ),
            _line(
                "Logo",
                "logo_url",
                placeholder="https://…/logo.png",
                hint="Web address of an image, on top of every email. Empty: the name.",
            ),
            ui.field(
                "Colour",
                "color",
                rx.el.input(
                    type="color",
                    name="color",
                    id="color",
                    default_value=values["color"],
                    class_name="color-input",
                ),
                hint="Of buttons and accents.",
            ),
            ui.field(
                "Postal address",
                "address",
                rx.text_area(
                    name="address",
                    id="address",
                    rows="3",
                    placeholder="Acme Inc.\n1 Main Street\nTurin, Italy",
                    default_value=values["address"],
                ),
                hint="In the footer of every email; the law asks for it in marketing mail.",
            ),
            rx.flex(rx.button("Save sender", type="submit"), justify="end"),
            direction="column",
            spacing="4",
        ),
        id="sender-form",
        on_draft=SettingsState.look,
        on_send=SettingsState.save,
        key=SettingsState.revision,
    )


def _line(label: str, name: str, *, hint: Any, **props: Any) -> rx.Component:
    control = rx.input(
        name=name,
        id=name,
        default_value=SettingsState.values[name],
        auto_complete="off",
        max_length=500,
        **props,
    )
    return ui.field(label, name, control, hint=hint)


def _look() -> rx.Component:
    return rx.flex(
        rx.box(
            rx.flex(
                rx.text(SettingsState.sender_name, size="2", weight="medium", truncate=True),
                rx.text(SettingsState.sender_address, size="1", color_scheme="gray", truncate=True),
                gap="1px 8px",
                align="baseline",
                wrap="wrap",
            ),
            rx.text(SettingsState.subject, size="2", truncate=True),
            class_name="inbox-row",
        ),
        EmailFrame.create(
            html=SettingsState.sample, title="A sample email", width="100%", height="480px"
        ),
        direction="column",
        spacing="3",
    )
