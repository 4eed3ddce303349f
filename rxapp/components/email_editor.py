"""The email editor: what is written on one side, the email a partner gets of it on the other."""

from typing import Any

import reflex as rx

from rxapp.components import ui
from rxapp.components.custom import EmailFrame, InsertMenu, JumpTo, LiveForm, Picker
from rxapp.components.vars import length
from rxapp.state.base import AppState
from rxapp.state.email import EmailState
from rxapp.state.email_draft import ProblemLine

FORM = "email-form"


def email_editor(on_send: Any) -> rx.Component:
    """The form and its preview; `on_send` takes the form when it is saved."""
    return rx.box(
        rx.box(_form(on_send), class_name="editor-form"),
        rx.box(_preview(), class_name="editor-preview"),
        class_name="editor",
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
                rx.input(
                    name="subject",
                    id="subject",
                    type="text",
                    placeholder="Welcome, {{ partner.first_name | default('there') }}",
                    default_value=start.subject,
                    read_only=~AppState.can_edit,
                ),
            ),
            ui.field(
                "Preheader",
                "preheader",
                rx.input(
                    name="preheader",
                    id="preheader",
                    type="text",
                    placeholder="The line inboxes show after the subject",
                    default_value=start.preheader,
                    read_only=~AppState.can_edit,
                ),
            ),
            _body(),
            _problems(),
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


def _body() -> rx.Component:
    return rx.flex(
        rx.flex(
            rx.el.label("Body", html_for="body", class_name="field-label"),
            rx.spacer(),
            rx.cond(
                EmailState.shown.wrong != "",
                rx.link(
                    rx.badge(
                        rx.icon("circle-x", size=13), EmailState.shown.wrong, color_scheme="red"
                    ),
                    href="#problems",
                ),
            ),
            rx.cond(
                AppState.can_edit,
                InsertMenu.create(form=FORM, fallback="body", groups=EmailState.insertable),
            ),
            spacing="3",
            align="center",
        ),
        rx.el.textarea(
            name="body",
            id="body",
            default_value=EmailState.start.body,
            read_only=~AppState.can_edit,
            spell_check=False,
            class_name="source",
        ),
        rx.text(
            "HTML, with variables in double braces. The layout, the footer and the unsubscribe "
            "link are added around it.",
            size="1",
            color_scheme="gray",
        ),
        direction="column",
        spacing="1",
    )


def _problems() -> rx.Component:
    shown = EmailState.shown
    return rx.cond(
        (length(shown.problems) > 0) | (length(shown.gaps) > 0),
        rx.el.ul(
            rx.foreach(shown.problems, _problem),
            rx.foreach(
                shown.gaps,
                lambda gap: rx.el.li(
                    rx.icon("users", size=15, color="var(--gray-10)", aria_hidden=True),
                    rx.text(gap, size="2"),
                ),
            ),
            id="problems",
            class_name="problems",
            aria_live="polite",
            aria_label="Problems",
        ),
    )


def _problem(problem: ProblemLine) -> rx.Component:
    return rx.el.li(
        rx.cond(
            problem.error,
            rx.icon("circle-x", size=15, color="var(--red-10)", aria_label="Error"),
            rx.icon("triangle-alert", size=15, color="var(--amber-10)", aria_label="Warning"),
        ),
        rx.text(
            JumpTo.create(
                problem.field.capitalize(),
                rx.cond(problem.line > 0, rx.fragment(", line ", problem.line), ""),
                field=problem.field,
                line=problem.line,
            ),
            ": ",
            problem.message,
            size="2",
        ),
    )


def _preview() -> rx.Component:
    shown = EmailState.shown
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
            rx.segmented_control.root(
                rx.segmented_control.item(
                    rx.icon("monitor", size=15, aria_label="Desktop"), value="desktop"
                ),
                rx.segmented_control.item(
                    rx.icon("smartphone", size=15, aria_label="Phone"), value="phone"
                ),
                value=rx.cond(EmailState.phone, "phone", "desktop"),
                on_change=EmailState.set_phone,
                size="1",
                aria_label="Width",
            ),
            spacing="3",
            align="center",
            wrap="wrap",
        ),
        rx.cond(EmailState.viewed > 0, _viewing()),
        rx.cond(shown.refused != "", ui.callout(shown.refused, "user-x", "amber", "status")),
        _inbox_row(),
        rx.tabs.root(
            rx.tabs.list(
                rx.tabs.trigger("Email", value="html"),
                rx.tabs.trigger("Plain text", value="text"),
                size="1",
            ),
            rx.tabs.content(
                rx.box(
                    EmailFrame.create(
                        html=shown.html,
                        title="Preview of the email",
                        width=rx.cond(EmailState.phone, "375px", "100%"),
                        height="1200px",
                    ),
                    class_name="preview-window",
                    tab_index=0,
                ),
                value="html",
            ),
            rx.tabs.content(rx.el.pre(shown.text, class_name="plain-text"), value="text"),
            default_value="html",
        ),
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


def _inbox_row() -> rx.Component:
    """Subject and preheader as an inbox lists them."""
    shown = EmailState.shown
    return rx.flex(
        rx.avatar(fallback=AppState.program[:1], size="2", radius="full"),
        rx.box(
            rx.text(AppState.program, size="2", weight="medium", class_name="truncate"),
            rx.text(
                rx.text.span(rx.cond(shown.subject != "", shown.subject, "No subject yet")),
                rx.text.span(" – ", shown.preheader, color_scheme="gray"),
                size="2",
                class_name="truncate",
            ),
            min_width="0",
        ),
        spacing="3",
        align="center",
        class_name="inbox-row",
        aria_label="In the inbox",
    )
