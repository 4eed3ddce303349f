"""The visual email editor and its chips, wrapped for Reflex; loaded by pages that show them.

Resend's React Email editor, built on TipTap; the parts are in assets/visual_*.jsx and chips.jsx.
"""

from typing import Any

import reflex as rx

from rxapp.components.custom import Given

_TIPTAP = ["@tiptap/core@3.34.0", "@tiptap/pm@3.34.0", "@tiptap/react@3.34.0"]
_TIPTAP += ["@tiptap/extensions@3.34.0"]
_CODE = ["@codemirror/commands@6.11.1", "@codemirror/lang-html@6.4.12"]
_CODE += ["@codemirror/language@6.13.1", "@codemirror/lint@6.9.8", "@codemirror/search@6.7.2"]
_CODE += ["@codemirror/state@6.7.6", "@codemirror/view@6.43.15", "@lezer/highlight@1.2.5"]
_EDITOR = ["@react-email/editor@1.7.8", *_TIPTAP]


class ChipField(rx.NoSSRComponent):
    """A line that can hold variables; what it says goes to the field with the id `field`."""

    library = "$/public/chip_field.jsx"
    lib_dependencies: list[str] = _TIPTAP
    tag = "ChipField"
    field: rx.Var[str]
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
    """An email's body, written without code; the field with the id `field` gets it as JSON."""

    library = "$/public/visual_editor.jsx"
    lib_dependencies: list[str] = _EDITOR
    tag = "VisualEditor"
    field: rx.Var[str]
    label: rx.Var[str]
    value: rx.Var[str]
    editable: rx.Var[bool]
    groups: rx.Var[list[Any]]


class HtmlEditor(rx.NoSSRComponent):
    """An email's HTML, coloured, with what is wrong at its line; `field` is its field's id."""

    library = "$/public/html_editor.jsx"
    lib_dependencies: list[str] = _CODE
    tag = "HtmlEditor"
    field: rx.Var[str]
    label: rx.Var[str]
    value: rx.Var[str]
    editable: rx.Var[bool]
    groups: rx.Var[list[Any]]
