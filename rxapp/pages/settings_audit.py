"""Settings, the audit log."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.custom import Day, Picker
from rxapp.components.search import Search
from rxapp.components.settings_frame import settings_page
from rxapp.components.vars import length
from rxapp.state.settings_audit import AuditState, EntryLine

SUBJECTS = {
    "any": "Everything",
    "automation": "Automations",
    "template": "Emails",
    "tag": "Tags",
    "partner": "Partners",
    "send": "Sends",
    "job": "Bulk actions",
    "settings": "Settings",
    "user": "People",
    "api_key": "API keys",
}


@settings_page(routes.AUDIT, "Audit log", on_load=AuditState.load)
def settings_audit() -> rx.Component:
    """The filters, and a page of sentences."""
    return rx.flex(_filters(), _log(), _pager(), direction="column", spacing="4")


def _filters() -> rx.Component:
    filters = AuditState.filters
    return rx.flex(
        Search.create(
            value=filters["q"],
            label="Search names and details",
            width="220px",
            on_search=AuditState.search,
        ),
        rx.select.root(
            rx.select.trigger(aria_label="About"),
            rx.select.content(*(rx.select.item(word, value=one) for one, word in SUBJECTS.items())),
            value=rx.cond(filters["subject"] != "", filters["subject"], "any"),
            on_change=lambda one: AuditState.narrow("subject", rx.cond(one == "any", "", one)),
        ),
        rx.box(
            Picker.create(
                options=AuditState.actors,
                value=filters["actor"],
                label="By",
                placeholder="Anybody",
                empty="Nobody is called so.",
                clearable=True,
                on_pick=lambda one: AuditState.narrow("actor", one),
            ),
            width="200px",
        ),
        rx.flex(
            Day.create(
                value=filters["since"],
                label="From day",
                on_pick=lambda at: AuditState.narrow("since", at),
            ),
            rx.text("to", size="2", color_scheme="gray"),
            Day.create(
                value=filters["until"],
                end=True,
                label="To day",
                on_pick=lambda at: AuditState.narrow("until", at),
            ),
            align="center",
            spacing="2",
        ),
        rx.cond(
            AuditState.filtered,
            rx.button(
                rx.icon("x", size=15),
                "Clear filters",
                variant="ghost",
                color_scheme="gray",
                on_click=AuditState.clear,
            ),
        ),
        spacing="2",
        wrap="wrap",
        align="center",
        class_name="filters",
        role="search",
    )


def _log() -> rx.Component:
    return rx.card(
        rx.cond(
            AuditState.loading,
            rx.flex(
                *(rx.skeleton(height="1.4em", width="80%") for _ in range(8)),
                direction="column",
                spacing="4",
            ),
            rx.cond(
                length(AuditState.rows) == 0,
                ui.empty_state(
                    "scroll-text",
                    "Nothing found",
                    rx.cond(
                        AuditState.filtered,
                        "No entry matches these filters.",
                        "Whatever people change here is written down in this place.",
                    ),
                ),
                rx.el.ol(
                    rx.foreach(AuditState.rows, _entry),
                    class_name="audit",
                    aria_label="Audit log",
                ),
            ),
        ),
        width="100%",
    )


def _entry(row: EntryLine) -> rx.Component:
    return rx.el.li(
        rx.box(
            rx.text(row.actor, as_="span", weight="medium"),
            " ",
            row.did,
            rx.cond(
                row.name != "",
                rx.fragment(
                    " ",
                    rx.cond(
                        row.href != "",
                        rx.link(row.name, href=row.href, underline="always"),
                        rx.text(row.name, as_="span", weight="medium"),
                    ),
                ),
            ),
            row.rest,
            class_name="audit-sentence",
        ),
        rx.text(ui.when(row.at), as_="span", size="2", color_scheme="gray", white_space="nowrap"),
    )


def _pager() -> rx.Component:
    return rx.cond(
        AuditState.newer | AuditState.older,
        ui.pager(
            "Newest first",
            on_previous=AuditState.show_newer,
            on_next=AuditState.show_older,
            has_previous=AuditState.newer,
            has_next=AuditState.older,
        ),
    )
