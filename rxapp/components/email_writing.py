"""How an email is written: without code, or as HTML; and its lines with variables as chips."""

import reflex as rx

from rxapp.components.custom import InsertMenu
from rxapp.components.studio import ProblemCount
from rxapp.components.visual import ChipField, ModeSwitch, VisualEditor
from rxapp.state.base import AppState
from rxapp.state.email import EmailState


def line(name: str, label: str, value: rx.Var[str] | str, placeholder: str) -> rx.Component:
    """A field of one line that can hold variables."""
    return ChipField.create(
        id=name,
        name=name,
        label=label,
        value=value,
        placeholder=placeholder,
        editable=AppState.can_edit,
        groups=EmailState.insertable,
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
                rx.fragment(
                    ModeSwitch.create(
                        form=form,
                        visual=visual,
                        on_html=EmailState.write_html,
                        on_visual=EmailState.write_visually,
                    ),
                    rx.cond(
                        visual,
                        rx.fragment(),
                        InsertMenu.create(form=form, fallback="body", groups=EmailState.insertable),
                    ),
                ),
            ),
            spacing="3",
            align="center",
        ),
        rx.cond(
            visual,
            VisualEditor.create(
                name="document",
                label="Body",
                value=EmailState.start.document,
                editable=AppState.can_edit,
                groups=EmailState.insertable,
            ),
            _source(),
        ),
        direction="column",
        spacing="1",
    )


def _source() -> rx.Component:
    return rx.fragment(
        rx.el.textarea(
            name="body",
            id="body",
            default_value=EmailState.start.body,
            read_only=~AppState.can_edit,
            spell_check=False,
            class_name="source",
        ),
        rx.text(
            "HTML, with variables in double braces. What is no whole document is put into the "
            "layout; the footer and the unsubscribe link are added.",
            size="1",
            color_scheme="gray",
        ),
    )
