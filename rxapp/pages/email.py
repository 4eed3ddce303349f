"""The page of one email: write it, see it, save it, test it."""

import reflex as rx

from rxapp import routes
from rxapp.components import dialogs, ui
from rxapp.components.custom import LeaveGuard, Tick
from rxapp.components.email_editor import email_editor
from rxapp.components.email_tools import clash, comparison, history_sheet, test_dialog
from rxapp.components.layout import page
from rxapp.components.links import link_button
from rxapp.components.vars import length
from rxapp.state.base import AppState
from rxapp.state.email import EmailState
from rxapp.state.email_draft import FORM
from rxapp.state.options import Option


@page(routes.EMAIL, "Email", section=routes.EMAILS, on_load=EmailState.load)
def email() -> rx.Component:
    """An email, or at /emails/new one that begins: then saving goes on in the same form."""
    return rx.cond(
        EmailState.missing,
        rx.card(
            ui.empty_state(
                "mail",
                "There is no such email",
                "It may have been deleted.",
                link_button("All emails", href=routes.EMAILS),
            )
        ),
        _page(rx.cond(EmailState.number > 0, EmailState.start.name, "New email")),
    )


def _page(title: str | str) -> rx.Component:
    return rx.fragment(
        LeaveGuard.create(dirty=EmailState.dirty, form=FORM, what="changes to this email"),
        ui.page_header(title, _standing(), *_actions()),
        rx.cond(
            EmailState.archived,
            rx.box(
                ui.callout(
                    "This email is archived: no new automation can choose it.",
                    "archive",
                    "gray",
                    "status",
                ),
                margin_bottom="var(--space-4)",
            ),
        ),
        rx.cond(AppState.can_edit, Tick.create(every=5, on_tick=EmailState.watch)),
        rx.box(_told(EmailState.overtaken), _told(EmailState.beside), role="status"),
        rx.cond(
            EmailState.loading,
            rx.grid(
                rx.skeleton(height="560px"),
                rx.skeleton(height="560px"),
                columns=rx.breakpoints(initial="1", md="2"),
                spacing="4",
            ),
            email_editor(EmailState.save),
        ),
        test_dialog(FORM),
        history_sheet(),
        comparison(),
        clash(),
        dialogs.question(
            opened=EmailState.deleting,
            on_open_change=EmailState.set_deleting,
            title="Delete this email?",
            text="This cannot be undone. An email that was ever used can only be archived.",
            confirm="Delete email",
            on_confirm=EmailState.delete,
        ),
    )


def _told(words: ui.Text) -> rx.Component:
    """A sentence about others who work on this email, where there is one."""
    return rx.cond(
        words != "",
        rx.box(ui.callout(words, "users", "amber", "note"), margin_bottom="var(--space-4)"),
    )


def _standing() -> rx.Component:
    """Which version it is, and where it is used."""
    return rx.fragment(
        rx.link("Emails", href=routes.EMAILS, size="2"),
        rx.cond(
            EmailState.number > 0,
            rx.fragment(
                " · version ",
                EmailState.version,
                rx.cond(EmailState.dirty, " · not saved yet", ""),
                rx.cond(
                    length(EmailState.users) > 0,
                    rx.fragment(" · sent by ", rx.foreach(EmailState.users, _user)),
                    " · no automation sends it",
                ),
            ),
        ),
    )


def _user(user: Option, index: int) -> rx.Component:
    return rx.fragment(
        rx.cond(index > 0, ", ", ""),
        rx.link(user.label, href=routes.automation(user.value), size="2"),
    )


def _actions() -> list[rx.Component]:
    return [
        rx.cond(
            EmailState.number > 0,
            rx.button(
                rx.icon("history", size=15),
                "Versions",
                variant="soft",
                color_scheme="gray",
                on_click=EmailState.set_history_open(True),
            ),
        ),
        rx.cond(
            AppState.can_edit,
            rx.fragment(
                rx.cond(EmailState.number > 0, _more()),
                rx.button(
                    rx.icon("send", size=15),
                    "Send test",
                    variant="soft",
                    on_click=EmailState.set_testing(True),
                ),
                rx.button("Save", type="submit", custom_attrs={"form": FORM}),
            ),
        ),
    ]


def _more() -> rx.Component:
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.icon_button(
                rx.icon("ellipsis", size=16),
                variant="soft",
                color_scheme="gray",
                aria_label="More",
            )
        ),
        rx.dropdown_menu.content(
            rx.dropdown_menu.item("Duplicate", on_click=EmailState.duplicate),
            rx.cond(
                EmailState.archived,
                rx.dropdown_menu.item("Restore", on_click=EmailState.set_archived(False)),
                rx.dropdown_menu.item("Archive", on_click=EmailState.set_archived(True)),
            ),
            rx.dropdown_menu.separator(),
            rx.dropdown_menu.item(
                "Delete", color_scheme="red", on_click=EmailState.set_deleting(True)
            ),
            size="1",
        ),
    )
