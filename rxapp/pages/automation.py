"""The page of one automation: what it does, what it did, who changed it."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.automation import questions, sentence
from rxapp.components.custom import Tick
from rxapp.components.layout import page
from rxapp.components.links import link_button
from rxapp.components.send_drawer import send_drawer
from rxapp.components.try_it import try_button, try_dialog
from rxapp.components.vars import length, negated
from rxapp.state.automation_page import (
    AutomationPageState,
    ChangeLine,
    FigureLine,
    HeldLine,
    RunEmailLine,
    RunLine,
)
from rxapp.state.automation_switch import SwitchState
from rxapp.state.base import AppState
from rxapp.state.send import SendState
from rxapp.state.try_it import TryItState


@page(routes.AUTOMATION, "Automation", section=routes.AUTOMATIONS, on_load=AutomationPageState.load)
def automation() -> rx.Component:
    """An automation that is there, or was."""
    return rx.cond(
        AutomationPageState.missing,
        rx.card(
            ui.empty_state(
                "workflow",
                "There is no such automation",
                "The address may be mistyped.",
                link_button("All automations", href=routes.AUTOMATIONS),
            )
        ),
        rx.fragment(
            Tick.create(every=3, on_tick=AutomationPageState.refresh),
            _head(),
            rx.cond(
                AutomationPageState.loading,
                rx.flex(
                    rx.skeleton(height="90px"),
                    rx.skeleton(height="240px"),
                    direction="column",
                    spacing="4",
                ),
                rx.flex(
                    _existing(),
                    ui.section("The last 30 days", _figures(), _held()),
                    _runs(),
                    _changes(),
                    direction="column",
                    spacing="4",
                ),
            ),
            rx.cond(AppState.is_admin, rx.fragment(questions(), try_dialog())),
            send_drawer(),
        ),
    )


def _head() -> rx.Component:
    facts = AutomationPageState.facts
    return rx.fragment(
        ui.page_header(
            rx.cond(facts.title != "", facts.title, "Automation"),
            rx.link("Automations", href=routes.AUTOMATIONS, size="2"),
            *_actions(),
        ),
        rx.cond(
            AutomationPageState.deleted,
            rx.box(
                ui.callout(
                    "This automation was deleted. It never runs again; below is what it did.",
                    "archive",
                    "gray",
                    "status",
                ),
                margin_bottom="var(--space-4)",
            ),
        ),
        rx.cond(
            negated(AutomationPageState.loading),
            rx.card(
                rx.flex(
                    rx.cond(negated(AutomationPageState.deleted), _switch()),
                    rx.box(
                        sentence(facts.tag, facts.color, facts.steps, linked=True),
                        rx.text(
                            rx.cond(
                                facts.fired != "",
                                rx.fragment("Last fired ", ui.when(facts.fired)),
                                "Has not fired yet",
                            ),
                            rx.cond(
                                facts.enabled,
                                "",
                                " · Switched off: whoever gets the tag meanwhile is never emailed "
                                "by it",
                            ),
                            size="1",
                            color_scheme="gray",
                        ),
                        min_width="0",
                    ),
                    spacing="4",
                    align="center",
                ),
                margin_bottom="var(--space-4)",
            ),
        ),
    )


def _switch() -> rx.Component:
    facts = AutomationPageState.facts
    return rx.switch(
        checked=facts.enabled,
        on_change=lambda on: SwitchState.switch(facts.id, on),
        disabled=~AppState.is_admin,
        aria_label="Switch it on or off",
    )


def _actions() -> list[rx.Component]:
    facts = AutomationPageState.facts
    return [
        rx.cond(
            AppState.is_admin & ~AutomationPageState.deleted,
            rx.fragment(
                try_button(TryItState.open(facts.id), custom_attrs={"aria-haspopup": "dialog"}),
                rx.button(
                    "Duplicate",
                    variant="soft",
                    color_scheme="gray",
                    on_click=AutomationPageState.duplicate,
                ),
                rx.button(
                    "Delete",
                    variant="soft",
                    color_scheme="red",
                    on_click=SwitchState.ask_delete(facts.id),
                    custom_attrs={"aria-haspopup": "dialog"},
                ),
                link_button(
                    rx.icon("pencil", size=15), "Edit", href=routes.edit_automation(facts.id)
                ),
            ),
        )
    ]


def _existing() -> rx.Component:
    """Running it for those who had the tag: how far that is, and a way to stop it."""
    work = AutomationPageState.existing
    return rx.cond(
        work.id > 0,
        rx.card(
            rx.flex(
                rx.box(
                    rx.text(
                        rx.cond(
                            work.running,
                            "Running for those who have the tag already",
                            "Emails to those who had the tag already are about to leave",
                        ),
                        size="2",
                        weight="medium",
                    ),
                    rx.text(work.words, size="1", color_scheme="gray"),
                    flex="1",
                    min_width="0",
                ),
                rx.cond(
                    AppState.is_admin,
                    ui.confirm_dialog(
                        rx.button("Stop", variant="soft", color_scheme="red"),
                        title="Stop here?",
                        text="Emails that have not left yet are canceled. Nobody who was met is "
                        "met again.",
                        confirm="Stop",
                        on_confirm=AutomationPageState.stop,
                    ),
                ),
                align="center",
                spacing="3",
            ),
            rx.cond(
                work.running,
                rx.progress(
                    value=work.percent, size="1", margin_top="10px", aria_label="How far it is"
                ),
            ),
            role="status",
        ),
    )


def _figures() -> rx.Component:
    return rx.grid(
        rx.foreach(AutomationPageState.figures, _figure),
        columns=rx.breakpoints(initial="2", sm="repeat(auto-fit, minmax(110px, 1fr))"),
        spacing="3",
        width="100%",
    )


def _figure(figure: FigureLine) -> rx.Component:
    return rx.link(
        rx.text(
            figure.number,
            size="5",
            weight="bold",
            color=rx.cond(figure.some, f"var(--{figure.tone}-11)", "var(--gray-9)"),
            class_name="figure-number",
        ),
        rx.text(figure.label, size="1", color_scheme="gray"),
        href=figure.href,
        underline="none",
        class_name="figure",
    )


def _held() -> rx.Component:
    return rx.cond(
        length(AutomationPageState.held) > 0,
        rx.box(
            rx.heading("What was held back, and why", as_="h3", size="2", weight="medium"),
            rx.el.ul(rx.foreach(AutomationPageState.held, _held_line), class_name="held"),
            margin_top="var(--space-4)",
        ),
    )


def _held_line(line: HeldLine) -> rx.Component:
    return rx.el.li(
        rx.link(line.number, href=line.href, size="2", class_name="figure-number held-number"),
        ui.send_badge(line.status),
        rx.text(line.words, size="2", class_name="breakable"),
    )


def _runs() -> rx.Component:
    state = AutomationPageState
    return ui.section(
        "Runs",
        rx.cond(
            length(state.runs) > 0,
            rx.fragment(
                rx.el.ul(rx.foreach(state.runs, _run), class_name="runs"),
                rx.cond(
                    state.newer | state.older,
                    rx.box(
                        ui.pager(
                            "Newest first",
                            on_previous=state.show_newer,
                            on_next=state.show_older,
                            has_previous=state.newer,
                            has_next=state.older,
                        ),
                        margin_top="var(--space-3)",
                    ),
                ),
            ),
            ui.empty_state(
                "workflow",
                "It has not run yet",
                "As soon as somebody is given its tag, each run shows up here: for whom, what led "
                "to it, and what became of the email.",
                link_button("Assign the tag to a partner", href=routes.PARTNERS, variant="soft"),
            ),
        ),
    )


def _run(run: RunLine) -> rx.Component:
    return rx.el.li(
        rx.box(
            rx.link(run.partner, href=routes.partner(run.partner_id), size="2", weight="medium"),
            rx.text(run.door, size="1", color_scheme="gray", class_name="breakable"),
            min_width="0",
            flex="1 1 220px",
        ),
        rx.box(
            rx.cond(run.stopped != "", rx.text(run.stopped, size="2", color_scheme="gray")),
            rx.foreach(run.emails, _run_email),
            min_width="0",
            flex="1 1 260px",
        ),
        rx.text(ui.when(run.at), size="1", color_scheme="gray", white_space="nowrap"),
    )


def _run_email(email: RunEmailLine) -> rx.Component:
    return rx.box(
        rx.flex(
            ui.send_badge(email.status),
            rx.el.button(
                email.template,
                type="button",
                class_name="row-button",
                on_click=SendState.show(email.id),
            ),
            rx.cond(
                email.due != "",
                rx.text("leaves ", ui.when(email.due, ahead=True), size="1", color_scheme="gray"),
            ),
            spacing="2",
            align="center",
            wrap="wrap",
        ),
        rx.cond(email.why != "", rx.text(email.why, size="1", color_scheme="gray")),
        class_name="run-email",
    )


def _changes() -> rx.Component:
    return ui.section(
        "Edit history",
        rx.cond(
            length(AutomationPageState.changes) > 0,
            rx.el.ol(rx.foreach(AutomationPageState.changes, _change), class_name="changes"),
            rx.text("Nobody has changed it.", size="2", color_scheme="gray"),
        ),
    )


def _change(change: ChangeLine) -> rx.Component:
    return rx.el.li(
        rx.box(
            rx.text(
                rx.text.span(change.who, weight="medium"),
                " ",
                change.words,
                size="2",
                class_name="breakable",
            ),
            rx.cond(
                change.was != "",
                rx.text(rx.el.del_(change.was), size="1", color_scheme="gray"),
            ),
            rx.cond(change.now != "", rx.text(change.now, size="1", color_scheme="gray")),
            min_width="0",
            flex="1",
        ),
        rx.text(ui.when(change.at), size="1", color_scheme="gray", white_space="nowrap"),
    )
