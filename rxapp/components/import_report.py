"""An import under way, and what it did: kept at its address, to be left and come back to."""

import reflex as rx

from rxapp import routes
from rxapp.components import bulk, ui
from rxapp.state.jobs import Figure, JobsState


def import_report() -> rx.Component:
    """Progress, numbers, and the rows that were left out."""
    job = JobsState.job
    return rx.flex(
        bulk.progress_bar(),
        ui.section(
            "What the import did",
            rx.flex(
                rx.flex(rx.foreach(job.figures, _figure), spacing="6", wrap="wrap"),
                rx.cond(job.left_out > 0, _left_out()),
                rx.flex(
                    rx.link(rx.button("Go to the partners"), href=routes.PARTNERS),
                    rx.link(rx.button("Import another file", variant="soft"), href=routes.IMPORT),
                    spacing="3",
                    wrap="wrap",
                ),
                direction="column",
                spacing="4",
            ),
        ),
        direction="column",
        spacing="4",
    )


def _figure(figure: Figure) -> rx.Component:
    return rx.box(
        rx.text(figure.number, size="5", weight="bold", class_name="figure-number"),
        rx.text(figure.label, size="1", color_scheme="gray"),
    )


def _left_out() -> rx.Component:
    return rx.flex(
        rx.text(
            rx.cond(
                JobsState.job.left_out == 1,
                "1 row of the file was left out.",
                f"{JobsState.job.left_out} rows of the file were left out.",
            ),
            " Download them with what is wrong, put them right, and import that file.",
            size="2",
        ),
        rx.box(
            rx.button(
                rx.icon("download", size=15),
                "Download rows left out",
                variant="soft",
                color_scheme="gray",
                on_click=JobsState.download_left_out,
            )
        ),
        direction="column",
        spacing="2",
    )
