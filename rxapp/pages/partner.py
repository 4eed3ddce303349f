"""One partner: details, tags, the email log, and what happened."""

import reflex as rx

from rxapp import routes
from rxapp.components import dialogs, forms, tag, ui
from rxapp.components.custom import Picker, Tick
from rxapp.components.email_log import email_log
from rxapp.components.foreseen import consequences
from rxapp.components.layout import page
from rxapp.components.partner import CONSENTS, DELIVERABILITIES, STATUSES, badge
from rxapp.components.send_drawer import send_drawer
from rxapp.components.vars import length
from rxapp.components.verdict import why_dialog
from rxapp.state.assign import AssignState
from rxapp.state.base import AppState
from rxapp.state.partner import OWN, FieldLine, HeldTag, PartnerState
from rxapp.state.partner_log import Event

PARTNER = PartnerState.partner


@page(routes.PARTNER, "Partner", section=routes.PARTNERS, on_load=PartnerState.load)
def partner() -> rx.Component:
    """A partner, or that there is none."""
    return rx.cond(
        PartnerState.missing,
        rx.card(
            ui.empty_state(
                "users",
                "There is no such partner",
                "The link may be old, or the partner was deleted.",
                rx.link(rx.button("All partners"), href=routes.PARTNERS),
            )
        ),
        rx.fragment(
            Tick.create(
                every=rx.cond(PartnerState.log.moving, 1.0, 5.0), on_tick=PartnerState.refresh
            ),
            _header(),
            rx.box(
                rx.flex(_tags(), email_log(), direction="column", spacing="4", min_width="0"),
                rx.flex(_details(), _activity(), direction="column", spacing="4", min_width="0"),
                class_name="with-aside",
            ),
            _assign_dialog(),
            _edit_dialog(),
            _question(),
            why_dialog(),
            send_drawer(),
        ),
    )


def _header() -> rx.Component:
    return rx.fragment(
        rx.link(
            rx.icon("chevron-left", size=15, aria_hidden=True),
            "Partners",
            href=routes.PARTNERS,
            class_name="back-link",
            size="2",
        ),
        ui.page_header(
            rx.cond(PARTNER.id > 0, PARTNER.name, " "),
            rx.cond(PARTNER.email != PARTNER.name, PARTNER.email, PARTNER.company),
            rx.cond(AppState.can_edit, _actions()),
        ),
        rx.cond(PARTNER.id > 0, _standing()),
    )


def _standing() -> rx.Component:
    """Whether email reaches the partner: what decides it, and what follows of it."""
    return rx.flex(
        rx.flex(
            badge(PARTNER.status, STATUSES),
            badge(PARTNER.consent, CONSENTS),
            badge(PARTNER.deliverability, DELIVERABILITIES),
            spacing="2",
            wrap="wrap",
        ),
        rx.match(
            PARTNER.reached,
            ("none", ui.callout(PARTNER.reach, "mail-x", "red", "status")),
            ("some", ui.callout(PARTNER.reach, "mail-minus", "amber", "status")),
            rx.text(PARTNER.reach, size="2", color_scheme="gray"),
        ),
        direction="column",
        spacing="3",
        class_name="standing",
    )


def _actions() -> rx.Component:
    return rx.fragment(
        rx.button(rx.icon("tag", size=15), "Assign tag", on_click=AssignState.open),
        rx.button("Edit", variant="soft", color_scheme="gray", on_click=PartnerState.edit),
        rx.dropdown_menu.root(
            rx.dropdown_menu.trigger(
                rx.icon_button(
                    rx.icon("ellipsis", size=16),
                    variant="soft",
                    color_scheme="gray",
                    aria_label="More actions",
                )
            ),
            rx.dropdown_menu.content(
                rx.cond(
                    PARTNER.consent == "subscribed",
                    _deed("Unsubscribe…", "unsubscribe"),
                    rx.cond(AppState.is_admin, _deed("Subscribe again…", "resubscribe")),
                ),
                rx.cond(
                    AppState.is_admin & (PARTNER.deliverability != "ok"),
                    _deed("Mail arrives again…", "mark_deliverable"),
                ),
                rx.dropdown_menu.separator(),
                rx.cond(PARTNER.status != "active", _deed("Make active…", "activate")),
                rx.cond(PARTNER.status != "suspended", _deed("Suspend…", "suspend")),
                rx.cond(PARTNER.status != "archived", _deed("Archive…", "archive")),
                rx.cond(
                    PartnerState.is_admin,
                    rx.fragment(
                        rx.dropdown_menu.separator(),
                        _deed("Delete…", "delete", color_scheme="red"),
                    ),
                ),
                align="end",
            ),
        ),
    )


def _deed(label: str, deed: str, **props: str) -> rx.Component:
    return rx.dropdown_menu.item(label, on_click=PartnerState.ask(deed, 0), **props)


def _tags() -> rx.Component:
    return ui.section(
        "Tags",
        rx.cond(
            PartnerState.loading,
            rx.skeleton(height="28px", width="60%"),
            rx.cond(
                length(PARTNER.tags) > 0,
                rx.flex(rx.foreach(PARTNER.tags, _held), spacing="2", wrap="wrap"),
                rx.text("No tags yet.", size="2", color_scheme="gray"),
            ),
        ),
    )


