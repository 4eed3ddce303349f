"""The visual email editor and its chips, wrapped for Reflex; loaded by pages that show them.

Resend's React Email editor, built on TipTap; the parts are in assets/visual_*.jsx and chips.jsx.
"""

from typing import Any

import reflex as rx

from rxapp.components.custom import Given

_TIPTAP = ["@tiptap/core@3.34.0", "@tiptap/pm@3.34.0", "@tiptap/react@3.34.0"]
_TIPTAP += ["@tiptap/extensions@3.34.0"]
_EDITOR = ["@react-email/editor@1.7.8", *_TIPTAP]


class ChipField(rx.NoSSRComponent):
    """A line of a form that can hold variables; its field is called `name`."""

    library = "$/public/chip_field.jsx"
    lib_dependencies: list[str] = _TIPTAP
    tag = "ChipField"
    name: rx.Var[str]
    label: rx.Var[str]
    value: rx.Var[str]
    placeholder: rx.Var[str]
    editable: rx.Var[bool]
    groups: rx.Var[list[Any]]


class ModeSwitch(rx.Component):
    """Goes over from the visual editor to HTML, and back while nothing is written."""

    library = "$/public/mode_switch.jsx"
    tag = "ModeSwitch"
    form: rx.Var[str]
    visual: rx.Var[bool]
    on_html: rx.EventHandler[Given(dict[str, str])]  # type: ignore[type-arg,valid-type]
    on_visual: rx.EventHandler[Given(dict[str, str])]  # type: ignore[type-arg,valid-type]


class VisualEditor(rx.NoSSRComponent):
    """An email's body, written without code; its field is called `name` and holds JSON."""

    library = "$/public/visual_editor.jsx"
    lib_dependencies: list[str] = _EDITOR
    tag = "VisualEditor"
    name: rx.Var[str]
    label: rx.Var[str]
    value: rx.Var[str]
    editable: rx.Var[bool]
    groups: rx.Var[list[Any]]
