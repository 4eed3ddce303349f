"""The gallery of emails: each with its picture, as it would be sent."""

import reflex as rx

from rxapp import routes
from rxapp.components import dialogs, filters, ui
from rxapp.components.layout import page
from rxapp.components.search import Search
from rxapp.components.ui import Flag
from rxapp.components.vars import length
from rxapp.state.base import AppState
from rxapp.state.emails import EmailRow, EmailsState, StarterCard

KINDS = {"marketing": "Marketing", "transactional": "Transactional"}
SORTS = {filters.ANY: "Last edited first", "name": "By name"}


@page(routes.EMAILS, "Emails", on_load=EmailsState.load)
def emails() -> rx.Component:
    """Every email that automations can send."""
    return rx.fragment(
        ui.page_header("Emails", "What automations send.", _new()),
        rx.flex(_filters(), _cards(), _pager(), _switch(), direction="column", spacing="4"),
        _gallery(),
        dialogs.question(
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
        _archive(),
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


def _archive() -> Flag:
    """Whether the archive is looked at."""
    return EmailsState.filters["archive"] != ""


def _filters() -> rx.Component:
    state = EmailsState
    return rx.flex(
        Search.create(
            value=state.filters["q"],
            label="Search emails",
            width="280px",
            on_search=state.search,
        ),
        filters.one_of(state, "kind", "Kind", {filters.ANY: "Any kind", **KINDS}),
        filters.one_of(state, "sort", "Order", SORTS),
        filters.clear_button(state),
        spacing="3",
        wrap="wrap",
        align="center",
        role="search",
        aria_label="Filter emails",
    )


def _cards() -> rx.Component:
    return rx.cond(
        EmailsState.loading,
        _grid(*(rx.skeleton(height="260px") for _ in range(8))),
        rx.cond(
            length(EmailsState.rows) > 0,
            _grid(rx.foreach(EmailsState.rows, _card)),
            rx.card(_nothing()),
        ),
    )


def _grid(*cards: rx.Component) -> rx.Component:
    return rx.el.ul(*cards, class_name="gallery")


def _nothing() -> rx.Component:
    return rx.cond(
        EmailsState.filtered,
        ui.empty_state(
            "search",
            "No email matches",
            "Part of its name is enough.",
            rx.button("Clear filters", variant="soft", on_click=EmailsState.clear),
        ),
        rx.cond(
            _archive(),
            ui.empty_state("archive", "The archive is empty", "Retired emails end up here."),
            ui.empty_state(
                "mail",
                "No emails yet",
                "Write the first one, or start from one that is ready to send.",
                _new(),
            ),
        ),
    )


def _card(row: EmailRow) -> rx.Component:
    return rx.el.li(
        _picture(row.picture),
        rx.box(
            rx.flex(
                rx.link(
                    row.name,
                    href=routes.email(row.id),
                    weight="medium",
                    size="2",
                    class_name="card-link truncate",
                ),
                rx.cond(AppState.can_edit, _menu(row)),
                justify="between",
                align="center",
                spacing="2",
            ),
            rx.text(row.subject, size="1", color_scheme="gray", class_name="truncate"),
            rx.flex(
                rx.cond(
                    row.kind == "marketing",
                    rx.badge("Marketing", color_scheme="indigo"),
                    rx.badge("Transactional", color_scheme="gray"),
                ),
                rx.text(ui.when(row.at), size="1", color_scheme="gray", white_space="nowrap"),
                justify="between",
                align="center",
                spacing="2",
            ),
            rx.text(row.used, size="1", color_scheme="gray", class_name="truncate"),
            class_name="gallery-words",
        ),
        class_name="gallery-card",
    )


def _picture(source: ui.Text) -> rx.Component:
    """The email itself, small; not to be reached, since its card says all there is to read."""
    return rx.box(
        rx.el.iframe(
            src=source,
            title="What it looks like",
            sandbox="",
            loading="lazy",
            tab_index=-1,
            aria_hidden=True,
        ),
        # Its links are neither clicked nor reached by Tab.
        custom_attrs={"inert": True},
        class_name="picture",
    )


def _pager() -> rx.Component:
    return rx.cond(
        EmailsState.has_previous | EmailsState.has_next,
        ui.pager(
            EmailsState.shown,
            on_previous=EmailsState.turn(-1),
            on_next=EmailsState.turn(1),
            has_previous=EmailsState.has_previous,
            has_next=EmailsState.has_next,
        ),
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
                _start("Blank", "An empty email in your layout.", routes.NEW_EMAIL, _blank()),
                rx.foreach(EmailsState.starters, _starter),
                columns=rx.breakpoints(initial="1", sm="2", md="3"),
                spacing="3",
            ),
            max_width="860px",
        ),
        open=EmailsState.choosing,
        on_open_change=EmailsState.set_choosing,
    )


def _starter(starter: StarterCard) -> rx.Component:
    href = f"{routes.NEW_EMAIL}?starter={starter.slug}"
    return _start(starter.name, starter.subject, href, _picture(starter.picture))


def _start(name: ui.Text, about: ui.Text, href: ui.Text, picture: rx.Component) -> rx.Component:
    return rx.link(
        picture,
        rx.box(
            rx.text(name, size="2", weight="medium"),
            rx.text(about, size="1", color_scheme="gray"),
            class_name="gallery-words",
        ),
        href=href,
        underline="none",
        color_scheme="gray",
        high_contrast=True,
        class_name="gallery-card",
    )


def _blank() -> rx.Component:
    return rx.center(
        rx.icon("plus", size=24, color="var(--gray-9)", aria_hidden=True), class_name="picture"
    )
