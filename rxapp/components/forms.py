"""What forms in dialogs are made of."""

from typing import Any

import reflex as rx

from rxapp.components import dialogs, ui
from rxapp.components.ui import Text


def line(label: Text, name: str, value: Text = "", hint: Text = "", **props: Any) -> rx.Component:
    """One line of text, with its label and with what is wrong with it."""
    control = rx.input(
        name=name, id=name, default_value=value, auto_complete="off", max_length=200, **props
    )
    return ui.field(label, name, control, hint)


def buttons(confirm: Text) -> rx.Component:
    """Leave, or send the form. `confirm` names the deed."""
    return dialogs.buttons(rx.button(confirm, type="submit"))
