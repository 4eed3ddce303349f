"""The list of partners, and what can be done with many of them."""

import reflex as rx

from rxapp import routes
from rxapp.components import bulk, forms, tag, ui
from rxapp.components.custom import Tick
from rxapp.components.layout import page
from rxapp.components.partner import state_badge
from rxapp.components.partner_filters import filters
from rxapp.state.base import AppState
from rxapp.state.jobs import JobsState
from rxapp.state.partners import Chip, PartnerLine, PartnersState


@page(routes.PARTNERS, "Partners", on_load=[PartnersState.load, JobsState.load])
def partners() -> rx.Component:
    """Everybody in the program."""
    return rx.fragment(
        ui.page_header(
            "Partners",
            "Everybody in the program. Assign a tag, and its automations do the rest.",
            rx.cond(
                AppState.is_admin,
                rx.link(
                    rx.button(rx.icon("upload", size=15), "Import", variant="soft"),
                    href=routes.IMPORT,
                ),
            ),
            rx.cond(AppState.can_edit, _new_button()),
        ),
        rx.flex(
            bulk.progress_bar(), filters(), _table(), _pager(), direction="column", spacing="4"
        ),
        Tick.create(every=rx.cond(JobsState.job.running, 2.0, 6.0), on_tick=PartnersState.refresh),
        rx.cond(
            AppState.is_admin,
            rx.fragment(bulk.selection_bar(), bulk.dialog(), bulk.status_dialog()),
        ),
        _new_dialog(),
    )


def _acting_on_many() -> rx.Component:
    return rx.fragment(bulk.selection_bar(), bulk.dialog(), bulk.status_dialog())


def _new_button() -> rx.Component:
    return rx.button(rx.icon("plus", size=16), "Add partner", on_click=PartnersState.new)


def _table() -> rx.Component:
    return rx.box(_rows(), class_name="partners-table")


def _rows() -> rx.Component:
    return ui.table(
        [
            rx.cond(AppState.is_admin, _page_checkbox()),
            _sorted("Name", "name"),
            _sorted("Email", "email"),
            "Tags",
            "Status",
            "Last email",
            _sorted("Added", "id"),
        ],
        rx.foreach(PartnersState.rows, _row),
        loading=PartnersState.loading,
        is_empty=PartnersState.nothing,
        empty=rx.cond(
            PartnersState.filtered,
            ui.empty_state(
                "search",
                "No partner matches",
                "Nobody fits these filters.",
                rx.button("Clear filters", variant="soft", on_click=PartnersState.clear),
            ),
            ui.empty_state(
                "users",
                "No partners yet",
                "Add the first one by hand, or import a file with all of them.",
                rx.cond(AppState.can_edit, _new_button()),
                rx.cond(
                    AppState.is_admin,
                    rx.link(rx.button("Import a file", variant="soft"), href=routes.IMPORT),
                ),
            ),
        ),
    )


def _page_checkbox() -> rx.Component:
    return rx.checkbox(
        checked=PartnersState.page_chosen,
        on_change=lambda _: PartnersState.choose_page(),
        aria_label="Choose everybody on this page",
    )


def _sorted(label: str, column: str) -> rx.Component:
    sort = PartnersState.filters["sort"]
    return rx.el.button(
        label,
        rx.match(
            sort,
            (column, rx.icon("arrow-up", size=13, aria_label="ascending")),
            (f"-{column}", rx.icon("arrow-down", size=13, aria_label="descending")),
            rx.fragment(),
        ),
        type="button",
        on_click=PartnersState.sort_by(column),
        class_name="sorting",
    )


def _row(row: PartnerLine) -> rx.Component:
    return rx.table.row(
        rx.table.cell(
            rx.cond(
                AppState.is_admin,
                rx.checkbox(
                    checked=PartnersState.all_chosen | _is_chosen(row),
                    on_change=lambda _: PartnersState.choose(row.id),
                    aria_label=f"Choose {row.name}",
                ),
            ),
            width="36px",
        ),
        rx.table.row_header_cell(
            rx.link(
                row.name,
                href=routes.partner(row.id),
                weight="medium",
                color_scheme="gray",
                high_contrast=True,
                underline="hover",
            ),
            rx.cond(
                row.company != "",
                rx.text(row.company, size="1", color_scheme="gray", truncate=True),
            ),
            rx.text(row.email, size="1", color_scheme="gray", truncate=True, class_name="narrow"),
            max_width="220px",
        ),
        rx.table.cell(
            rx.text(row.email, size="2", truncate=True, title=row.email), max_width="280px"
        ),
        rx.table.cell(
            rx.flex(
                rx.foreach(row.tags, _chip),
                rx.cond(
                    row.more_tags > 0,
                    rx.text(f"+{row.more_tags}", size="1", color_scheme="gray"),
                ),
                spacing="1",
                align="center",
                wrap="wrap",
            )
        ),
        rx.table.cell(state_badge(row.state)),
        rx.table.cell(_last_email(row), max_width="220px"),
        rx.table.cell(
            rx.text(ui.when(row.added_at), size="2", color_scheme="gray", white_space="nowrap")
        ),
        align="center",
    )


def _last_email(row: PartnerLine) -> rx.Component:
    """The latest email, and what became of it."""
    return rx.cond(
        row.last_email != "",
        rx.fragment(
            rx.text(row.last_email, size="2", truncate=True),
            rx.flex(
                ui.send_badge(row.last_status),
                rx.text(ui.when(row.last_at), size="1", color_scheme="gray", white_space="nowrap"),
                spacing="2",
                align="center",
            ),
        ),
        rx.text("None yet", size="2", color_scheme="gray"),
    )


def _is_chosen(row: PartnerLine) -> rx.Var[bool]:
    return rx.Var.create(PartnersState.chosen).to(list[int]).contains(row.id)


def _chip(chip: Chip) -> rx.Component:
    return tag.chip(chip.name, chip.color)


def _pager() -> rx.Component:
    return rx.cond(
        ~PartnersState.loading & ~PartnersState.nothing,
        rx.cond(
            PartnersState.has_previous | PartnersState.has_next,
            ui.pager(
                PartnersState.shown,
                on_previous=PartnersState.turn(-1),
                on_next=PartnersState.turn(1),
                has_previous=PartnersState.has_previous,
                has_next=PartnersState.has_next,
            ),
            rx.text(PartnersState.shown, size="2", color_scheme="gray"),
        ),
    )


def _new_dialog() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Add partner", size="4"),
            rx.form(
                rx.flex(
                    forms.line("Email", "email", placeholder="ada@example.com", auto_focus=True),
                    rx.grid(
                        forms.line("First name", "first_name"),
                        forms.line("Last name", "last_name"),
                        columns=rx.breakpoints(initial="1", xs="2"),
                        spacing="4",
                    ),
                    forms.line("Company", "company"),
                    forms.line("Key", "key", hint="What your own systems call the partner."),
                    forms.buttons("Add partner"),
                    direction="column",
                    spacing="4",
                ),
                on_submit=PartnersState.add,
            ),
            max_width="460px",
            aria_describedby="",
        ),
        open=PartnersState.adding,
        on_open_change=PartnersState.set_adding,
    )
