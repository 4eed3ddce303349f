"""The automation builder: when, then, and then; and what follows from it."""

from typing import Any

import reflex as rx

from rxapp import routes
from rxapp.components import dialogs, ui
from rxapp.components.automation import existing_answer, existing_choice, sentence
from rxapp.components.automation_clash import clash
from rxapp.components.automation_step import problem, step_card
from rxapp.components.custom import LeaveGuard, Picker
from rxapp.components.email_editor import email_editor
from rxapp.components.layout import page
from rxapp.components.links import link_button
from rxapp.components.try_it import try_button, try_dialog
from rxapp.components.vars import length
from rxapp.state.automation import TRIGGER, AutomationState
from rxapp.state.base import AppState
from rxapp.state.email import EmailState
from rxapp.state.email_draft import FORM
from rxapp.state.existing import ExistingState

ACTIONS = (
    ("send_email", "mail", "Send email", "Pick an email, or write a new one."),
    ("add_tag", "tag", "Add tag", "Also gives the partner another tag."),
    ("remove_tag", "eraser", "Remove tag", "Takes a tag off the partner."),
)


@page(
    routes.NEW_AUTOMATION,
    "Create automation",
    section=routes.AUTOMATIONS,
    on_load=AutomationState.load,
)
def new_automation() -> rx.Component:
    """A new automation."""
    return _builder("Create automation", "Create")


@page(
    routes.EDIT_AUTOMATION,
    "Edit automation",
    section=routes.AUTOMATIONS,
    on_load=AutomationState.load,
)
def edit_automation() -> rx.Component:
    """An automation that is there."""
    return rx.cond(
        AutomationState.missing,
        rx.card(
            ui.empty_state(
                "workflow",
                "There is no such automation",
                "It may have been deleted.",
                link_button("All automations", href=routes.AUTOMATIONS),
            )
        ),
        _builder("Edit automation", "Save"),
    )


def _builder(title: str, done: str) -> rx.Component:
    return rx.fragment(
        LeaveGuard.create(
            dirty=AutomationState.dirty | ((AutomationState.writing > 0) & EmailState.dirty),
            form=FORM,
            what="changes to this automation",
        ),
        ui.page_header(
            title,
            rx.link("Automations", href=routes.AUTOMATIONS, size="2"),
            rx.cond(AppState.is_admin, try_button(AutomationState.try_it)),
        ),
        rx.cond(
            AutomationState.loading,
            rx.skeleton(height="320px"),
            rx.box(
                rx.flex(_when(), _then(), direction="column", spacing="4", min_width="0"),
                _summary(done),
                class_name="builder",
                key=f"{AutomationState.revision}",
            ),
        ),
        _email_dialog(),
        try_dialog(),
        clash(),
        dialogs.question(
            opened=AutomationState.discarding,
            on_open_change=AutomationState.set_discarding,
            title="Discard this email?",
            text="What you wrote has not been saved. The automation keeps what you entered.",
            confirm="Discard email",
            on_confirm=AutomationState.discard_email,
        ),
    )


def _when() -> rx.Component:
    return ui.section(
        "When",
        rx.flex(
            rx.box(
                rx.text("Trigger", class_name="field-label", id="trigger-label"),
                rx.box(
                    _choice(
                        "tag",
                        "Tag is assigned to partner",
                        "By hand, in bulk, through the API, by an import or another automation.",
                        AutomationState.trigger == TRIGGER,
                        AutomationState.choose_trigger(TRIGGER),
                    ),
                    role="radiogroup",
                    aria_labelledby="trigger-label",
                    class_name="choices",
                ),
                problem("trigger"),
            ),
            rx.cond(
                AutomationState.trigger != "",
                ui.field(
                    "Tag",
                    "tag_id",
                    Picker.create(
                        id="tag_id",
                        options=AutomationState.choices.tags,
                        value=AutomationState.tag,
                        placeholder="Choose the tag",
                        create_label="Create tag",
                        empty="No tag is called like this.",
                        disabled=~AppState.is_admin,
                        on_pick=AutomationState.pick_tag,
                        on_create=AutomationState.create_tag,
                    ),
                    hint="Type a name that is not there to create the tag.",
                ),
            ),
            direction="column",
            spacing="4",
        ),
    )


def _then() -> rx.Component:
    return rx.cond(
        (AutomationState.tag != "") | (length(AutomationState.steps) > 0),
        ui.section(
            "Then",
            rx.flex(
                rx.foreach(AutomationState.steps, step_card),
                rx.cond(
                    length(AutomationState.steps) == 0,
                    rx.box(
                        rx.text("Action", class_name="field-label"),
                        rx.box(*(_action(*one) for one in ACTIONS), class_name="choices"),
                    ),
                    rx.cond(AppState.is_admin, _more()),
                ),
                problem("actions"),
                direction="column",
                spacing="3",
            ),
        ),
    )


def _action(kind: str, icon: str, name: str, about: str) -> rx.Component:
    return _choice(icon, name, about, None, AutomationState.add_step(kind))


