"""What the list of partners is narrowed by: words, tags, status, consent, deliverability."""

import reflex as rx

from rxapp.components import filters as narrowing
from rxapp.components import tag
from rxapp.components.custom import Picker
from rxapp.components.partner import CONSENTS, DELIVERABILITIES, STATUSES
from rxapp.components.search import Search
from rxapp.components.vars import length
from rxapp.state.partners import Chip, PartnersState, TagGroup


def filters() -> rx.Component:
    """The row over the list, and below it the tags that are asked for."""
    return rx.flex(
        rx.flex(
            Search.create(
                value=PartnersState.filters["q"],
                label="Search name, address, company or key",
                width="320px",
                on_search=PartnersState.search,
            ),
            _tags(),
            _one_of("status", "Status", STATUSES),
            _one_of("consent", "Consent", CONSENTS),
            _one_of("mail", "Delivery", DELIVERABILITIES),
            narrowing.clear_button(PartnersState),
            spacing="3",
            wrap="wrap",
            align="center",
        ),
        rx.cond(
            PartnersState.tags_asked > 0,
            rx.flex(
                rx.foreach(PartnersState.tag_groups, _asked_group),
                spacing="4",
                wrap="wrap",
                align="center",
            ),
        ),
        direction="column",
        spacing="3",
        role="search",
        aria_label="Filter partners",
    )


def _one_of(name: str, label: str, words: dict[str, tuple[str, str]]) -> rx.Component:
    named = {one: word for one, (word, _) in words.items()}
    return narrowing.one_of(
        PartnersState, name, label, {narrowing.ANY: f"Any {label.lower()}", **named}
    )


def _tags() -> rx.Component:
    return rx.popover.root(
        rx.popover.trigger(
            rx.button(
                rx.icon("tag", size=15),
                rx.cond(
                    PartnersState.tags_asked > 0, f"Tags: {PartnersState.tags_asked}", "Any tags"
                ),
                variant="surface",
                color_scheme="gray",
                aria_label="Filter by tags",
            )
        ),
        rx.popover.content(
            rx.flex(rx.foreach(PartnersState.tag_groups, _group), direction="column", spacing="4"),
            aria_label="Filter by tags",
            width="300px",
        ),
    )


def _group(group: TagGroup) -> rx.Component:
    """Where tags of one kind are picked; the popover stays open for the next."""
    return rx.flex(
        rx.text("Has ", group.words.lower(), size="2", weight="medium"),
        Picker.create(
            options=PartnersState.tags,
            value="",
            label=f"Has {group.words.lower()}",
            placeholder="Pick a tag",
            empty="No tag is called that.",
            on_pick=lambda value: PartnersState.ask_tag(group.name, value),
        ),
        rx.cond(
            length(group.tags) > 0,
            rx.flex(
                rx.foreach(group.tags, lambda chip: _asked(group, chip)), spacing="1", wrap="wrap"
            ),
        ),
        direction="column",
        spacing="2",
    )


def _asked_group(group: TagGroup) -> rx.Component:
    return rx.cond(
        length(group.tags) > 0,
        rx.flex(
            rx.text(group.words, size="2", color_scheme="gray"),
            rx.foreach(group.tags, lambda chip: _asked(group, chip)),
            spacing="2",
            wrap="wrap",
            align="center",
        ),
    )


def _asked(group: TagGroup, chip: Chip) -> rx.Component:
    drop = rx.el.button(
        rx.icon("x", size=13),
        type="button",
        aria_label=f"No longer ask for {group.words.lower()} {chip.name}",
        on_click=PartnersState.drop_tag(group.name, chip.id),
        class_name="chip-button",
    )
    return tag.removable(chip.name, chip.color, drop, True)
