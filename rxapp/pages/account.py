"""One's own account: name, password, and the browsers one is signed in with."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.layout import page
from rxapp.components.vars import length
from rxapp.state.account import AccountState, BrowserRow
from rxapp.state.base import AppState


@page(routes.ACCOUNT, "Your account", on_load=AccountState.load)
def account() -> rx.Component:
    """For everybody, whatever they may do."""
    return rx.fragment(
        ui.page_header("Your account", AppState.user_email),
        rx.box(
            rx.flex(_name(), _password(), direction="column", spacing="4"),
            _browsers(),
            class_name="side-by-side",
        ),
    )


def _name() -> rx.Component:
    return ui.section(
        "Name",
        rx.form(
            rx.flex(
                ui.field(
                    "What you are called",
                    "own_name",
                    rx.input(
                        name="own_name",
                        id="own_name",
                        auto_complete="name",
                        max_length=120,
                        default_value=AppState.user_name,
                        key=AppState.user_name,
                    ),
                ),
                rx.flex(rx.button("Save name", type="submit", variant="soft"), justify="end"),
                direction="column",
                spacing="3",
            ),
            on_submit=AccountState.rename,
            reset_on_submit=False,
        ),
    )


def _password() -> rx.Component:
    return ui.section(
        "Password",
        rx.form(
            rx.flex(
                _secret("Current password", "current", "current-password"),
                _secret(
                    "New password",
                    "password",
                    "new-password",
                    hint="At least 10 characters. A few words you remember work well.",
                ),
                _secret("New password once more", "again", "new-password"),
                rx.flex(rx.button("Change password", type="submit"), justify="end"),
                direction="column",
                spacing="3",
            ),
            on_submit=AccountState.change_password,
            reset_on_submit=False,
            key=AccountState.revision,
        ),
        rx.text(
            "Every other browser is signed out with it.",
            size="1",
            color_scheme="gray",
            margin_top="var(--space-2)",
        ),
    )


def _secret(label: str, name: str, complete: str, hint: str = "") -> rx.Component:
    control = rx.input(name=name, id=name, type="password", auto_complete=complete, max_length=256)
    return ui.field(label, name, control, hint)


def _browsers() -> rx.Component:
    return ui.section(
        "Where you are signed in",
        rx.skeleton(
            rx.el.ul(rx.foreach(AccountState.browsers, _browser), class_name="audit"),
            loading=AccountState.loading,
        ),
        rx.cond(
            length(AccountState.browsers) > 1,
            rx.flex(
                ui.confirm_dialog(
                    rx.button("Sign out everywhere else", variant="soft", color_scheme="gray"),
                    title="Sign out everywhere else?",
                    text=rx.fragment(
                        length(AccountState.browsers) - 1,
                        " other browsers are signed out at once. This one stays.",
                    ),
                    confirm="Sign out everywhere else",
                    on_confirm=AccountState.end_others,
                    danger=False,
                ),
                justify="end",
                margin_top="var(--space-3)",
            ),
        ),
    )


def _browser(row: BrowserRow) -> rx.Component:
    return rx.el.li(
        rx.box(
            rx.flex(
                rx.text(row.browser, size="2", weight="medium"),
                rx.cond(row.here, rx.badge("This browser", color_scheme="green")),
                spacing="2",
                align="center",
            ),
            rx.text(
                rx.cond(row.address != "", rx.fragment(row.address, " · "), ""),
                "signed in ",
                ui.when(row.since),
                ", used ",
                ui.when(row.seen),
                size="1",
                color_scheme="gray",
            ),
        ),
        rx.cond(
            row.here,
            rx.fragment(),
            rx.button(
                "Sign out",
                variant="ghost",
                color_scheme="gray",
                size="1",
                aria_label=f"Sign out {row.browser}",
                on_click=AccountState.end(row.name),
            ),
        ),
    )
