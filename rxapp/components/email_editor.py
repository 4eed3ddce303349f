"""The email editor: what is written on one side, the email a partner gets of it on the other."""

from typing import Any

import reflex as rx

from rxapp.components import email_writing as writing
from rxapp.components import ui
from rxapp.components.custom import LiveForm, Picker
from rxapp.components.studio import (
    EmailPreview,
    KeptDraft,
    LiveDraft,
    ProblemList,
    StepPartner,
)
from rxapp.state.base import AppState
from rxapp.state.email import EmailState
from rxapp.state.email_draft import FORM


def email_editor(on_send: Any) -> rx.Component:
    """The form and its preview; `on_send` takes the form when it is saved."""
    return rx.fragment(
        LiveDraft.create(
            form=FORM,
            revision=EmailState.revision,
            who=EmailState.partner,
            dirty=EmailState.dirty,
            person=AppState.user_email,
            number=EmailState.number,
            version=EmailState.version,
            viewed=EmailState.viewed,
        ),
        rx.cond(AppState.can_edit, KeptDraft.create(on_take=EmailState.take_up)),
        rx.box(
            rx.box(_form(on_send), class_name="editor-form"),
            rx.box(_preview(), class_name="editor-preview"),
            class_name="editor",
        ),
    )


def _form(on_send: Any) -> rx.Component:
    start = EmailState.start
    return LiveForm.create(
        rx.flex(
            ui.field(
                "Name",
                "name",
                rx.input(
                    name="name",
                    id="name",
                    type="text",
                    placeholder="Welcome to VIP",
                    default_value=start.name,
                    read_only=~AppState.can_edit,
                ),
                hint="Only you and your colleagues see it.",
            ),
            _kind(),
            ui.field(
                "Subject",
                "subject",
                writing.line(
                    "subject", "Subject", start.subject, "What the email is about, in a few words"
                ),
            ),
            ui.field(
                "Preheader",
                "preheader",
                writing.line(
                    "preheader",
                    "Preheader",
                    start.preheader,
                    "The line inboxes show after the subject",
                ),
            ),
            writing.body(FORM),
            ProblemList.create(),
            direction="column",
            spacing="4",
        ),
        id=FORM,
        key=f"{EmailState.revision}",
        on_draft=EmailState.edit,
        on_send=on_send,
    )


def _kind() -> rx.Component:
    return ui.field(
        "Kind",
        "kind",
        rx.select.root(
            rx.select.trigger(id="kind", width="100%"),
            rx.select.content(
                rx.select.item("Marketing: only to partners who want such mail", value="marketing"),
                rx.select.item(
                    "Transactional: part of the program, to everybody", value="transactional"
                ),
            ),
            name="kind",
            default_value=EmailState.start.kind,
            disabled=~AppState.can_edit,
        ),
    )


def _preview() -> rx.Component:
    return rx.flex(
        rx.flex(
            rx.box(
                Picker.create(
                    options=EmailState.partners,
                    value=EmailState.partner,
                    label="Preview as",
                    placeholder="Preview as a sample partner",
                    empty="No partner is called like this.",
                    clearable=True,
                    on_search=EmailState.find_partners.debounce(150),
                    on_pick=EmailState.preview_for,
                ),
                flex="1 1 200px",
            ),
            StepPartner.create(on_step=EmailState.step_partner),
            spacing="3",
            align="center",
            wrap="wrap",
        ),
        rx.cond(EmailState.viewed > 0, _viewing()),
        EmailPreview.create(),
        direction="column",
        spacing="3",
        id="preview",
    )


def _viewing() -> rx.Component:
    """Says that an old version is shown, and how to get back or take it up again."""
    return rx.flex(
        rx.text("This is version ", EmailState.viewed, ".", size="2"),
        rx.flex(
            rx.button(
                "Back to the draft",
                size="1",
                variant="soft",
                color_scheme="gray",
                on_click=EmailState.stop_viewing,
            ),
            rx.cond(
                AppState.can_edit,
                rx.button("Restore it", size="1", on_click=EmailState.restore(EmailState.viewed)),
            ),
            spacing="2",
        ),
        justify="between",
        align="center",
        wrap="wrap",
        spacing="2",
        class_name="viewing",
    )
