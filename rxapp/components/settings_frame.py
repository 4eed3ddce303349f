"""The frame of the settings: a tab for each subject, each with an address of its own."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.layout import page
from rxapp.components.ui import Text
from rxapp.state.base import AppState

TABS = (
    ("Sender", routes.SETTINGS),
    ("Delivery", routes.DELIVERY),
    ("API keys", routes.API_KEYS),
    ("People", routes.PEOPLE),
    ("Audit log", routes.AUDIT),
    ("System", routes.SYSTEM),
)


def settings_page(
    route: str, title: str, *, on_load: Any
) -> Callable[[Callable[[], rx.Component]], Callable[[], rx.Component]]:
    """Serve a function's content as a tab of the settings, to admins."""

    def decorate(content: Callable[[], rx.Component]) -> Callable[[], rx.Component]:
        def framed() -> rx.Component:
            return rx.fragment(
                ui.page_header("Settings"),
                rx.cond(
                    AppState.is_admin | (AppState.role == ""),
                    rx.fragment(_tabs(route), content()),
                    rx.card(_closed()),
                ),
            )

        framed.__name__ = content.__name__
        return page(route, f"{title} · Settings", section=routes.SETTINGS, on_load=on_load)(framed)

    return decorate


def _tabs(current: str) -> rx.Component:
    return rx.el.nav(
        *(
            rx.link(
                label,
                href=route,
                underline="none",
                class_name="subnav-link",
                custom_attrs={"aria-current": "page"} if route == current else {},
            )
            for label, route in TABS
        ),
        aria_label="Settings",
        class_name="subnav",
    )


def _closed() -> rx.Component:
    return ui.empty_state(
        "lock", "Only admins change settings", "Ask an admin of this program to do it."
    )


def copy_line(text: Text, name: str) -> rx.Component:
    """Something to be copied as it stands; `name` says what it is."""
    return rx.el.span(
        rx.code(text, size="2", variant="soft"),
        rx.icon_button(
            rx.icon("copy", size=14),
            type="button",
            size="1",
            variant="ghost",
            color_scheme="gray",
            aria_label=f"Copy {name}",
            on_click=[rx.set_clipboard(text), rx.toast.success("Copied.")],
        ),
        class_name="copy-line",
    )


def fact(name: str, value: rx.Component | Text | int) -> rx.Component:
    """A line of a list of facts: what it is called, and what it is."""
    return rx.fragment(rx.el.dt(name), rx.el.dd(value))


def facts(*lines: rx.Component) -> rx.Component:
    """Facts below each other."""
    return rx.el.dl(*lines, class_name="setting-facts")
