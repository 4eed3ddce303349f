"""The keys of the REST API, in the settings."""

import reflex as rx

from rxapp.components import dialogs, ui
from rxapp.components.custom import Tick
from rxapp.components.vars import length
from rxapp.state.settings_keys import KeyRow, KeysState

# What a role lets a program do, in the words of the list and of the choice.
MAY = {
    "viewer": "Read everything",
    "editor": "Change partners, assign tags",
    "admin": "Everything",
}


def api_keys() -> rx.Component:
    """The keys there are, and the dialog that makes one."""
    return rx.flex(_good(), _ended(), direction="column", spacing="4")


def _good() -> rx.Component:
    return ui.section(
        "API keys",
        rx.text(
            "A key lets another program do over the REST API what its role allows, and never more "
            "than its owner may do now. ",
            rx.link("Try the calls", href="/api/docs", is_external=True),
            size="2",
            color_scheme="gray",
            margin_bottom="var(--space-3)",
        ),
        Tick.create(every=20, on_tick=KeysState.refresh),
        rx.box(
            ui.table(
                ["Name", "Key", "May", "Owner", "Created", "Last used", ""],
                rx.foreach(KeysState.keys, _key),
                loading=KeysState.loading,
                is_empty=length(KeysState.keys) == 0,
                skeleton_rows=2,
                empty=ui.empty_state(
                    "key-round",
                    "No keys yet",
                    "Make one for each program that is to assign tags or read the history.",
                ),
            ),
            class_name="stacking",
        ),
        _key_dialog(),
        actions=[
            rx.button(
                rx.icon("plus", size=15),
                "New key",
                variant="soft",
                on_click=KeysState.set_naming(True),
            )
        ],
    )


def _ended() -> rx.Component:
    return rx.cond(
        length(KeysState.revoked) != 0,
        ui.section(
            "Revoked",
            rx.box(
                ui.table(
                    ["Name", "Key", "May", "Last used", "Revoked"],
                    rx.foreach(KeysState.revoked, _ended_key),
                    loading=KeysState.loading,
                    is_empty=False,
                    empty=rx.fragment(),
                ),
                class_name="stacking",
            ),
        ),
    )


def _ended_key(key: KeyRow) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(key.name),
        rx.table.cell(rx.code(key.prefix, "…", size="1", color_scheme="gray")),
        rx.table.cell(_may(key.role), custom_attrs={"data-label": "May"}),
        rx.table.cell(
            rx.cond(key.used != "", ui.when(key.used), "never"),
            custom_attrs={"data-label": "Last used"},
        ),
        rx.table.cell(ui.when(key.revoked), custom_attrs={"data-label": "Revoked"}),
        align="center",
    )


def _may(role: str) -> rx.Component:
    return rx.match(role, *MAY.items(), role)


def _may_now(key: KeyRow) -> rx.Component:
    """What it may do, and why that is less than it was made for."""
    return rx.match(
        key.may,
        # Reflex takes no words beside components as the cases of one match.
        (key.role, rx.fragment(_may(key.role))),
        ("", rx.badge("Stopped: its owner is deactivated", color_scheme="red")),
        rx.fragment(
            _may(key.may), " ", rx.badge("its owner may do no more now", color_scheme="amber")
        ),
    )


def _key(key: KeyRow) -> rx.Component:
    return rx.table.row(
        rx.table.row_header_cell(key.name),
        rx.table.cell(rx.code(key.prefix, "…", size="1")),
        rx.table.cell(_may_now(key), custom_attrs={"data-label": "May"}),
        rx.table.cell(
            rx.cond(key.owner != "", key.owner, "the program"),
            custom_attrs={"data-label": "Owner"},
        ),
        rx.table.cell(ui.when(key.created), custom_attrs={"data-label": "Created"}),
        rx.table.cell(
            rx.cond(key.used != "", ui.when(key.used), "never"),
            custom_attrs={"data-label": "Last used"},
        ),
        rx.table.cell(
            ui.confirm_dialog(
                rx.button("Revoke", variant="ghost", color_scheme="red", size="1"),
                title=f"Revoke “{key.name}”?",
                text=rx.fragment(
                    "Programs that use it are turned away from now on. ",
                    rx.cond(
                        key.used != "",
                        rx.fragment("It was last used ", ui.when(key.used), ". "),
                        "It was never used. ",
                    ),
                    "This cannot be undone.",
                ),
                confirm="Revoke key",
                on_confirm=KeysState.revoke(key.id),
            ),
            text_align="right",
        ),
        align="center",
    )


def _key_dialog() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(
                rx.cond(KeysState.new_key == "", "New API key", "Copy the key now"), size="4"
            ),
            rx.cond(KeysState.new_key == "", _key_form(), _shown_key()),
            max_width="460px",
            aria_describedby="",
        ),
        open=KeysState.naming,
        on_open_change=KeysState.set_naming,
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
                        *(
                            rx.select.item(f"{what} ({role})", value=role)
                            for role, what in MAY.items()
                        ),
                    ),
                    name="key_role",
                    default_value="editor",
                ),
            ),
            dialogs.buttons(rx.button("Create key", type="submit")),
            direction="column",
            spacing="4",
        ),
        on_submit=KeysState.create,
        reset_on_submit=False,
    )


def _shown_key() -> rx.Component:
    return rx.flex(
        rx.text("It is shown this once and cannot be read again.", size="2"),
        rx.flex(
            rx.code(KeysState.new_key, size="2", class_name="breakable", id="new-key"),
            rx.icon_button(
                rx.icon("copy", size=15),
                variant="soft",
                aria_label="Copy key",
                on_click=[
                    rx.set_clipboard(KeysState.new_key),
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
