"""The tags there are, and what each is used for."""

import reflex as rx

from rxapp import routes
from rxapp.components import forms, tag, ui
from rxapp.components.layout import page
from rxapp.components.search import Search
from rxapp.state.base import AppState
from rxapp.state.tags import COLORS, TagLine, TagsState


@page(routes.TAGS, "Tags", on_load=TagsState.load)
def tags() -> rx.Component:
    """Every tag, with its dialogs."""
    return rx.fragment(
        ui.page_header(
            "Tags",
            "Assigning a tag to a partner is what sets an automation off.",
            rx.cond(AppState.can_edit, _new_button()),
        ),
        rx.flex(_filters(), _table(), direction="column", spacing="4"),
        _edit_dialog(),
        _delete_dialog(),
    )


def _new_button() -> rx.Component:
    return rx.button(rx.icon("plus", size=16), "New tag", on_click=TagsState.new)


def _filters() -> rx.Component:
    return rx.flex(
        Search.create(
            value=TagsState.filters["q"],
            label="Search tags",
            width="240px",
            on_search=TagsState.search,
        ),
        rx.segmented_control.root(
            rx.segmented_control.item("In use", value="active"),
            rx.segmented_control.item("Archived", value="archived"),
            value=rx.cond(TagsState.filters["archived"] != "", "archived", "active"),
            on_change=TagsState.show_archived,
            aria_label="Which tags",
        ),
        spacing="3",
        wrap="wrap",
        align="center",
        role="search",
    )


def _table() -> rx.Component:
    return ui.table(
        [
            "Tag",
            "Partners",
            "Automations",
            "Last assigned",
            rx.el.span("Actions", class_name="unseen"),
        ],
        rx.foreach(TagsState.rows, _row),
        loading=TagsState.loading,
        is_empty=TagsState.nothing,
        empty=rx.cond(
            TagsState.filters["q"] != "",
            ui.empty_state("search", "No tag matches", "No tag is called anything like that."),
            rx.cond(
                TagsState.filters["archived"] != "",
                ui.empty_state(
                    "archive",
                    "No archived tags",
                    "Tags that are no longer given to anybody can be archived. "
                    "Partners who have them keep them.",
                ),
                ui.empty_state(
                    "tags",
                    "No tags yet",
                    "Make one for each moment that deserves an email: “vip”, “first sale”, …",
                    rx.cond(AppState.can_edit, _new_button()),
                ),
            ),
        ),
    )


def _row(row: TagLine) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(
            tag.chip(row.name, row.color, size="2"),
            rx.cond(
                row.description != "",
                rx.text(row.description, size="1", color_scheme="gray", margin_top="4px"),
            ),
            max_width="360px",
        ),
        rx.table.cell(
            _count(row.partners, f"{routes.PARTNERS}?tag={row.id}", "partners who have it")
        ),
        rx.table.cell(
            _count(row.automations, f"{routes.AUTOMATIONS}?tag={row.id}", "automations that use it")
        ),
        rx.table.cell(
            rx.text(ui.when(row.assigned_at), size="2", color_scheme="gray", white_space="nowrap")
        ),
        rx.table.cell(rx.cond(AppState.can_edit, _menu(row)), text_align="right"),
        align="center",
    )


def _count(number: int, href: str, what: str) -> rx.Component:
    return rx.cond(
        number > 0,
        rx.link(f"{number}", href=href, size="2", aria_label=f"{number} {what}"),
        rx.text("0", size="2", color_scheme="gray"),
    )


def _menu(row: TagLine) -> rx.Component:
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.icon_button(
                rx.icon("ellipsis", size=16),
                variant="ghost",
                color_scheme="gray",
                aria_label=f"Actions for the tag {row.name}",
            )
        ),
        rx.dropdown_menu.content(
            rx.dropdown_menu.item("Edit", on_click=TagsState.edit(row.id)),
            rx.cond(
                row.archived,
                rx.dropdown_menu.item("Restore", on_click=TagsState.restore(row.id)),
                rx.dropdown_menu.item("Archive", on_click=TagsState.archive(row.id)),
            ),
            rx.dropdown_menu.separator(),
            rx.dropdown_menu.item(
                "Delete…", color_scheme="red", on_click=TagsState.ask_delete(row.id)
            ),
            align="end",
        ),
    )


def _edit_dialog() -> rx.Component:
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


def _delete_dialog() -> rx.Component:
    one = TagsState.tag
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title(f"Delete “{one.name}”?", size="4"),
            rx.alert_dialog.description(
                rx.cond(
                    TagsState.refusal != "",
                    TagsState.refusal,
                    "Only a tag that was never used can be deleted. This cannot be undone.",
                ),
                size="2",
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
