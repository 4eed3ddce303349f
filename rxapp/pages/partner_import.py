"""Importing partners: a file, what its columns are, what would happen, and the start."""

import reflex as rx

from rxapp import routes
from rxapp.components import tag, ui
from rxapp.components.import_report import import_report
from rxapp.components.layout import page
from rxapp.components.vars import length
from rxapp.state.base import AppState
from rxapp.state.jobs import JobsState
from rxapp.state.options import Option
from rxapp.state.partner_import import (
    MAX_FILE_BYTES,
    ColumnLine,
    FirstRow,
    ImportState,
    ProblemLine,
    TagPlan,
)

UPLOAD = "partners-file"
PLAN = ImportState.plan
EMAILS, ROWS = PLAN.emails_words, PLAN.rows_words


@page(
    routes.IMPORT,
    "Import partners",
    section=routes.PARTNERS,
    on_load=[ImportState.load, JobsState.load],
)
def partner_import() -> rx.Component:
    """Everything on one page, each step as soon as the one before has an answer."""
    return rx.fragment(
        rx.link(
            rx.icon("chevron-left", size=15, aria_hidden=True),
            "Partners",
            href=routes.PARTNERS,
            class_name="back-link",
            size="2",
        ),
        ui.page_header("Import partners", "Nothing is written until you have seen what it does."),
        rx.match(
            AppState.role,
            # Not known yet, the page could not take a file: it would be lost.
            ("", rx.skeleton(height="160px", width="100%")),
            ("admin", rx.cond(JobsState.reported, import_report(), _wizard())),
            rx.card(ui.empty_state("lock", "Only admins import", "Ask an admin to do it.")),
        ),
    )


def _wizard() -> rx.Component:
    found = (PLAN.rows > 0) | (PLAN.problem_number > 0)
    return rx.flex(
        _upload(),
        ui.error_callout(ImportState.problem),
        rx.cond(length(ImportState.columns) > 0, _columns()),
        rx.cond(found, _first_rows()),
        rx.cond(found, _plan()),
        rx.cond(PLAN.rows > 0, _start()),
        direction="column",
        spacing="4",
    )


def _first_rows() -> rx.Component:
    return ui.section(
        "The first rows, as they are read",
        rx.box(
            rx.table.root(
                rx.table.header(
                    rx.table.row(
                        rx.table.column_header_cell("Row"),
                        rx.foreach(PLAN.headings, rx.table.column_header_cell),
                    )
                ),
                rx.table.body(rx.foreach(PLAN.first, _first_row)),
                size="1",
            ),
            class_name="first-rows",
        ),
    )


def _first_row(row: FirstRow) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.cond(
                row.problem != "",
                rx.tooltip(
                    rx.badge(
                        rx.icon("circle-alert", size=12, aria_hidden=True),
                        f"{row.number} left out",
                        color_scheme="red",
                    ),
                    content=row.problem,
                ),
                f"{row.number}",
            )
        ),
        rx.foreach(
            row.cells,
            lambda cell: rx.table.cell(
                rx.text(cell, size="1", truncate=True, title=cell), max_width="200px"
            ),
        ),
    )


def _upload() -> rx.Component:
    zone = rx.upload(
        rx.flex(
            rx.icon("file-up", size=22, aria_hidden=True),
            rx.text(
                rx.cond(
                    ImportState.file_name != "",
                    ImportState.file_name,
                    "Drop a CSV file here, or click to choose one",
                ),
                size="2",
                weight="medium",
            ),
            rx.text(
                rx.cond(
                    ImportState.file_name != "",
                    "Drop another file to start over",
                    "With a heading row: email, first_name, last_name, company, key, tags. "
                    "Several tags are separated by “;”.",
                ),
                size="1",
                color_scheme="gray",
                align="center",
            ),
            direction="column",
            align="center",
            spacing="2",
        ),
        id=UPLOAD,
        max_files=1,
        multiple=False,
        max_size=MAX_FILE_BYTES - 64 * 1024,
        accept={
            "text/csv": [".csv"],
            "text/plain": [".txt", ".tsv"],
            "text/tab-separated-values": [".tsv"],
        },
        on_drop=ImportState.take(rx.upload_files(upload_id=UPLOAD)),
        on_drop_rejected=ImportState.refuse,
        padding="24px",
        border="1px dashed var(--gray-a7)",
        class_name="drop-zone",
    )
    # Reflex makes the hidden field for the file itself, without a name for screen readers.
    field = zone.children[0].children[0]
    field.custom_attrs = {**field.custom_attrs, "aria-label": "CSV file"}
    return zone


def _columns() -> rx.Component:
    return ui.section(
        "What the columns are",
        rx.table.root(
            rx.table.header(
                rx.table.row(
                    rx.table.column_header_cell("In the file"),
                    rx.table.column_header_cell("Read as"),
                    rx.table.column_header_cell("For example"),
                )
            ),
            rx.table.body(rx.foreach(ImportState.columns, _column)),
            size="1",
        ),
    )


