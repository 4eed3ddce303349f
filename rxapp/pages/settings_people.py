"""Settings, people: everybody who works in the app, and the open invitations."""

from typing import Any

import reflex as rx

from rxapp import routes
from rxapp.components import ui
from rxapp.components.people_dialogs import ROLES, people_dialogs
from rxapp.components.settings_frame import settings_page
from rxapp.components.vars import length, negated
from rxapp.state.settings_people import InviteRow, PeopleState, PersonRow


@settings_page(routes.PEOPLE, "People", on_load=PeopleState.load)
def settings_people() -> rx.Component:
    """The list, the invitations, and what each role may do."""
    return rx.flex(
        _people(), _invites(), _roles(), people_dialogs(), direction="column", spacing="4"
    )


def _people() -> rx.Component:
    return ui.section(
        "People",
        rx.box(
            ui.table(
                ["Person", "Role", "Last seen", "Signed in", ""],
                rx.foreach(PeopleState.people, _person),
                loading=PeopleState.loading,
                is_empty=False,
                skeleton_rows=2,
                empty=rx.fragment(),
            ),
            class_name="stacking",
        ),
        actions=[
            rx.button(
                rx.icon("user-plus", size=15),
                "Invite somebody",
                on_click=PeopleState.set_inviting(True),
            )
        ],
    )


def _person(person: PersonRow) -> rx.Component:
    named = rx.cond(person.name != "", person.name, person.email)
    return rx.table.row(
        rx.table.row_header_cell(
            rx.flex(
                rx.text(named, size="2", weight="medium"),
                rx.cond(person.me, rx.badge("You", color_scheme="gray")),
                rx.cond(person.active, rx.fragment(), rx.badge("Deactivated", color_scheme="gray")),
                spacing="2",
                align="center",
            ),
            rx.cond(person.name != "", rx.text(person.email, size="1", color_scheme="gray")),
        ),
        rx.table.cell(
            rx.badge(
                person.role,
                color_scheme=rx.match(person.role, ("admin", "blue"), ("editor", "green"), "gray"),
            )
        ),
        rx.table.cell(
            rx.cond(person.seen != "", ui.when(person.seen), "never"),
            custom_attrs={"data-label": "Last seen"},
        ),
        rx.table.cell(
            rx.cond(person.browsers != "", person.browsers, "no"),
            custom_attrs={"data-label": "Signed in"},
        ),
        rx.table.cell(_menu(person, named), text_align="right", class_name="corner"),
        align="center",
    )


def _menu(person: PersonRow, named: Any) -> rx.Component:
    return rx.dropdown_menu.root(
        rx.dropdown_menu.trigger(
            rx.icon_button(
                rx.icon("ellipsis", size=16),
                variant="ghost",
                color_scheme="gray",
                aria_label=f"Actions for {named}",
            )
        ),
        rx.dropdown_menu.content(
            rx.cond(
                person.active,
                rx.fragment(
                    *(_role_item(person, role) for role in ROLES),
                    rx.dropdown_menu.separator(),
                    _item(person, "reset", "Link for a new password…"),
                    _item(person, "sign_out", "Sign out everywhere…"),
                    rx.dropdown_menu.separator(),
                    _item(
                        person,
                        "deactivate",
                        "Deactivate…",
                        color="red",
                        disabled=person.last_admin,
                    ),
                ),
                _item(person, "activate", "Activate…"),
            ),
            align="end",
        ),
    )


def _role_item(person: PersonRow, role: str) -> rx.Component:
    return rx.cond(
        person.role == role,
        rx.fragment(),
        rx.dropdown_menu.item(
            f"Make {role}…",
            on_select=PeopleState.ask("role", person.id, role),
            disabled=person.last_admin,
        ),
    )


def _item(person: PersonRow, deed: str, label: str, **props: Any) -> rx.Component:
    return rx.dropdown_menu.item(label, on_select=PeopleState.ask(deed, person.id, ""), **props)


def _invites() -> rx.Component:
    return rx.cond(
        length(PeopleState.invites) != 0,
        ui.section(
            "Open invitations",
            rx.box(
                ui.table(
                    ["For", "Role", "Invited by", "Expires", ""],
                    rx.foreach(PeopleState.invites, _invite),
                    loading=PeopleState.loading,
                    is_empty=False,
                    empty=rx.fragment(),
                ),
                class_name="stacking",
            ),
        ),
    )


def _invite(invite: InviteRow) -> rx.Component:
    whom = rx.cond(invite.email != "", invite.email, "whoever has the link")
    return rx.table.row(
        rx.table.row_header_cell(whom),
        rx.table.cell(invite.role, custom_attrs={"data-label": "Role"}),
        rx.table.cell(invite.actor, custom_attrs={"data-label": "Invited by"}),
        rx.table.cell(ui.when(invite.expires, ahead=True), custom_attrs={"data-label": "Expires"}),
        rx.table.cell(
            ui.confirm_dialog(
                rx.button("Withdraw", variant="ghost", color_scheme="red", size="1"),
                title="Withdraw the invitation?",
                text="Its link stops working. You can invite them again.",
                confirm="Withdraw invitation",
                on_confirm=PeopleState.withdraw(invite.id),
            ),
            text_align="right",
        ),
        align="center",
    )


def _roles() -> rx.Component:
    return ui.section(
        "What each role may do",
        rx.el.dl(
            *(
                rx.fragment(rx.el.dt(role.capitalize()), rx.el.dd(what))
                for role, what in ROLES.items()
            ),
            class_name="setting-facts",
        ),
        rx.cond(
            negated(PeopleState.loading),
            rx.text(
                "There is always at least one admin: the last one cannot be demoted or "
                "deactivated.",
                size="1",
                color_scheme="gray",
                margin_top="var(--space-3)",
            ),
        ),
    )
