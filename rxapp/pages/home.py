"""The first page: how the program stands, and what is left to set up."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.custom import Tick
from rxapp.components.layout import page
from rxapp.components.vars import length, negated
from rxapp.state.base import AppState
from rxapp.state.home import Figure, HomeState, Todo


@page(routes.HOME, "Home", on_load=HomeState.load)
def home() -> rx.Component:
    """Whether emails leave, what waits, how the last day went, and the first steps."""
    return rx.fragment(
        Tick.create(every=5, on_tick=HomeState.load),
        ui.page_header(
            "Home",
            rx.match(
                AppState.mode,
                ("live", "Emails are sent to partners for real."),
                ("sandbox", "Sandbox: no email leaves, each one is kept and can be read here."),
                "How the program stands.",
            ),
        ),
        rx.flex(
            rx.cond(
                negated(HomeState.worker),
                ui.callout(
                    "Nothing is sending right now: the worker does not run. Emails wait and leave "
                    "once it does.",
                    "triangle-alert",
                    "amber",
                    "status",
                ),
            ),
            rx.cond(negated(HomeState.loading) & (HomeState.left > 0), _getting_started()),
            ui.section("On the way out", _figures(HomeState.waiting, 3)),
            ui.section("The last 24 hours", _figures(HomeState.day, 5)),
            direction="column",
            spacing="4",
        ),
    )


def _getting_started() -> rx.Component:
    return ui.section(
        "Getting started",
        rx.el.ol(rx.foreach(HomeState.todos, _todo), class_name="todos"),
        actions=[
            rx.text(
                length(HomeState.todos) - HomeState.left,
                " of ",
                length(HomeState.todos),
                " done",
                size="1",
                color_scheme="gray",
            )
        ],
    )


def _todo(todo: Todo) -> rx.Component:
    return rx.el.li(
        rx.link(
            rx.cond(
                todo.done,
                rx.icon("circle-check", size=18, color="var(--green-10)", aria_label="Done"),
                rx.icon("circle", size=18, color="var(--gray-8)", aria_label="To do"),
            ),
            rx.box(
                rx.text(todo.title, size="2", weight="medium"),
                rx.text(todo.text, size="1", color_scheme="gray"),
                min_width="0",
                flex="1",
            ),
            rx.icon("chevron-right", size=15, color="var(--gray-9)", aria_hidden=True),
            href=todo.href,
            underline="none",
            color_scheme="gray",
            high_contrast=True,
            class_name="todo",
        ),
    )


def _figures(figures: list[Figure], columns: int) -> rx.Component:
    shown = rx.cond(
        HomeState.loading,
        rx.fragment(*(rx.skeleton(height="58px") for _ in range(columns))),
        rx.foreach(figures, _figure),
    )
    return rx.grid(
        shown, columns=rx.breakpoints(initial="2", sm=str(columns)), spacing="3", width="100%"
    )


def _figure(figure: Figure) -> rx.Component:
    return rx.link(
        rx.text(
            f"{figure.number}",
            size="6",
            weight="bold",
            color=rx.cond(figure.number > 0, f"var(--{figure.tone}-11)", "var(--gray-9)"),
            class_name="figure-number",
        ),
        rx.text(figure.label, size="1", color_scheme="gray"),
        href=figure.href,
        underline="none",
        class_name="figure",
    )