def _held(held: HeldTag) -> rx.Component:
    remove = rx.el.button(
        rx.icon("x", size=13),
        type="button",
        aria_label=f"Remove {held.name}",
        on_click=PartnerState.ask("remove_tag", held.id),
        class_name="chip-button",
    )
    return rx.tooltip(
        tag.removable(held.name, held.color, remove, AppState.can_edit),
        content=f"Assigned {held.how}",
    )


def _details() -> rx.Component:
    return ui.section(
        "Details",
        rx.cond(
            PartnerState.loading,
            rx.skeleton(height="160px", width="100%"),
            rx.fragment(
                rx.data_list.root(
                    _fact("Email", PARTNER.email),
                    _fact("Company", PARTNER.company),
                    _fact("Key", PARTNER.key),
                    rx.foreach(PARTNER.fields, lambda own: _fact(own.name, own.value)),
                    rx.cond(PARTNER.consent_at != "", _moment("Consent", PARTNER.consent_at)),
                    _moment("Added", PARTNER.added_at),
                    size="2",
                ),
            ),
        ),
    )


def _moment(label: str, at: str) -> rx.Component:
    return rx.data_list.item(
        rx.data_list.label(label, min_width="84px"), rx.data_list.value(ui.when(at))
    )


def _fact(label: str, value: str) -> rx.Component:
    return rx.cond(
        value != "",
        rx.data_list.item(
            rx.data_list.label(label, min_width="84px"),
            rx.data_list.value(rx.text(value, size="2", class_name="breakable")),
        ),
    )


def _activity() -> rx.Component:
    activity = PartnerState.activity
    return ui.section(
        "Activity",
        rx.el.ol(rx.foreach(activity.events, _event), class_name="activity"),
        rx.cond(
            activity.has_more,
            rx.button(
                "Show more",
                variant="ghost",
                color_scheme="gray",
                on_click=PartnerState.show_more,
                margin_top="var(--space-3)",
            ),
        ),
    )


def _event(event: Event) -> rx.Component:
    return rx.el.li(
        rx.match(
            event.icon,
            *(
                (name, rx.icon(name, size=14, aria_hidden=True))
                for name in ("tag", "circle-minus", "pencil", "mail-check", "mail-minus", "undo-2")
            ),
            rx.fragment(),
        ),
        rx.box(
            rx.text(event.what, size="2"),
            rx.text(event.how, " · ", ui.when(event.at), size="1", color_scheme="gray"),
            class_name="breakable",
        ),
    )


def _assign_dialog() -> rx.Component:
    state = AssignState
    return dialogs.decision(
        rx.fragment("Assign a tag to ", PARTNER.name),
        Picker.create(
            options=state.tags,
            value=state.tag,
            label="Tag",
            placeholder="Find or create a tag",
            create_label="Create tag",
            on_pick=state.pick,
            on_create=state.pick_new,
        ),
        rx.cond(state.answer.headline != "", consequences(state.answer)),
        dialogs.buttons(
            rx.button(state.answer.confirm, disabled=~state.ready, on_click=state.assign)
        ),
        opened=state.opened,
        on_open_change=state.set_opened,
    )


def _edit_dialog() -> rx.Component:
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Edit partner", size="4"),
            rx.form(
                rx.flex(
                    forms.line("Email", "email", PARTNER.email),
                    _pair(
                        forms.line("First name", "first_name", PARTNER.first_name),
                        forms.line("Last name", "last_name", PARTNER.last_name),
                    ),
                    _pair(
                        forms.line("Company", "company", PARTNER.company),
                        forms.line("Key", "key", PARTNER.key),
                    ),
                    rx.heading("Custom fields", as_="h3", size="2", weight="medium"),
                    rx.text(
                        "Emails can use them, as in {{ partner.referral_link }}.",
                        size="1",
                        color_scheme="gray",
                    ),
                    rx.foreach(PartnerState.own_fields, _own_field),
                    _pair(
                        forms.line("New field", "field_name", placeholder="referral_link"),
                        forms.line("Value", "field_value"),
                    ),
                    ui.error_callout(AppState.errors.get("fields", "")),
                    forms.buttons("Save partner"),
                    direction="column",
                    spacing="4",
                ),
                on_submit=PartnerState.save,
            ),
            max_width="520px",
            aria_describedby="",
        ),
        open=PartnerState.editing,
        on_open_change=PartnerState.set_editing,
    )


def _pair(first: rx.Component, second: rx.Component) -> rx.Component:
    return rx.grid(first, second, columns=rx.breakpoints(initial="1", xs="2"), spacing="4")


def _own_field(own: FieldLine) -> rx.Component:
    name = f"{OWN}{own.name}"
    return ui.field(
        own.name,
        name,
        rx.input(name=name, id=name, default_value=own.value, max_length=1000),
    )


def _question() -> rx.Component:
    """Asks before a deed; one that takes something away stands out."""
    return rx.cond(PartnerState.question.danger, _asked(danger=True), _asked(danger=False))


def _asked(*, danger: bool) -> rx.Component:
    question = PartnerState.question
    return dialogs.question(
        opened=PartnerState.asking,
        on_open_change=PartnerState.set_asking,
        title=question.title,
        text=question.text,
        confirm=question.confirm,
        on_confirm=PartnerState.confirm,
        danger=danger,
    )
