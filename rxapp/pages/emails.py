"""The list of emails."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.dialogs import question
from rxapp.components.layout import page
from rxapp.components.vars import length
from rxapp.state.base import AppState
from rxapp.state.emails import EmailRow, EmailsState, StarterCard


@page(routes.EMAILS, "Emails", on_load=EmailsState.load)
def emails() -> rx.Component:
    """Every email that automations can send."""
    return rx.fragment(
        ui.page_header("Emails", "What automations send.", _new()),
        rx.flex(
            rx.box(_table(), class_name="stacking"), _switch(), direction="column", spacing="4"
        ),
        _gallery(),
        question(
            opened=EmailsState.doomed.id > 0,
            on_open_change=EmailsState.set_asking,
            title=f"Delete “{EmailsState.doomed.name}”?",
            text="This cannot be undone. An email that was ever used can only be archived.",
            confirm="Delete email",
            on_confirm=EmailsState.delete,
        ),
    )


def _new() -> rx.Component:
    return rx.cond(
        AppState.can_edit,
        rx.button(rx.icon("plus", size=16), "New email", on_click=EmailsState.set_choosing(True)),
    )


def _switch() -> rx.Component:
    """The way to the archive, where there is something in it, and back."""
    return rx.cond(
        EmailsState.archive,
        rx.link("Back to the emails in use", href=routes.EMAILS, size="2"),
        rx.cond(
            EmailsState.archived > 0,
            rx.link(
                EmailsState.archived,
                " in the archive",
                href=f"{routes.EMAILS}?archive=1",
                size="2",
                color_scheme="gray",
            ),
        ),
    )


def _table() -> rx.Component:
    return ui.table(
        ["Name", "Subject", "Kind", "Used by", "Edited", ""],
        rx.foreach(EmailsState.rows, _row),
        loading=EmailsState.loading,
        is_empty=length(EmailsState.rows) == 0,
        empty=rx.cond(
            EmailsState.archive,
            ui.empty_state("archive", "The archive is empty", "Retired emails end up here."),
            ui.empty_state(
                "mail",
                "No emails yet",
                "Write the first one, or start from one that is ready to send.",
                _new(),
            ),
        ),
    )


def _row(row: EmailRow) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.link(row.name, href=routes.email(row.id), weight="medium", class_name="row-link"),
            max_width="240px",
        ),
        rx.table.cell(rx.text(row.subject, class_name="truncate", size="2"), max_width="300px"),
        rx.table.cell(
            rx.cond(
                row.kind == "marketing",
                rx.badge("Marketing", color_scheme="indigo"),
                rx.badge("Transactional", color_scheme="gray"),
            )
        ),
        rx.table.cell(rx.text(row.used, size="2", color_scheme="gray", white_space="nowrap")),
        rx.table.cell(
            rx.text(ui.when(row.at), size="2", color_scheme="gray", white_space="nowrap")
        ),
        rx.table.cell(
            rx.cond(AppState.can_edit, _menu(row)), text_align="right", class_name="corner"
        ),
        align="center",
        class_name="linked",
    )


def _menu(row: EmailRow) -> rx.Component:
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.icon_button(
                rx.icon("ellipsis", size=16),
                variant="ghost",
                color_scheme="gray",
                aria_label=f"More about {row.name}",
            )
        ),
        rx.dropdown_menu.content(
            rx.dropdown_menu.item("Duplicate", on_click=EmailsState.duplicate(row.id)),
            rx.cond(
                row.archived,
                rx.dropdown_menu.item("Restore", on_click=EmailsState.set_archived(row.id, False)),
                rx.dropdown_menu.item("Archive", on_click=EmailsState.set_archived(row.id, True)),
            ),
            rx.dropdown_menu.separator(),
            rx.dropdown_menu.item(
                "Delete", color_scheme="red", on_click=EmailsState.ask_delete(row.id)
            ),
            size="1",
        ),
    )


def _gallery() -> rx.Component:
    """What a new email can start from."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("New email", size="4"),
            rx.dialog.description(
                "Start from nothing, or from an email that is ready to send and yours to change.",
                size="2",
                color_scheme="gray",
                margin_bottom="var(--space-4)",
            ),
            rx.grid(
                _start("Blank", "An empty email in your layout.", routes.NEW_EMAIL),
                rx.foreach(EmailsState.starters, _starter),
                columns=rx.breakpoints(initial="1", sm="2"),
                spacing="3",
            ),
            max_width="620px",
        ),
        open=EmailsState.choosing,
        on_open_change=EmailsState.set_choosing,
    )


def _starter(starter: StarterCard) -> rx.Component:
    return _start(starter.name, starter.subject, f"{routes.NEW_EMAIL}?starter={starter.slug}")


def _start(name: ui.Text, about: ui.Text, href: ui.Text) -> rx.Component:
    return rx.link(
        rx.text(name, size="2", weight="medium"),
        rx.text(about, size="1", color_scheme="gray"),
        href=href,
        underline="none",
        color_scheme="gray",
        high_contrast=True,
        class_name="choice",
    )
