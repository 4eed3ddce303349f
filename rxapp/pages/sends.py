"""The history of emails, with filters and a drawer for each one; and the page of one send."""

import reflex as rx

from rxapp import routes
from rxapp.components import bulk_sends, filters, ui
from rxapp.components.bulk import progress_bar
from rxapp.components.custom import Tick
from rxapp.components.layout import page
from rxapp.components.links import link_button
from rxapp.components.search import Search
from rxapp.components.send_detail import actions, send_detail
from rxapp.components.send_drawer import send_drawer
from rxapp.components.vars import length
from rxapp.state.base import AppState
from rxapp.state.jobs import JobsState
from rxapp.state.send import SendState
from rxapp.state.sends import SendLine, SendsState

STATUSES = {
    "any": "Any status",
    "waiting": "Waiting",
    "left": "Sent, whatever came of it",
    "sent": "Sent, no news yet",
    "delivered": "Delivered",
    "undelivered": "Bounced or spam",
    "captured": "Captured in the sandbox",
    "failed": "Failed",
    "unknown": "Unknown: no answer",
    "skipped": "Skipped",
    "canceled": "Canceled",
}
# How the tag that led to an email was assigned.
SOURCES = {
    "any": "Assigned in any way",
    "dashboard": "In the dashboard",
    "bulk": "By a bulk action",
    "import": "By an import",
    "api": "Through the API",
    "automation": "By an automation",
}


@page(routes.SENDS, "Sends", on_load=[SendsState.load, JobsState.load])
def sends() -> rx.Component:
    """Every email decided, newest first."""
    return rx.fragment(
        Tick.create(every=3, on_tick=SendsState.refresh),
        ui.page_header(
            "Sends",
            "Every email the automations decided on, and what became of it.",
            rx.cond(
                AppState.is_admin,
                rx.flex(bulk_sends.menu(), _export(), spacing="2", wrap="wrap"),
            ),
        ),
        rx.flex(
            _filters(),
            rx.cond(AppState.is_admin, progress_bar()),
            rx.box(_table(), class_name="stacking"),
            _pager(),
            direction="column",
            spacing="4",
        ),
        send_drawer(),
        bulk_sends.dialog(),
    )


@page(routes.SEND, "Send", section=routes.SENDS, on_load=SendState.load)
def send() -> rx.Component:
    """One send, where a link leads to."""
    return rx.cond(
        SendState.missing,
        rx.card(
            ui.empty_state(
                "send",
                "There is no such email",
                "It may have been sent to a partner who was deleted since.",
                link_button("All sends", href=routes.SENDS),
            )
        ),
        rx.fragment(
            ui.page_header(
                SendState.send.email, rx.fragment("To ", SendState.send.partner), actions()
            ),
            rx.card(send_detail(), size="3", max_width="760px"),
        ),
    )


def _export() -> rx.Component:
    return rx.button(
        rx.icon("download", size=15),
        "Export CSV",
        variant="soft",
        color_scheme="gray",
        disabled=length(SendsState.rows) == 0,
        on_click=SendsState.export,
    )


def _filters() -> rx.Component:
    state = SendsState
    return rx.flex(
        Search.create(
            value=state.filters["q"],
            label="Search partners",
            width="200px",
            on_search=state.search,
        ),
        filters.one_of(state, "status", "Status", STATUSES),
        filters.one_of_many(state, "automation", "Automation", state.automations),
        filters.one_of_many(state, "email", "Email", state.emails),
        filters.one_of_many(state, "tag", "Tag", state.tags),
        filters.one_of(state, "source", "Assigned by", SOURCES),
        filters.days(state),
        filters.clear_button(state),
        spacing="2",
        wrap="wrap",
        align="center",
        class_name="filters",
        role="search",
    )


def _table() -> rx.Component:
    return ui.table(
        ["Partner", "Email", "Status", "When"],
        rx.foreach(SendsState.rows, _row),
        loading=SendsState.loading,
        is_empty=length(SendsState.rows) == 0,
        empty=rx.cond(
            SendsState.filtered,
            ui.empty_state(
                "search",
                "No email matches",
                "Nothing was decided that fits these filters.",
                rx.button("Clear filters", variant="soft", on_click=SendsState.clear),
            ),
            ui.empty_state(
                "send",
                "No emails yet",
                "As soon as a tag with an automation is assigned, each email shows up here, "
                "also those that were held back, with the reason.",
                link_button("Create automation", href=routes.NEW_AUTOMATION),
            ),
        ),
    )


def _row(row: SendLine) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.el.button(
                rx.cond(row.partner != "", row.partner, row.address),
                type="button",
                class_name="row-button",
                on_click=SendState.show(row.id),
            ),
            rx.cond(
                row.partner != "",
                rx.text(row.address, size="1", color_scheme="gray", class_name="truncate"),
            ),
            max_width="240px",
        ),
        rx.table.cell(
            rx.text(row.email, size="2", class_name="truncate"),
            rx.text(
                rx.text.span(row.tag, weight="medium"),
                " · ",
                row.automation,
                size="1",
                color_scheme="gray",
                class_name="truncate",
            ),
            max_width="320px",
        ),
        rx.table.cell(
            rx.flex(
                ui.send_badge(row.status),
                rx.cond(row.again, rx.badge("again", variant="outline", color_scheme="gray")),
                spacing="1",
            ),
            rx.cond(row.why != "", rx.text(row.why, size="1", color_scheme="gray")),
            max_width="280px",
        ),
        rx.table.cell(
            rx.text(
                rx.cond(
                    row.due != "",
                    rx.fragment("leaves ", ui.when(row.due, ahead=True)),
                    ui.when(row.at),
                ),
                size="2",
                color_scheme="gray",
                white_space="nowrap",
            )
        ),
        class_name="clickable",
        align="center",
        on_click=SendState.show(row.id),
    )


def _pager() -> rx.Component:
    return rx.cond(
        SendsState.newer | SendsState.older | (length(SendsState.rows) > 0),
        ui.pager(
            SendsState.total,
            on_previous=SendsState.show_newer,
            on_next=SendsState.show_older,
            has_previous=SendsState.newer,
            has_next=SendsState.older,
        ),
    )
