"""The list of automations."""

import reflex as rx

from rxapp import routes
from rxapp.components import tag, ui
from rxapp.components.dialogs import question
from rxapp.components.layout import page
from rxapp.components.links import link_button
from rxapp.components.vars import length
from rxapp.state.automations import AutomationRow, AutomationsState, StepWords
from rxapp.state.base import AppState


@page(routes.AUTOMATIONS, "Automations", on_load=AutomationsState.load)
def automations() -> rx.Component:
    """What happens when a tag is assigned."""
    return rx.fragment(
        ui.page_header("Automations", "What happens when a tag is assigned.", _create()),
        rx.cond(AutomationsState.about != "", _about()),
        _list(),
        _existing_dialog(),
        question(
            opened=AutomationsState.deleting,
            on_open_change=AutomationsState.set_deleting,
            title="Delete this automation?",
            text="Its emails that wait are skipped, and the history goes on naming it. "
            "To stop it for a while, switch it off instead.",
            confirm="Delete automation",
            on_confirm=AutomationsState.delete,
        ),
    )


def _create() -> rx.Component:
    return rx.cond(
        AppState.is_admin,
        link_button(rx.icon("plus", size=16), "Create automation", href=routes.NEW_AUTOMATION),
    )


def _about() -> rx.Component:
    """Says that only some are shown, and leads to all of them."""
    return rx.text(
        "Those that have to do with “",
        AutomationsState.about,
        "”. ",
        rx.link("Show all", href=routes.AUTOMATIONS),
        size="2",
        color_scheme="gray",
        margin_bottom="var(--space-3)",
    )


def _list() -> rx.Component:
    skeleton = [rx.skeleton(height="74px") for _ in range(4)]
    return rx.cond(
        AutomationsState.loading,
        rx.flex(*skeleton, direction="column", spacing="3"),
        rx.cond(
            length(AutomationsState.rows) == 0,
            rx.card(
                ui.empty_state(
                    "workflow",
                    "No automations yet",
                    "An automation emails partners the moment a tag is assigned to them: "
                    "choose the tag, choose the email, done.",
                    _create(),
                )
            ),
            rx.el.ul(rx.foreach(AutomationsState.rows, _row), class_name="automations"),
        ),
    )


def _row(row: AutomationRow) -> rx.Component:
    return rx.el.li(
        rx.switch(
            checked=row.enabled,
            on_change=lambda on: AutomationsState.switch(row.id, on),
            disabled=~AppState.is_admin,
            aria_label=f"Switch “{row.name}” on or off",
        ),
        rx.box(
            rx.cond(
                row.title != "",
                rx.text(
                    rx.link(row.title, href=routes.automation(row.id), class_name="row-link"),
                    size="2",
                    weight="medium",
                ),
            ),
            rx.text(
                "When ",
                tag.chip(row.tag, row.color),
                " is assigned",
                rx.foreach(row.steps, _step),
                size="2",
                class_name="sentence",
            ),
            rx.text(
                rx.cond(
                    row.enabled,
                    rx.cond(
                        row.fired != "",
                        rx.fragment("Last fired ", ui.when(row.fired)),
                        "Has not fired yet",
                    ),
                    "Switched off: assignments made meanwhile never send",
                ),
                size="1",
                color_scheme="gray",
            ),
            min_width="0",
            flex="1",
        ),
        link_button(
            rx.cond(AppState.is_admin, "Edit", "View"),
            href=routes.automation(row.id),
            variant="soft",
            color_scheme="gray",
        ),
        rx.cond(AppState.is_admin, _menu(row)),
        class_name=rx.cond(row.enabled, "automation", "automation off"),
    )


def _step(step: StepWords) -> rx.Component:
    return rx.fragment(
        rx.text.span(" → ", color_scheme="gray"),
        step.words,
        " ",
        rx.link(step.target, href=step.href, weight="medium"),
    )


def _menu(row: AutomationRow) -> rx.Component:
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.icon_button(
                rx.icon("ellipsis", size=16),
                variant="ghost",
                color_scheme="gray",
                aria_label=f"More about {row.name}",
            )
        ),
        rx.dropdown_menu.content(
            rx.dropdown_menu.item(
                "Emails it sent",
                on_click=rx.redirect(f"{routes.SENDS}?automation={row.id}"),
            ),
            rx.dropdown_menu.separator(),
            rx.dropdown_menu.item(
                "Delete", color="red", on_click=AutomationsState.ask_delete(row.id)
            ),
            size="1",
        ),
    )


def _existing_dialog() -> rx.Component:
    """Switching on asks about those who have the tag already; the answer is no unless said."""
    existing = AutomationsState.existing
    count = rx.cond(existing == 1, "1 partner", f"{existing} partners")
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title("Switch the automation on?", size="4"),
            rx.alert_dialog.description(
                count,
                rx.cond(existing == 1, " has “", " have “"),
                AutomationsState.asked.tag,
                "” already. Should it also run for them, or only for those who get the tag "
                "from now on?",
                size="2",
            ),
            rx.flex(
                rx.alert_dialog.cancel(rx.button("Cancel", variant="soft", color_scheme="gray")),
                rx.button(
                    rx.fragment("Also email the ", existing),
                    variant="soft",
                    on_click=AutomationsState.switch_on(True),
                ),
                rx.button("Only from now on", on_click=AutomationsState.switch_on(False)),
                spacing="3",
                justify="end",
                margin_top="var(--space-4)",
                wrap="wrap",
            ),
            max_width="480px",
        ),
        open=AutomationsState.switching,
        on_open_change=AutomationsState.set_switching,
    )
