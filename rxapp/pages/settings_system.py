"""Settings, the system: the machinery behind the emails, for whoever looks after it."""

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.custom import Tick
from rxapp.components.retention import retention
from rxapp.components.settings_frame import fact, facts, settings_page
from rxapp.components.vars import counted, length
from rxapp.state.settings_retention import RetentionState
from rxapp.state.settings_system import Check, SystemState, WorkerRow


@settings_page(
    routes.SYSTEM, "System", on_load=[SystemState.load, RetentionState.load, SystemState.check]
)
def settings_system() -> rx.Component:
    """The checks, the workers, the queue, and what all of it is made of."""
    return rx.flex(
        Tick.create(every=5, on_tick=SystemState.refresh),
        _checks(),
        _workers(),
        rx.box(_queue(), _versions(), class_name="side-by-side"),
        retention(),
        direction="column",
        spacing="4",
    )


def _checks() -> rx.Component:
    return ui.section(
        "Checks",
        rx.skeleton(
            rx.el.ul(rx.foreach(SystemState.checks, _check), class_name="doctor"),
            loading=SystemState.checking,
            min_height="8em",
        ),
        actions=[
            rx.button(
                rx.icon("refresh-cw", size=14),
                "Check again",
                variant="ghost",
                color_scheme="gray",
                size="1",
                on_click=SystemState.check,
            )
        ],
    )


def _check(check: Check) -> rx.Component:
    return rx.el.li(
        rx.match(
            check.verdict,
            ("ok", rx.icon("circle-check", size=16, color="var(--green-11)", aria_label="Fine:")),
            ("note", rx.icon("info", size=16, color="var(--amber-11)", aria_label="Note:")),
            rx.icon("circle-x", size=16, color="var(--red-11)", aria_label="Wrong:"),
        ),
        rx.box(check.sentence, class_name="breakable"),
    )


def _workers() -> rx.Component:
    return ui.section(
        "Workers",
        rx.skeleton(
            rx.cond(
                length(SystemState.workers) == 0,
                ui.empty_state(
                    "power-off",
                    "No worker is running",
                    "Emails wait. Start the app with its worker, or run: rxapp worker",
                ),
                rx.el.ul(rx.foreach(SystemState.workers, _worker), class_name="audit"),
            ),
            loading=SystemState.loading,
        ),
    )


def _worker(row: WorkerRow) -> rx.Component:
    return rx.el.li(
        rx.flex(
            rx.text(row.id, size="2", class_name="breakable"),
            rx.cond(
                row.alive,
                rx.badge("Alive", color_scheme="green"),
                rx.badge("Silent", color_scheme="red"),
            ),
            spacing="2",
            align="center",
        ),
        rx.text(
            "sends by ",
            row.provider,
            ", running since ",
            ui.when(row.started),
            ", last sign of life ",
            ui.when(row.seen),
            size="2",
            color_scheme="gray",
        ),
    )


def _queue() -> rx.Component:
    system = SystemState.system
    return ui.section(
        "Queue",
        rx.skeleton(
            facts(
                fact("Waiting to leave", counted(system.due, "email", "emails")),
                fact(
                    "The oldest waits since",
                    rx.cond(system.oldest != "", ui.when(system.oldest), "nothing waits"),
                ),
                fact("Being sent", counted(system.sending, "email", "emails")),
                fact("Scheduled for later", counted(system.later, "email", "emails")),
                fact("Requests without an answer", system.open_batches),
                fact("Webhooks about no known send", system.unapplied),
            ),
            loading=SystemState.loading,
        ),
    )


def _versions() -> rx.Component:
    system = SystemState.system
    return ui.section(
        "Versions and size",
        rx.skeleton(
            facts(
                fact("rxapp", system.app),
                fact("Python", system.python),
                fact("Reflex", system.reflex),
                fact("Database", system.database),
                fact("Database size", system.size),
                fact(
                    "Schema",
                    rx.fragment(
                        rx.code(system.migration),
                        rx.cond(system.current, " (this version's)", " (not this version's!)"),
                    ),
                ),
            ),
            loading=SystemState.loading,
        ),
    )
