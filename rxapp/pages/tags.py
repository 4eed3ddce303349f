"""The tags there are, and what each is used for."""

import reflex as rx

from rxapp import routes
from rxapp.components import tag, ui
from rxapp.components.custom import Tick
from rxapp.components.layout import page
from rxapp.components.search import Search
from rxapp.components.tag_dialogs import delete_dialog, edit_dialog, merge_dialog
from rxapp.state.base import AppState
from rxapp.state.tag_merge import TagMergeState
from rxapp.state.tags import TagLine, TagsState


@page(routes.TAGS, "Tags", on_load=TagsState.load)
def tags() -> rx.Component:
    """Every tag, with its dialogs."""
    return rx.fragment(
        Tick.create(every=5, on_tick=TagsState.refresh),
        ui.page_header(
            "Tags",
            "Assigning a tag to a partner is what sets an automation off.",
            rx.cond(AppState.can_edit, _new_button()),
        ),
        rx.flex(
            _filters(),
            rx.box(_table(), class_name="stacking tags-table"),
            _pager(),
            direction="column",
            spacing="4",
        ),
        rx.cond(AppState.can_edit, rx.fragment(edit_dialog(), delete_dialog())),
        rx.cond(AppState.is_admin, merge_dialog()),
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
            _sorted("Tag", "name"),
            _sorted("Partners", "partners"),
            "Automations",
            _sorted("Last assigned", "assigned"),
            rx.el.span("Actions", class_name="unseen"),
        ],
        rx.foreach(TagsState.rows, _row),
        loading=TagsState.loading,
        is_empty=TagsState.nothing,
        empty=rx.cond(
            TagsState.filters["q"] != "",
            ui.empty_state(
                "search",
                "No tag matches",
                "No tag is called anything like that.",
                rx.button("Show all tags", variant="soft", on_click=TagsState.clear),
            ),
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


def _sorted(label: str, column: str) -> rx.Component:
    sort = rx.cond(TagsState.filters["sort"] != "", TagsState.filters["sort"], "name")
    return rx.el.button(
        label,
        rx.match(
            sort,
            (column, rx.icon("arrow-up", size=13, aria_label="ascending")),
            (f"-{column}", rx.icon("arrow-down", size=13, aria_label="descending")),
            rx.fragment(),
        ),
        type="button",
        on_click=TagsState.sort_by(column),
        class_name="sorting",
    )


def _pager() -> rx.Component:
    return rx.cond(
        TagsState.has_previous | TagsState.has_next,
        ui.pager(
            TagsState.shown,
            on_previous=TagsState.turn(-1),
            on_next=TagsState.turn(1),
            has_previous=TagsState.has_previous,
            has_next=TagsState.has_next,
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
        rx.table.cell(_automations(row)),
        rx.table.cell(
            rx.text(
                _phone("Last assigned "),
                ui.when(row.assigned_at),
                size="2",
                color_scheme="gray",
                white_space="nowrap",
            )
        ),
        rx.table.cell(
            rx.cond(AppState.can_edit, _menu(row)), text_align="right", class_name="corner"
        ),
        align="center",
    )


def _count(number: int, href: str, what: str) -> rx.Component:
    return rx.cond(
        number > 0,
        rx.link(
            f"{number}", _phone(" partners"), href=href, size="2", aria_label=f"{number} {what}"
        ),
        rx.text("0", _phone(" partners"), size="2", color_scheme="gray"),
    )


def _automations(row: TagLine) -> rx.Component:
    """How many automations it sets off, and how many add or remove it."""
    return rx.cond(
        row.starts + row.sets > 0,
        rx.link(
            _phone("Automations: "),
            rx.cond(row.starts > 0, f"starts {row.starts}", ""),
            rx.cond((row.starts > 0) & (row.sets > 0), " · ", ""),
            rx.cond(row.sets > 0, f"set by {row.sets}", ""),
            href=f"{routes.AUTOMATIONS}?tag={row.id}",
            size="2",
            white_space="nowrap",
        ),
        rx.text(_phone("Automations: "), "none", size="2", color_scheme="gray"),
    )


def _phone(words: str) -> rx.Component:
    """What the column's heading says, where a phone has no columns."""
    return rx.el.span(words, class_name="on-phone")


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
            rx.cond(
                AppState.is_admin,
                rx.dropdown_menu.item(
                    "Merge into another tag…", on_click=TagMergeState.open(row.id)
                ),
            ),
            rx.dropdown_menu.separator(),
            rx.dropdown_menu.item(
                "Delete…", color_scheme="red", on_click=TagsState.ask_delete(row.id)
            ),
            align="end",
        ),
    )
