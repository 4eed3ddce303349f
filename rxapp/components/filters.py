"""What lists are narrowed by: each control sets one filter of its list's state, by `narrow`."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from rxapp.components.custom import Day, Picker

# Stands for "no matter which": Radix's select has no empty value.
ANY = "any"


def one_of(state: Any, name: str, label: str, words: Mapping[str, str]) -> rx.Component:
    """A choice of few; `words` begins with `ANY` and what that is called."""
    now = state.filters[name]
    return rx.select.root(
        rx.select.trigger(aria_label=label),
        rx.select.content(*(rx.select.item(word, value=one) for one, word in words.items())),
        value=rx.cond(now != "", now, ANY),
        on_change=lambda one: state.narrow(name, rx.cond(one == ANY, "", one)),
    )


def one_of_many(
    state: Any, name: str, label: str, options: Any, *, nothing: str = "", width: str = "160px"
) -> rx.Component:
    """A choice of so many that one types to find."""
    return rx.box(
        Picker.create(
            options=options,
            value=state.filters[name],
            label=label,
            placeholder=nothing or f"Any {label.lower()}",
            clearable=True,
            on_pick=lambda value: state.narrow(name, value),
        ),
        width=width,
    )


def days(state: Any) -> rx.Component:
    """From one day to another, either of them left open; the filters `since` and `until`."""
    filters = state.filters
    return rx.flex(
        Day.create(
            value=filters["since"],
            label="From day",
            on_pick=lambda at: state.narrow("since", at),
        ),
        rx.text("to", size="2", color_scheme="gray"),
        Day.create(
            value=filters["until"],
            end=True,
            label="To day",
            on_pick=lambda at: state.narrow("until", at),
        ),
        align="center",
        spacing="2",
    )


def clear_button(state: Any) -> rx.Component:
    """Takes all filters away; there while any is set."""
    return rx.cond(
        state.filtered,
        rx.button(
            rx.icon("x", size=15),
            "Clear filters",
            variant="ghost",
            color_scheme="gray",
            on_click=state.clear,
        ),
    )
