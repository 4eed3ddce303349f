"""Finding anything from anywhere: opened by Ctrl+K, or by a button."""

from typing import Any

import reflex as rx

from rxapp.components.custom import Given
from rxapp.state.finder import FinderState


class Finder(rx.Component):
    """The dialog; it opens itself."""

    library = "$/public/finder.jsx"
    tag = "Finder"
    groups: rx.Var[list[Any]]
    found: rx.Var[str]
    on_search: rx.EventHandler[Given(str)]  # type: ignore[type-arg,valid-type]


class FinderKeys(rx.Component):
    """The keys that open it."""

    library = "$/public/finder.jsx"
    tag = "FinderKeys"


def finder() -> rx.Component:
    """The dialog; once on every page."""
    return Finder.create(
        groups=FinderState.groups, found=FinderState.found, on_search=FinderState.find
    )


def finder_button() -> rx.Component:
    """What looks like a search field, and opens the dialog."""
    return rx.el.button(
        rx.icon("search", size=15, aria_hidden=True),
        rx.el.span("Find anything"),
        FinderKeys.create(),
        type="button",
        custom_attrs={"aria-keyshortcuts": "Control+K Meta+K", "aria-haspopup": "dialog"},
        class_name="finder-open finder-button",
    )


def finder_icon() -> rx.Component:
    """The same for a phone."""
    return rx.icon_button(
        rx.icon("search", size=18),
        variant="soft",
        color_scheme="gray",
        aria_label="Find anything",
        custom_attrs={"aria-haspopup": "dialog"},
        class_name="finder-open",
    )
