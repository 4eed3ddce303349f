"""The dialogs about people: inviting, a link shown once, and the question before each change."""

from typing import Any

import reflex as rx

from rxapp.components import dialogs, ui
from rxapp.components.settings_frame import copy_line
from rxapp.state.settings_people import PeopleState

ROLES = {
    "viewer": "Reads everything, changes nothing.",
    "editor": "Changes partners, tags and emails, assigns tags to single partners, sends again.",
    "admin": "Everything: automations, bulk actions, settings, keys and people.",
}


def people_dialogs() -> rx.Component:
    """All of them, closed until the page opens them."""
    return rx.fragment(_invite(), _link(), _question())


def _invite() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Invite somebody", size="4"),
            rx.dialog.description(
                "You get a link to hand over. It works once, within 7 days.", size="2"
            ),
            rx.form(
                rx.flex(
                    ui.field(
                        "Email",
                        "invite_email",
                        rx.input(
                            name="invite_email",
                            id="invite_email",
                            type="email",
                            placeholder="Optional",
                            auto_complete="off",
                            auto_focus=True,
                        ),
                        hint="No email is sent. They can enter another one when they join.",
                    ),
                    ui.field(
                        "Role",
                        "invite_role",
                        rx.radio_group.root(
                            *(_role(role, what) for role, what in ROLES.items()),
                            name="invite_role",
                            id="invite_role",
                            default_value="editor",
                            aria_label="Role",
                        ),
                    ),
                    dialogs.buttons(rx.button("Make link", type="submit")),
                    direction="column",
                    spacing="4",
                    margin_top="var(--space-4)",
                ),
                on_submit=PeopleState.invite,
                reset_on_submit=False,
            ),
            max_width="480px",
        ),
        open=PeopleState.inviting,
        on_open_change=PeopleState.set_inviting,
    )


def _role(role: str, what: str) -> rx.Component:
    return rx.el.label(
        rx.flex(
            rx.radio_group.item(value=role, margin_top="2px"),
            rx.box(
                rx.text(role.capitalize(), size="2", weight="medium"),
                rx.text(what, size="1", color_scheme="gray"),
            ),
            spacing="2",
        )
    )


def _link() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(PeopleState.link_title, size="4"),
            rx.dialog.description(PeopleState.link_text, size="2"),
            rx.box(copy_line(PeopleState.link, "link"), margin="var(--space-4) 0", id="new-link"),
            rx.flex(rx.dialog.close(rx.button("Done")), justify="end"),
            max_width="520px",
        ),
        open=PeopleState.link != "",
        on_open_change=PeopleState.close_link,
    )


def _question() -> rx.Component:
    asked = PeopleState.question
    person = asked.person
    browsers = rx.cond(
        person.browsers != "",
        rx.fragment("They use the app ", person.browsers, " now."),
        "They are signed in nowhere now.",
    )
    return dialogs.question(
        opened=PeopleState.asking,
        on_open_change=PeopleState.set_asking,
        title=_by_deed(
            role=rx.fragment("Make ", person.email, " ", asked.role, "?"),
            reset=rx.fragment("New password for ", person.email, "?"),
            sign_out=rx.fragment("Sign ", person.email, " out everywhere?"),
            deactivate=rx.fragment("Deactivate ", person.email, "?"),
            activate=rx.fragment("Activate ", person.email, "?"),
        ),
        text=_by_deed(
            role=rx.fragment(
                rx.match(asked.role, *ROLES.items(), ""),
                " It holds at once, in every open tab",
                rx.cond(
                    asked.role == "admin",
                    ".",
                    " and for their API keys. Links they made for others stop working, and bulk "
                    "actions they have under way stop where they are.",
                ),
            ),
            reset="You get a link to hand over. Their present password holds until they use it; "
            "then they are signed out everywhere else.",
            sign_out=rx.fragment(browsers, " They can sign in again with their password."),
            deactivate=rx.fragment(
                browsers,
                " They are signed out at once and cannot sign in again; links they made for "
                "others stop working, and so do their API keys until they are activated again. "
                "Bulk actions they have under way stop where they are. What they did stays, and so "
                "does the history.",
            ),
            activate="They can sign in again with the password and the role they had.",
        ),
        confirm=_by_deed(
            role="Change role",
            reset="Make link",
            sign_out="Sign out everywhere",
            deactivate="Deactivate",
            activate="Activate",
        ),
        on_confirm=PeopleState.confirm,
        danger=False,
    )


def _by_deed(**words: Any) -> Any:
    return rx.match(
        PeopleState.question.deed,
        *((deed, rx.fragment(text)) for deed, text in words.items()),
        rx.fragment(),
    )
