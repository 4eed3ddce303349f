"""The keys of the REST API, in the settings."""

import reflex as rx

from rxapp.components import ui
from rxapp.components.vars import length
from rxapp.state.settings import KeyRow, SettingsState


def api_keys() -> rx.Component:
    """The keys there are, and the dialog that makes one."""
    return ui.section(
        "API keys",
        ui.table(
            ["Name", "Key", "May", "Created", "Last used", ""],
            rx.foreach(SettingsState.keys, _key),
            loading=SettingsState.loading,
            is_empty=length(SettingsState.keys) == 0,
            skeleton_rows=2,
            empty=ui.empty_state(
                "key-round",
                "No keys yet",
                "A key lets another program assign tags and read the history over the REST API.",
                rx.link("API documentation", href="/api/docs", is_external=True, size="2"),
            ),
        ),
        _key_dialog(),
        actions=[
            rx.button(
                rx.icon("plus", size=15),
                "New key",
                variant="soft",
                on_click=SettingsState.set_naming_key(True),
            )
        ],
    )


def _key(key: KeyRow) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(key.name),
        rx.table.cell(rx.code(key.prefix, "…", size="1")),
        rx.table.cell(key.role),
        rx.table.cell(ui.when(key.created)),
        rx.table.cell(rx.cond(key.used != "", ui.when(key.used), "never")),
        rx.table.cell(
            ui.confirm_dialog(
                rx.button("Revoke", variant="ghost", color_scheme="red", size="1"),
                title=f"Revoke “{key.name}”?",
                text="Programs that use it are turned away from now on. This cannot be undone.",
                confirm="Revoke key",
                on_confirm=SettingsState.revoke_key(key.id),
            ),
            text_align="right",
        ),
        align="center",
    )


def _key_dialog() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(
                rx.cond(SettingsState.new_key == "", "New API key", "Copy the key now"), size="4"
            ),
            rx.cond(SettingsState.new_key == "", _key_form(), _shown_key()),
            max_width="460px",
            aria_describedby="",
        ),
        open=SettingsState.naming_key,
        on_open_change=SettingsState.set_naming_key,
    )


def _key_form() -> rx.Component:
    return rx.form(
        rx.flex(
            ui.field(
                "Name",
                "key_name",
                rx.input(name="key_name", id="key_name", placeholder="CRM", auto_focus=True),
                hint="What uses it. The history names it for everything it does.",
            ),
            ui.field(
                "What it may do",
                "key_role",
                rx.select.root(
                    rx.select.trigger(id="key_role"),
                    rx.select.content(
                        rx.select.item("Read (viewer)", value="viewer"),
                        rx.select.item("Change partners, assign tags (editor)", value="editor"),
                        rx.select.item("Everything (admin)", value="admin"),
                    ),
                    name="key_role",
                    default_value="editor",
                ),
            ),
            rx.flex(
                rx.dialog.close(
                    rx.button("Cancel", type="button", variant="soft", color_scheme="gray")
                ),
                rx.button("Create key", type="submit"),
                spacing="3",
                justify="end",
            ),
            direction="column",
            spacing="4",
        ),
        on_submit=SettingsState.create_key,
        reset_on_submit=False,
    )


def _shown_key() -> rx.Component:
    return rx.flex(
        rx.text("It is shown this once and cannot be read again.", size="2"),
        rx.flex(
            rx.code(SettingsState.new_key, size="2", class_name="breakable", id="new-key"),
            rx.icon_button(
                rx.icon("copy", size=15),
                variant="soft",
                aria_label="Copy key",
                on_click=[
                    rx.set_clipboard(SettingsState.new_key),
                    rx.toast.success("Copied."),
                ],
            ),
            spacing="2",
            align="center",
        ),
        rx.flex(rx.dialog.close(rx.button("Done")), justify="end"),
        direction="column",
        spacing="4",
    )
