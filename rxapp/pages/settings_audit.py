"""Settings, the audit log."""

import reflex as rx

from rxapp import routes
from rxapp.components import filters, ui
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
    "signin": "Sign-ins",
    "api_key": "API keys",
}


@settings_page(routes.AUDIT, "Audit log", on_load=AuditState.load)
def settings_audit() -> rx.Component:
    """The filters, and a page of sentences."""
    return rx.flex(_filters(), _log(), _pager(), direction="column", spacing="4")


def _filters() -> rx.Component:
    state = AuditState
    return rx.flex(
        Search.create(
            value=state.filters["q"],
            label="Search names and details",
            width="220px",
            on_search=AuditState.search,
        ),
        filters.one_of(state, "subject", "About", SUBJECTS),
        filters.one_of_many(state, "actor", "By", state.actors, nothing="Anybody", width="200px"),
        filters.days(state),
        filters.clear_button(state),
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