def _column(column: ColumnLine) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            rx.text(column.heading, size="2", truncate=True), max_width="200px"
        ),
        rx.table.cell(
            rx.select.root(
                rx.select.trigger(aria_label=f"Read “{column.heading}” as", width="220px"),
                rx.select.content(rx.foreach(column.choices, _choice)),
                value=column.target,
                on_change=lambda target: ImportState.read_as(column.place, target),
            )
        ),
        rx.table.cell(
            rx.text(column.sample, size="1", color_scheme="gray", truncate=True), max_width="320px"
        ),
        align="center",
    )


def _choice(choice: Option) -> rx.Component:
    return rx.select.item(choice.label, value=choice.value)


def _plan() -> rx.Component:
    return ui.section(
        "What would happen",
        rx.flex(
            rx.flex(
                _figure(PLAN.new, "new partners"),
                _figure(PLAN.updated, "updated"),
                _figure(PLAN.untouched, "left alone"),
                _figure(PLAN.problem_number, "rows left out"),
                spacing="6",
                wrap="wrap",
            ),
            rx.cond(PLAN.updated + PLAN.untouched > 0, _existing()),
            rx.cond(length(PLAN.tags) > 0, _tags()),
            rx.cond(PLAN.problem_number > 0, _problems()),
            direction="column",
            spacing="4",
        ),
    )


def _figure(number: int, label: str) -> rx.Component:
    return rx.box(
        rx.text(f"{number}", size="5", weight="bold", class_name="figure-number"),
        rx.text(label, size="1", color_scheme="gray"),
    )


def _existing() -> rx.Component:
    return rx.flex(
        rx.text("Partners that exist already", size="2", weight="medium", id="existing-label"),
        rx.radio_group.root(
            rx.flex(
                rx.radio_group.item("Update them with what the file says", value="update"),
                rx.radio_group.item("Leave them alone, tags included", value="skip"),
                direction="column",
                spacing="2",
            ),
            value=ImportState.existing,
            on_change=ImportState.set_existing,
            aria_labelledby="existing-label",
        ),
        direction="column",
        spacing="2",
    )


def _tags() -> rx.Component:
    return rx.flex(
        rx.text("Tags", size="2", weight="medium"),
        rx.el.ul(rx.foreach(PLAN.tags, _tag), class_name="tag-plans"),
        direction="column",
        spacing="2",
    )


def _tag(planned: TagPlan) -> rx.Component:
    return rx.el.li(
        tag.chip(planned.name, "gray"),
        rx.text(planned.words, size="2"),
        rx.cond(planned.is_new, rx.badge("new tag", variant="outline")),
        rx.cond(planned.sends != "", rx.text(planned.sends, size="2", color_scheme="gray")),
    )


def _problems() -> rx.Component:
    return rx.el.details(
        rx.el.summary(rx.text(f"Why {PLAN.left_out} left out", as_="span", size="2")),
        rx.el.ul(rx.foreach(PLAN.problems, _problem), class_name="row-problems"),
        rx.cond(
            PLAN.problem_number > length(PLAN.problems),
            rx.text(f"The first {length(PLAN.problems)} are shown.", size="1", color_scheme="gray"),
        ),
        rx.button(
            rx.icon("download", size=15),
            "Download these rows",
            variant="soft",
            color_scheme="gray",
            margin_top="var(--space-3)",
            on_click=ImportState.download_problems,
        ),
        open=True,
    )


def _problem(problem: ProblemLine) -> rx.Component:
    return rx.el.li(
        rx.text(f"Row {problem.row}", size="1", color_scheme="gray", white_space="nowrap"),
        rx.text(problem.sentence, size="2"),
    )


def _start() -> rx.Component:
    return rx.card(
        rx.flex(
            rx.cond(length(PLAN.tags) > 0, _run_or_not()),
            rx.cond(ImportState.must_type, _number_to_type()),
            rx.flex(
                rx.button(
                    rx.cond(
                        ImportState.run_automations & (PLAN.emails > 0),
                        f"Import {ROWS} and {PLAN.verb} up to {EMAILS}",
                        f"Import {ROWS}",
                    ),
                    disabled=~ImportState.ready,
                    on_click=ImportState.start,
                ),
                justify="end",
            ),
            direction="column",
            spacing="4",
        ),
        size="2",
    )


def _run_or_not() -> rx.Component:
    return rx.flex(
        rx.text("The tags' automations", size="2", weight="medium", id="run-label"),
        rx.radio_group.root(
            rx.flex(
                rx.radio_group.item("Do not run: nobody is emailed, not even later", value="not"),
                rx.radio_group.item(
                    f"Run: up to {EMAILS}, and those of further automations, are {PLAN.past}",
                    value="run",
                ),
                direction="column",
                spacing="2",
            ),
            value=rx.cond(ImportState.run_automations, "run", "not"),
            on_change=ImportState.set_run,
            aria_labelledby="run-label",
        ),
        direction="column",
        spacing="2",
    )


def _number_to_type() -> rx.Component:
    return ui.field(
        f"Type {PLAN.written} to confirm that so many emails may be {PLAN.past}",
        "number",
        rx.input(
            id="number",
            value=ImportState.typed,
            on_change=ImportState.type_number,
            input_mode="numeric",
            auto_complete="off",
            max_width="240px",
        ),
    )
