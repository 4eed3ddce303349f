"""Settings of the program, whether it sends, and the keys of the REST API."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.api_keys import api_keys
from rxapp.components.layout import page
from rxapp.state.base import AppState
from rxapp.state.settings import SettingsState


@page(routes.SETTINGS, "Settings", on_load=SettingsState.load)
def settings() -> rx.Component:
    """Everything an admin sets."""
    return rx.fragment(
        ui.page_header("Settings", "Who the program is, how it sends, and who else may use it."),
        rx.cond(
            AppState.is_admin | (AppState.role == ""),
            rx.flex(_sending(), _program(), api_keys(), direction="column", spacing="4"),
            rx.card(
                ui.empty_state(
                    "lock", "Only admins change settings", "Ask an admin of this program to do it."
                )
            ),
        ),
    )


def _program() -> rx.Component:
    values = SettingsState.values
    form = rx.form(
        rx.grid(
            ui.field(
                "Program name",
                "name",
                rx.input(name="name", id="name", default_value=values["name"]),
                hint="Partners see it in every email.",
            ),
            ui.field(
                "Partner portal",
                "website",
                rx.input(
                    name="website",
                    id="website",
                    placeholder="https://partners.example.com",
                    default_value=values["website"],
                ),
                hint="Where the buttons of the emails lead.",
            ),
            ui.field(
                "Sender",
                "from_",
                rx.input(
                    name="from_",
                    id="from_",
                    placeholder="Acme Partners <partners@example.com>",
                    default_value=values["from_"],
                ),
                hint=rx.cond(
                    SettingsState.test_sender,
                    "This is Resend's test sender: it only reaches your own Resend address.",
                    "Its domain must be verified at Resend.",
                ),
            ),
            ui.field(
                "Reply to",
                "reply_to",
                rx.input(
                    name="reply_to",
                    id="reply_to",
                    placeholder="The sender",
                    default_value=values["reply_to"],
                ),
                hint="Where answers of partners go.",
            ),
            ui.field(
                "Logo",
                "logo_url",
                rx.input(
                    name="logo_url",
                    id="logo_url",
                    placeholder="https://…/logo.png",
                    default_value=values["logo_url"],
                ),
                hint="Web address of an image, shown on top of every email.",
            ),
            ui.field(
                "Brand colour",
                "color",
                rx.el.input(
                    type="color",
                    name="color",
                    id="color",
                    default_value=values["color"],
                    class_name="color-input",
                ),
                hint="Buttons and links in emails.",
            ),
            ui.field(
                "Postal address",
                "address",
                rx.text_area(
                    name="address", id="address", rows="3", default_value=values["address"]
                ),
                hint="In the footer of every email; the law asks for it in marketing mail.",
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
                    default_value=values["undo_seconds"],
                ),
                hint="So long the emails of a bulk action wait before they leave.",
            ),
            columns=rx.breakpoints(initial="1", sm="2"),
            spacing="4",
        ),
        rx.flex(
            rx.button("Save settings", type="submit"), justify="end", margin_top="var(--space-4)"
        ),
        on_submit=SettingsState.save,
        reset_on_submit=False,
        key=SettingsState.revision,
    )
    return ui.section("Program", rx.skeleton(form, loading=SettingsState.loading))


def _sending() -> rx.Component:
    provider = SettingsState.provider
    return ui.section(
        "Sending",
        rx.flex(
            rx.flex(
                rx.box(
                    rx.match(
                        provider.name,
                        (
                            "resend",
                            rx.text(
                                "Emails are sent to partners for real, through Resend.", size="2"
                            ),
                        ),
                        (
                            "sandbox",
                            rx.text(
                                "Sandbox: no email leaves, each one is kept and can be read under "
                                "Sends. To send for real, set ",
                                rx.code("RESEND_API_KEY"),
                                " where the app is started.",
                                size="2",
                            ),
                        ),
                        rx.skeleton(height="1.4em", width="40ch"),
                    ),
                    flex="1 1 280px",
                ),
                _pause_or_resume(),
                justify="between",
                align="center",
                spacing="4",
                wrap="wrap",
            ),
            rx.cond(provider.stopped_at != "", _stopped()),
            direction="column",
            spacing="3",
        ),
        _resume_dialog(),
    )


def _stopped() -> rx.Component:
    provider = SettingsState.provider
    return rx.callout.root(
        rx.callout.icon(rx.icon("triangle-alert", size=16)),
        rx.callout.text(
            "The provider stopped sending ",
            ui.when(provider.stopped_at),
            ": ",
            provider.why,
            " Emails wait and nothing is lost.",
            rx.cond(
                provider.until != "",
                rx.fragment(" Next try ", ui.when(provider.until), "."),
                " It goes on by itself once this is solved.",
            ),
        ),
        color_scheme="red",
        role="alert",
        size="1",
    )


def _pause_or_resume() -> rx.Component:
    return rx.cond(
        SettingsState.paused,
        rx.button(rx.icon("play", size=15), "Resume sending", on_click=SettingsState.ask_resume),
        ui.confirm_dialog(
            rx.button(
                rx.icon("pause", size=15), "Pause sending", variant="soft", color_scheme="gray"
            ),
            title="Pause sending?",
            text="Tags can still be assigned. The emails they cause wait until sending is resumed.",
            confirm="Pause sending",
            on_confirm=SettingsState.pause,
            danger=False,
        ),
    )


def _resume_dialog() -> rx.Component:
    """What happens to the emails that were held is for a person to say."""
    held = SettingsState.held
    count = rx.cond(held == 1, "1 email", f"{held} emails")
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
                        on_click=SettingsState.resume("discard"),
                    ),
                ),
                rx.button(
                    rx.cond(held == 0, "Resume sending", rx.fragment("Send ", count)),
                    on_click=SettingsState.resume("send"),
                ),
                spacing="3",
                justify="end",
                margin_top="var(--space-4)",
                wrap="wrap",
            ),
            max_width="480px",
        ),
        open=SettingsState.resuming,
        on_open_change=SettingsState.set_resuming,
    )
