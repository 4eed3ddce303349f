"""The dialogs about one tag: changing it, deleting it, merging it into another one."""

import reflex as rx

from rxapp.components import dialogs, forms, tag, ui
from rxapp.components.custom import Picker
from rxapp.components.foreseen import consequences
from rxapp.components.vars import length
from rxapp.state.tag_merge import TagMergeState
from rxapp.state.tags import COLORS, TagsState, UserLine


def edit_dialog() -> rx.Component:
    """A new tag, or one that is changed."""
    one = TagsState.tag
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(rx.cond(one.id, "Edit tag", "New tag"), size="4"),
            rx.form(
                rx.flex(
                    forms.line("Name", "name", one.name, auto_focus=True),
                    tag.swatches(COLORS, one.color),
                    ui.field(
                        "Description",
                        "description",
                        rx.text_area(
                            name="description",
                            id="description",
                            default_value=one.description,
                            max_length=500,
                            rows="2",
                        ),
                        hint="For your colleagues: when to give it to somebody.",
                    ),
                    forms.buttons(rx.cond(one.id, "Save tag", "Create tag")),
                    direction="column",
                    spacing="4",
                ),
                on_submit=TagsState.save,
            ),
            max_width="440px",
            aria_describedby="",
        ),
        open=TagsState.editing,
        on_open_change=TagsState.set_editing,
    )


def delete_dialog() -> rx.Component:
    """Asks before deleting; where something uses the tag, says what, and offers to archive it."""
    one = TagsState.tag
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title(f"Delete “{one.name}”?", size="4"),
            rx.alert_dialog.description(
                rx.cond(
                    TagsState.refusal != "",
                    TagsState.refusal,
                    "Nothing uses this tag, and nobody ever had it. This cannot be undone.",
                ),
                size="2",
            ),
            rx.cond(
                length(TagsState.users) > 0,
                rx.el.ul(rx.foreach(TagsState.users, _user), class_name="users"),
            ),
            rx.flex(
                rx.alert_dialog.cancel(rx.button("Cancel", variant="soft", color_scheme="gray")),
                rx.cond(
                    TagsState.refusal == "",
                    rx.button("Delete tag", color_scheme="red", on_click=TagsState.delete),
                    rx.cond(
                        ~one.archived,
                        rx.button("Archive instead", on_click=TagsState.archive(one.id)),
                    ),
                ),
                spacing="3",
                justify="end",
                margin_top="var(--space-4)",
                wrap="wrap",
            ),
            max_width="440px",
        ),
        open=TagsState.deleting,
        on_open_change=TagsState.set_deleting,
    )


def _user(user: UserLine) -> rx.Component:
    return rx.el.li(rx.link(user.words, href=user.href, size="2", class_name="breakable"))


def merge_dialog() -> rx.Component:
    """Which tag stays, and what merging into it does."""
    state = TagMergeState
    picker = Picker.create(
        id="merge_into",
        options=state.tags,
        value=state.into,
        placeholder="Find a tag",
        empty="No tag is called like this.",
        on_pick=state.pick,
    )
    return dialogs.decision(
        f"Merge “{state.name}” into another tag",
        ui.field("The tag that stays", "merge_into", picker),
        ui.error_callout(state.refusal),
        rx.cond(state.answer.headline != "", consequences(state.answer)),
        dialogs.buttons(rx.button("Merge tags", disabled=~state.ready, on_click=state.merge)),
        opened=state.opened,
        on_open_change=state.set_opened,
        about="For two tags that mean the same. Partners, and automations, go on with the one "
        "that stays.",
    )
