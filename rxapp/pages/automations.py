"""The list of automations."""

import reflex as rx

from rxapp import routes
from rxapp.components import filters, recipes, ui
from rxapp.components.automation import questions, sentence
from rxapp.components.custom import Tick
from rxapp.components.layout import page
from rxapp.components.links import RouterLink, link_button
from rxapp.components.search import Search
from rxapp.state.automation_switch import SwitchState
from rxapp.state.automations import AutomationRow, AutomationsState
from rxapp.state.base import AppState
from rxapp.state.recipes import RecipesState

STATES = {"any": "On and off", "on": "Switched on", "off": "Switched off"}
SORTS = {
    "any": "In the order they run",
    "-fired": "Last fired first",
    "-id": "Newest first",
    "name": "By name",
}


@page(routes.AUTOMATIONS, "Automations", on_load=[AutomationsState.load, RecipesState.load])
def automations() -> rx.Component:
    """What happens when a tag is assigned."""
    return rx.fragment(
        Tick.create(every=5, on_tick=AutomationsState.refresh),
        ui.page_header(
            "Automations",
            "What happens when a tag is assigned.",
            rx.cond(
                AppState.is_admin & ~AutomationsState.nothing,
                rx.button(
                    rx.icon("book-open", size=15),
                    "Recipes",
                    variant="soft",
                    on_click=RecipesState.set_gallery(True),
                    custom_attrs={"aria-haspopup": "dialog"},
                ),
            ),
            _create(),
        ),
        rx.cond(
            AutomationsState.nothing & ~AutomationsState.loading,
            _first(),
            rx.flex(_filters(), _list(), _pager(), direction="column", spacing="4"),
        ),
        rx.cond(AppState.is_admin, rx.fragment(recipes.gallery(), questions())),
    )


def _create() -> rx.Component:
    return rx.cond(
        AppState.is_admin,
        link_button(rx.icon("plus", size=16), "Create automation", href=routes.NEW_AUTOMATION),
    )


def _first() -> rx.Component:
    """Nothing there yet: what an automation is, and the recipes to begin with."""
    return rx.cond(
        AppState.is_admin,
        rx.flex(
            rx.text(
                "An automation emails partners the moment a tag is assigned to them. Start from a "
                "recipe, ready in two clicks, or choose tag and email yourself.",
                size="3",
                max_width="64ch",
            ),
            recipes.cards(),
            direction="column",
            spacing="4",
        ),
        rx.card(
            ui.empty_state(
                "workflow",
                "No automations yet",
                "An admin of your program makes them: when a tag is assigned, an email is sent.",
            )
        ),
    )


def _filters() -> rx.Component:
    state = AutomationsState
    return rx.flex(
        Search.create(
            value=state.filters["q"],
            label="Search automations",
            width="220px",
            on_search=AutomationsState.search,
        ),
        filters.one_of_many(state, "tag", "Tag", state.tags),
        filters.one_of_many(state, "email", "Email", state.emails),
        filters.one_of(state, "state", "State", STATES),
        filters.one_of(state, "sort", "Order", SORTS),
        filters.clear_button(state),
        spacing="3",
        wrap="wrap",
        align="center",
        class_name="filters",
        role="search",
    )


def _list() -> rx.Component:
    skeleton = [rx.skeleton(height="78px") for _ in range(5)]
    return rx.cond(
        AutomationsState.loading,
        rx.flex(*skeleton, direction="column", spacing="3"),
        rx.cond(
            AutomationsState.shown == "0 automations",
            rx.card(
                ui.empty_state(
                    "search",
                    "No automation matches",
                    "None fits these filters.",
                    rx.button("Clear filters", variant="soft", on_click=AutomationsState.clear),
                )
            ),
            rx.el.ul(rx.foreach(AutomationsState.rows, _row), class_name="automations"),
        ),
    )


def _row(row: AutomationRow) -> rx.Component:
    return rx.el.li(
        rx.switch(
            checked=row.enabled,
            on_change=lambda on: SwitchState.switch(row.id, on),
            disabled=~AppState.is_admin,
            aria_label=f"Switch “{row.name}” on or off",
        ),
        RouterLink.create(
            rx.cond(row.title != "", rx.text(row.title, size="2", weight="medium")),
            sentence(row.tag, row.color, row.steps),
            to=routes.automation(row.id),
            class_name="automation-link",
        ),
        rx.flex(
            _fired(row),
            _number(row.sent, "sent"),
            _number(row.skipped, "skipped"),
            rx.cond(row.unknown != "", _number(row.unknown, "unknown")),
            rx.cond(row.captured != "", _number(row.captured, "captured")),
            rx.cond(
                row.failed > 0,
                rx.link(
                    rx.badge(f"{row.failed} failed", color_scheme="red"),
                    href=f"{routes.SENDS}?automation={row.id}&status=failed",
                ),
            ),
            class_name="automation-numbers",
        ),
        rx.cond(AppState.is_admin, _menu(row)),
        class_name=rx.cond(row.enabled, "automation", "automation off"),
    )


def _fired(row: AutomationRow) -> rx.Component:
    return rx.text(
        rx.cond(
            row.enabled,
            rx.cond(
                row.fired != "",
                rx.fragment("fired ", ui.when(row.fired)),
                "has not fired yet",
            ),
            "switched off",
        ),
        size="1",
        color_scheme="gray",
        class_name="automation-fired",
    )


def _number(number: str, what: str) -> rx.Component:
    return rx.tooltip(
        rx.text(
            rx.text.span(number, weight="medium", class_name="figure-number"),
            f" {what}",
            size="1",
            color_scheme="gray",
            white_space="nowrap",
        ),
        content=f"Emails {what} in the last 30 days",
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
            rx.dropdown_menu.item("Edit", on_click=rx.redirect(routes.edit_automation(row.id))),
            rx.dropdown_menu.item("Duplicate", on_click=AutomationsState.duplicate(row.id)),
            rx.dropdown_menu.item(
                "Emails it sent",
                on_click=rx.redirect(f"{routes.SENDS}?automation={row.id}"),
            ),
            rx.dropdown_menu.separator(),
            rx.dropdown_menu.item(
                "Delete…", color_scheme="red", on_click=SwitchState.ask_delete(row.id)
            ),
            size="1",
            align="end",
        ),
    )


def _pager() -> rx.Component:
    return rx.cond(
        AutomationsState.has_previous | AutomationsState.has_next,
        ui.pager(
            AutomationsState.shown,
            on_previous=AutomationsState.turn(-1),
            on_next=AutomationsState.turn(1),
            has_previous=AutomationsState.has_previous,
            has_next=AutomationsState.has_next,
        ),
    )
