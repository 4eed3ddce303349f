"""Acting on many partners: the bar, the dialog that says what would happen, the progress."""

from typing import Any

import reflex as rx

from rxapp import routes
from rxapp.components import dialogs, ui
from rxapp.components.custom import Picker, Tick
from rxapp.components.foreseen import consequences
from rxapp.components.vars import length, negated
from rxapp.state.bulk import BulkState
from rxapp.state.bulk_status import StatusState
from rxapp.state.jobs import JobsState
from rxapp.state.partners import PartnersState

# What each status means for the partner.
STATUSES = {
    "active": ("Active", "takes part, and is emailed"),
    "suspended": ("Suspended", "for now, no email is sent"),
    "archived": ("Archived", "has left, and no email is sent"),
}


def selection_bar() -> rx.Component:
    """What can be done with the chosen partners; at the lower edge while there are any."""
    return rx.cond(
        PartnersState.chosen_number > 0,
        rx.flex(
            rx.text(
                PartnersState.chosen_words,
                size="2",
                weight="medium",
                white_space="nowrap",
                aria_live="polite",
            ),
            rx.cond(
                PartnersState.page_chosen
                & ~PartnersState.all_chosen
                & (PartnersState.total > PartnersState.chosen_number),
                rx.button(
                    PartnersState.all_words,
                    variant="ghost",
                    on_click=PartnersState.choose_all,
                ),
            ),
            rx.spacer(),
            rx.button(
                rx.icon("tag", size=15), "Assign tag", size="2", on_click=BulkState.open_assign
            ),
            rx.button(
                "Remove tag",
                size="2",
                variant="soft",
                color_scheme="gray",
                on_click=BulkState.open_remove,
            ),
            rx.button(
                "Change status",
                size="2",
                variant="soft",
                color_scheme="gray",
                on_click=StatusState.open,
            ),
            rx.button(
                rx.icon("download", size=15),
                "Export CSV",
                size="2",
                variant="soft",
                color_scheme="gray",
                on_click=PartnersState.export,
            ),
            rx.icon_button(
                rx.icon("x", size=16),
                variant="ghost",
                color_scheme="gray",
                aria_label="Choose nobody",
                on_click=PartnersState.choose_nobody,
            ),
            class_name="selection-bar",
            role="region",
            aria_label="Chosen partners",
        ),
    )


def dialog() -> rx.Component:
    """Which tag, and what assigning or removing it would do."""
    state = BulkState
    verb = rx.cond(state.removing, "Remove a tag from ", "Assign a tag to ")
    return dialogs.decision(
        rx.fragment(verb, state.whom),
        rx.cond(state.removing, _picker_of_removal(), _picker_of_assignment()),
        rx.cond(state.checking, _checking()),
        rx.cond(state.answer.headline != "", consequences(state.answer)),
        rx.cond(state.must_type, number_to_type(state)),
        dialogs.buttons(
            rx.button(state.answer.confirm, disabled=~state.ready, on_click=state.start)
        ),
        opened=state.opened,
        on_open_change=state.set_opened,
    )


def status_dialog() -> rx.Component:
    """Which status, and what it would lead to."""
    state = StatusState
    return dialogs.decision(
        rx.fragment("Change the status of ", state.whom),
        rx.radio_group.root(
            rx.flex(
                *(
                    rx.radio_group.item(f"{word}: {meaning}", value=one)
                    for one, (word, meaning) in STATUSES.items()
                ),
                direction="column",
                spacing="2",
            ),
            value=state.status,
            on_change=state.pick,
            aria_label="Status",
        ),
        rx.cond(state.answer.headline != "", consequences(state.answer)),
        dialogs.buttons(
            rx.button(state.answer.confirm, disabled=state.answer.added == 0, on_click=state.start)
        ),
        opened=state.opened,
        on_open_change=state.set_opened,
    )


def _picker_of_assignment() -> rx.Component:
    return Picker.create(
        options=BulkState.tags,
        value=BulkState.tag,
        label="Tag",
        placeholder="Find or create a tag",
        create_label="Create tag",
        on_pick=BulkState.pick,
        on_create=BulkState.pick_new,
    )


def _picker_of_removal() -> rx.Component:
    return Picker.create(
        options=BulkState.tags,
        value=BulkState.tag,
        label="Tag",
        placeholder="Find a tag",
        on_pick=BulkState.pick,
    )


def _checking() -> rx.Component:
    return rx.flex(
        rx.spinner(size="1"),
        rx.text(
            "Looking at what would happen",
            BulkState.progress,
            "…",
            size="2",
            color_scheme="gray",
        ),
        align="center",
        spacing="2",
        role="status",
    )


def number_to_type(dialog: Any) -> rx.Component:
    """Where the number of emails is typed before so many are sent; `dialog` is its state."""
    return ui.field(
        f"Type {dialog.answer.written} to confirm that so many emails are {dialog.answer.past}",
        "number",
        rx.input(
            id="number",
            value=dialog.typed,
            on_change=dialog.type_number,
            input_mode="numeric",
            auto_complete="off",
        ),
    )


def progress_bar() -> rx.Component:
    """The action under way, with how to undo or stop it."""
    job = JobsState.job
    return rx.cond(
        job.id > 0,
        rx.card(
            rx.cond(
                job.running | (job.undo_seconds > 0),
                Tick.create(every=0.7, on_tick=JobsState.refresh),
            ),
            rx.flex(
                rx.box(
                    rx.text(job.title, size="2", weight="medium"),
                    rx.text(job.words, size="1", color_scheme=rx.cond(job.failed, "red", "gray")),
                    min_width="0",
                    flex="1",
                ),
                rx.cond(
                    job.undo_seconds > 0,
                    rx.button(
                        rx.icon("undo-2", size=15),
                        f"Undo ({job.undo_seconds} s)",
                        variant="soft",
                        on_click=JobsState.undo,
                    ),
                ),
                rx.cond(
                    (length(job.figures) > 0) & negated(JobsState.reported),
                    rx.link("See the report", href=f"{routes.IMPORT}?job={job.id}", size="2"),
                ),
                rx.cond(job.cancelable, _cancel_button()),
                rx.cond(
                    ~job.running,
                    rx.icon_button(
                        rx.icon("x", size=16),
                        variant="ghost",
                        color_scheme="gray",
                        aria_label="Dismiss",
                        on_click=JobsState.dismiss,
                    ),
                ),
                align="center",
                spacing="3",
                wrap="wrap",
            ),
            rx.cond(
                job.running,
                rx.progress(value=job.percent, size="1", margin_top="10px", aria_label=job.title),
            ),
            width="100%",
            role="status",
        ),
    )


def _cancel_button() -> rx.Component:
    return ui.confirm_dialog(
        rx.button("Cancel", variant="soft", color_scheme="red"),
        title="Cancel the rest of this?",
        text="What is done stays done: tags that are on stay on. Emails of this action that have "
        "not left yet are canceled.",
        confirm="Stop the rest",
        on_confirm=JobsState.cancel,
    )
