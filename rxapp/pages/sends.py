"""The history of emails, with filters and a drawer for each one; and the page of one send."""

import reflex as rx

from rxapp import routes
from rxapp.components import bulk_sends, ui
from rxapp.components.bulk import progress_bar
from rxapp.components.custom import Day, Picker, Tick
from rxapp.components.layout import page
from rxapp.components.links import link_button
from rxapp.components.search import Search
from rxapp.components.send_detail import actions, send_detail
from rxapp.components.send_drawer import send_drawer
from rxapp.components.vars import length
from rxapp.state.base import AppState
from rxapp.state.jobs import JobsState
from rxapp.state.options import Option
from rxapp.state.send import SendState
from rxapp.state.sends import SendLine, SendsState

STATUSES = {
    "any": "Any status",
    "waiting": "Waiting",
    "left": "Sent, whatever came of it",
    "sent": "Sent, no news yet",
    "delivered": "Delivered",
    "undelivered": "Bounced or spam",
    "failed": "Failed",
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
    filters = SendsState.filters
    return rx.flex(
        Search.create(
            value=filters["q"],
            label="Search partners",
            width="200px",
            on_search=SendsState.search,
        ),
        _select("Status", "status", STATUSES),
        _choice("Automation", "automation", SendsState.automations),
        _choice("Email", "email", SendsState.emails),
        _choice("Tag", "tag", SendsState.tags),
        _select("Assigned by", "source", SOURCES),
        rx.flex(
            Day.create(
                value=filters["since"],
                label="From day",
                on_pick=lambda at: SendsState.narrow("since", at),
            ),
            rx.text("to", size="2", color_scheme="gray"),
            Day.create(
                value=filters["until"],
                end=True,
                label="To day",
                on_pick=lambda at: SendsState.narrow("until", at),
            ),
            align="center",
            spacing="2",
        ),
        rx.cond(
            SendsState.filtered,
            rx.button(
                rx.icon("x", size=15),
                "Clear filters",
                variant="ghost",
                color_scheme="gray",
                on_click=SendsState.clear,
            ),
        ),
        spacing="2",
        wrap="wrap",
        align="center",
        class_name="filters",
        role="search",
    )


def _select(label: str, name: str, words: dict[str, str]) -> rx.Component:
    return rx.select.root(
        rx.select.trigger(aria_label=label),
        rx.select.content(*(rx.select.item(word, value=one) for one, word in words.items())),
        value=rx.cond(SendsState.filters[name] != "", SendsState.filters[name], "any"),
        on_change=lambda one: SendsState.narrow(name, rx.cond(one == "any", "", one)),
    )


def _choice(label: str, name: str, options: list[Option]) -> rx.Component:
    return rx.box(
        Picker.create(
            options=options,
            value=SendsState.filters[name],
            label=label,
            placeholder=f"Any {label.lower()}",
            clearable=True,
            on_pick=lambda value: SendsState.narrow(name, value),
        ),
        width="160px",
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
                rx.cond(row.due != "", rx.fragment("leaves ", ui.when(row.due)), ui.when(row.at)),
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
