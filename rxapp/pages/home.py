"""The first page: how the program stands, and what is left to set up."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.chart import LAYERS, Chart
from rxapp.components.custom import Tick
from rxapp.components.layout import page
from rxapp.components.links import link_button
from rxapp.components.vars import length
from rxapp.state.activity import Happening
from rxapp.state.base import AppState
from rxapp.state.home import HomeState, Todo
from rxapp.state.outcomes import Figure

PERIODS = {"1": "24 hours", "7": "7 days", "30": "30 days"}


@page(routes.HOME, "Home", on_load=HomeState.load)
def home() -> rx.Component:
    """What waits, what became of the emails lately, what happened, and the first steps."""
    return rx.fragment(
        Tick.create(every=4, on_tick=HomeState.look),
        Tick.create(every=30, on_tick=HomeState.count),
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
            rx.cond(~HomeState.loading & (HomeState.left > 0), _first_steps()),
            _queue(),
            _outcomes(),
            _activity(),
            direction="column",
            spacing="4",
        ),
    )


def _first_steps() -> rx.Component:
    done = rx.text(
        length(HomeState.todos) - HomeState.left,
        " of ",
        length(HomeState.todos),
        " done",
        size="1",
        color_scheme="gray",
    )
    hide = rx.button(
        "Hide", on_click=HomeState.hide, variant="ghost", color_scheme="gray", size="1"
    )
    show = rx.button("Show the first steps", on_click=HomeState.unhide, variant="ghost", size="1")
    return rx.cond(
        HomeState.hidden == "",
        ui.section(
            "Getting started",
            rx.el.ol(rx.foreach(HomeState.todos, _todo), class_name="todos"),
            actions=[done, hide],
        ),
        rx.flex(done, show, spacing="3", align="center"),
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


def _queue() -> rx.Component:
    waiting = HomeState.waiting
    now = rx.flex(
        rx.icon("clock", size=16, aria_hidden=True),
        rx.text(
            rx.text.span(waiting.words, weight="medium"),
            rx.cond(waiting.hint != "", rx.text.span(", ", waiting.hint, color_scheme="gray")),
            size="2",
        ),
        align="center",
        spacing="2",
    )
    later = rx.text(
        f"{waiting.later} for later, the next ",
        ui.when(waiting.next_at, ahead=True),
        size="2",
        color_scheme="gray",
    )
    see = link_button(
        "See them",
        href=f"{routes.SENDS}?status=waiting",
        variant="ghost",
        size="1",
    )
    return rx.card(
        rx.cond(
            HomeState.loading,
            rx.skeleton(height="20px", width="260px"),
            rx.flex(
                now,
                rx.cond(waiting.later > 0, later),
                rx.spacer(),
                rx.cond((waiting.number > 0) | (waiting.later > 0), see),
                align="center",
                spacing="4",
                wrap="wrap",
            ),
        ),
        width="100%",
    )


def _outcomes() -> rx.Component:
    period = rx.segmented_control.root(
        *(rx.segmented_control.item(words, value=days) for days, words in PERIODS.items()),
        value=HomeState.days,
        on_change=HomeState.choose,
        size="1",
        aria_label="Period",
    )
    figures = rx.grid(
        rx.cond(
            HomeState.loading,
            rx.fragment(*(rx.skeleton(height="64px") for _ in range(5))),
            rx.foreach(HomeState.figures, _figure),
        ),
        columns=rx.breakpoints(initial="2", sm="repeat(auto-fit, minmax(110px, 1fr))"),
        spacing="3",
        width="100%",
    )
    chart = Chart.create(
        bars=HomeState.bars,
        layers=LAYERS,
        hourly=HomeState.days == "1",
        zone=HomeState.zone,
        on_zone=HomeState.use_zone,
    )
    return ui.section(
        "What became of your emails",
        figures,
        rx.cond(HomeState.loading, rx.skeleton(height="220px", margin_top="16px"), chart),
        actions=[period],
    )


def _figure(figure: Figure) -> rx.Component:
    return rx.link(
        rx.flex(
            rx.text(
                figure.said,
                size="6",
                weight="bold",
                color=rx.cond(figure.number > 0, f"var(--{figure.tone}-11)", "var(--gray-11)"),
                class_name="figure-number",
            ),
            rx.text(figure.share, size="1", color_scheme="gray"),
            align="baseline",
            spacing="2",
        ),
        rx.text(figure.label, size="1", color_scheme="gray"),
        href=figure.href,
        underline="none",
        class_name="figure",
    )


def _activity() -> rx.Component:
    return ui.section(
        "Latest",
        rx.cond(
            HomeState.loading,
            rx.flex(
                *(rx.skeleton(height="34px") for _ in range(4)), direction="column", spacing="2"
            ),
            rx.cond(
                length(HomeState.happenings) > 0,
                rx.el.ol(rx.foreach(HomeState.happenings, _happening), class_name="happenings"),
                rx.text(
                    "Nothing yet. Each email that is sent or held back is told here.",
                    size="2",
                    color_scheme="gray",
                ),
            ),
        ),
    )


def _happening(one: Happening) -> rx.Component:
    return rx.el.li(
        rx.box(class_name="timeline-dot", background=f"var(--{one.tone}-9)"),
        rx.box(
            rx.text(
                rx.link(
                    one.email, href=one.href, color_scheme="gray", high_contrast=True,
                    weight="medium",
                ),
                " ",
                one.became,
                " ",
                one.whom,
                size="2",
            ),
            rx.text(one.cause, size="1", color_scheme="gray"),
            min_width="0",
            flex="1",
            class_name="breakable",
        ),
        rx.text(ui.when(one.at), size="1", color_scheme="gray", white_space="nowrap"),
        key=one.id,
    )  # fmt: skip
