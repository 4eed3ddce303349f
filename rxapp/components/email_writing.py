"""How an email is written: without code, or as HTML; and its lines with variables as chips."""

import reflex as rx

from rxapp.components.studio import ProblemCount
from rxapp.components.visual import ChipField, HtmlEditor, ModeSwitch, VisualEditor
from rxapp.state.base import AppState
from rxapp.state.email import EmailState


def line(name: str, label: str, value: rx.Var[str] | str, placeholder: str) -> rx.Component:
    """A field of one line that can hold variables."""
    return rx.fragment(
        _held(name, value),
        ChipField.create(
            id=name,
            field=_field(name),
            label=label,
            value=value,
            placeholder=placeholder,
            editable=AppState.can_edit,
            groups=EmailState.insertable,
        ),
    )


def _field(name: str) -> str:
    return f"{name}-field"


def _held(name: str, value: rx.Var[str] | str) -> rx.Component:
    """The form's field behind an editor: there before the editor has been loaded."""
    return rx.el.textarea(
        name=name, id=_field(name), default_value=value, read_only=True, hidden=True
    )


def body(form: str) -> rx.Component:
    """The body: the visual editor's, or HTML."""
    visual = EmailState.start.document != ""
    return rx.flex(
        rx.flex(
            rx.el.label("Body", html_for="body", class_name="field-label"),
            rx.spacer(),
            ProblemCount.create(),
            rx.cond(
                AppState.can_edit,
                ModeSwitch.create(
                    form=form,
                    visual=visual,
                    on_html=EmailState.write_html,
                    on_visual=EmailState.write_visually,
                ),
            ),
            spacing="3",
            align="center",
        ),
        rx.cond(
            visual,
            rx.fragment(
                _held("document", EmailState.start.document),
                VisualEditor.create(
                    field=_field("document"),
                    label="Body",
                    value=EmailState.start.document,
                    editable=AppState.can_edit,
                    groups=EmailState.insertable,
                ),
            ),
            _source(),
        ),
        direction="column",
        spacing="1",
    )


def _source() -> rx.Component:
    return rx.fragment(
        _held("body", EmailState.start.body),
        HtmlEditor.create(
            field=_field("body"),
            label="Body",
            value=EmailState.start.body,
            editable=AppState.can_edit,
            groups=EmailState.insertable,
        ),
        rx.text(
            "HTML, with variables in double braces. What is no whole document is put into the "
            "layout; the footer and the unsubscribe link are added.",
            size="1",
            color_scheme="gray",
        ),
    )
