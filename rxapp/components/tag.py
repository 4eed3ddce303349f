"""How a tag looks, everywhere the same."""

from typing import Any

import reflex as rx

from rxapp.components.ui import Flag, Text


def chip(name: Text, color: Text, **props: Any) -> rx.Component:
    """A tag's name in its colour; a long one is cut off."""
    return rx.badge(
        rx.text(name, as_="span", truncate=True),
        color_scheme=color,
        radius="full",
        max_width="180px",
        **props,
    )


def removable(name: Text, color: Text, remove: rx.Component, shown: Flag) -> rx.Component:
    """A tag with a way to take it off beside its name, where that is `shown`."""
    return rx.badge(
        rx.text(name, as_="span", truncate=True, max_width="220px"),
        rx.cond(shown, remove),
        color_scheme=color,
        radius="full",
        size="2",
    )


def swatches(colors: tuple[str, ...], chosen: Text) -> rx.Component:
    """One of the colours to choose from, as the form's field `color`."""
    return rx.el.fieldset(
        rx.el.legend("Colour", class_name="field-label"),
        rx.box(
            *(_swatch(color, chosen) for color in colors),
            class_name="swatches",
        ),
        class_name="swatch-set",
    )


def _swatch(color: str, chosen: Text) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="color", value=color, default_checked=chosen == color),
        rx.el.span(class_name="swatch", style={"background": f"var(--{color}-9)"}),
        rx.el.span(color.title(), class_name="unseen"),
        title=color.title(),
    )