def _more() -> rx.Component:
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.button(
                rx.icon("plus", size=15),
                "Add another action",
                variant="soft",
                color_scheme="gray",
                align_self="flex-start",
            )
        ),
        rx.dropdown_menu.content(
            *(
                rx.dropdown_menu.item(
                    rx.icon(icon, size=15), name, on_click=AutomationState.add_step(kind)
                )
                for kind, icon, name, _ in ACTIONS
            )
        ),
    )


def _choice(icon: str, name: str, about: str, chosen: bool | None, on_click: Any) -> rx.Component:
    """A card to choose; one of several that exclude each other when `chosen` is given."""
    radio = (
        {}
        if chosen is None
        else {"role": "radio", "aria-checked": rx.cond(chosen, "true", "false")}
    )
    return rx.el.button(
        rx.icon(icon, size=18, aria_hidden=True),
        rx.box(
            rx.text(name, size="2", weight="medium"),
            rx.text(about, size="1", color_scheme="gray"),
        ),
        type="button",
        disabled=~AppState.is_admin,
        on_click=on_click,
        custom_attrs=radio,
        class_name="choice card-choice",
    )


def _summary(done: str) -> rx.Component:
    return rx.box(
        rx.heading("In words", as_="h2", size="3", weight="medium"),
        rx.cond(
            AutomationState.tag_name != "",
            sentence(AutomationState.tag_name, AutomationState.tag_color, AutomationState.said),
            rx.text(
                "Choose what sets it off, the tag, and what happens then.",
                size="2",
                color_scheme="gray",
            ),
        ),
        rx.foreach(
            AutomationState.notes,
            lambda note: ui.callout(note, "triangle-alert", "amber", "status"),
        ),
        rx.cond(AutomationState.tag_name != "", _affected()),
        ui.field(
            "Name",
            # Not “name”: the email editor's dialog has that field.
            "automation_name",
            rx.input(
                id="automation_name",
                max_length=120,
                default_value=AutomationState.name,
                placeholder="After what it does",
                read_only=~AppState.is_admin,
                on_blur=AutomationState.set_name,
            ),
            hint="The history calls it by this name.",
        ),
        rx.cond(
            AppState.is_admin,
            rx.flex(
                link_button(
                    "Cancel",
                    href=routes.AUTOMATIONS,
                    variant="soft",
                    color_scheme="gray",
                    size="3",
                ),
                rx.button(
                    rx.cond(
                        ExistingState.include & (ExistingState.answer.emails > 0),
                        f"{done} and {ExistingState.answer.verb} {ExistingState.answer.written}",
                        done,
                    ),
                    on_click=AutomationState.save,
                    disabled=~ExistingState.ready,
                    size="3",
                    flex="1",
                ),
                spacing="3",
            ),
        ),
        class_name="builder-summary",
    )


def _affected() -> rx.Component:
    """Who has the tag today; whether they are emailed as well is asked for a new automation."""
    holders = AutomationState.holders
    asks = (AutomationState.number == 0) & AppState.is_admin
    return rx.cond(
        holders == 0,
        rx.text("Nobody has this tag yet: nobody is emailed now.", size="2", color_scheme="gray"),
        rx.flex(
            rx.heading("Today", as_="h2", size="3", weight="medium"),
            rx.text(
                ExistingState.whom,
                rx.cond(holders == 1, " has this tag already. ", " have this tag already. "),
                AutomationState.reach,
                " ",
                rx.cond(
                    asks,
                    "Also email them?",
                    "They are not emailed: only those who get it from now on.",
                ),
                size="2",
                color_scheme="gray",
            ),
            rx.cond(asks, rx.fragment(existing_choice(), existing_answer())),
            direction="column",
            spacing="2",
        ),
    )


def _email_dialog() -> rx.Component:
    """The email editor, in place: what was entered waits behind it."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.flex(
                rx.dialog.title(
                    rx.cond(EmailState.number > 0, "Edit email", "Create new email"),
                    size="5",
                    margin="0",
                ),
                rx.flex(
                    rx.cond(EmailState.number == 0, _starters()),
                    rx.dialog.close(rx.button("Cancel", variant="soft", color_scheme="gray")),
                    rx.button("Save and use", type="submit", custom_attrs={"form": FORM}),
                    spacing="3",
                    align="center",
                    wrap="wrap",
                ),
                justify="between",
                align="center",
                wrap="wrap",
                spacing="3",
                class_name="wide-dialog-head",
            ),
            email_editor(AutomationState.save_email),
            class_name="wide-dialog",
            aria_describedby="",
        ),
        open=AutomationState.writing > 0,
        on_open_change=AutomationState.set_writing,
    )


def _starters() -> rx.Component:
    return rx.box(
        Picker.create(
            options=AutomationState.choices.starters,
            label="Start from",
            placeholder="Start from a ready-made email",
            on_pick=AutomationState.start_email,
        ),
        width="260px",
    )
