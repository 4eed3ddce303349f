"""How long the app keeps what emails said, and how work was done."""

from typing import Any

import reflex as rx

from rxapp.components import dialogs, ui
from rxapp.components.vars import counted
from rxapp.state.settings_retention import RetentionState

# How long, as `domain.settings.KEEP_DAYS` has it.
TIMES = (
    ("0", "For ever"),
    ("730", "2 years"),
    ("365", "1 year"),
    ("90", "90 days"),
    ("30", "30 days"),
)
# As `domain.settings.KEEP_TRACES` has it.
TRACES = tuple(one for one in TIMES if one[0] != "730")


def retention() -> rx.Component:
    """The choices, and the question before anything is forgotten."""
    return rx.fragment(
        ui.section(
            "What emails said",
            _choice(
                "The log keeps each email as it was sent. After this time its text is erased; who "
                "got which email, when, and what became of it stays.",
                "Keep what emails said",
                TIMES,
                RetentionState.days,
                RetentionState.choose,
            ),
        ),
        ui.section(
            "Lists and events",
            _choice(
                "Bulk actions and imports leave a list of whom they were about, and Resend's "
                "events are kept as they came in. After this time both are forgotten; what was "
                "done, and what became of each email, stays.",
                "Keep lists and events",
                TRACES,
                RetentionState.traces,
                RetentionState.choose_traces,
            ),
        ),
        rx.cond(RetentionState.what == "keep_days", _erase(), _forget()),
    )


def _choice(
    text: str, label: str, times: tuple[tuple[str, str], ...], value: Any, on_change: Any
) -> rx.Component:
    return rx.flex(
        rx.text(text, size="2", flex="1 1 320px"),
        rx.select.root(
            rx.select.trigger(aria_label=label),
            rx.select.content(*(rx.select.item(words, value=one) for one, words in times)),
            value=value,
            on_change=on_change,
        ),
        justify="between",
        align="center",
        spacing="4",
        wrap="wrap",
    )


def _erase() -> rx.Component:
    return dialogs.question(
        opened=RetentionState.asking,
        on_open_change=RetentionState.set_asking,
        title="Erase what older emails said?",
        text=rx.fragment(
            "The text of ",
            counted(RetentionState.loses, "email", "emails"),
            " older than ",
            RetentionState.wanted_words,
            " is erased within the hour, and of every other one as it gets that old. This "
            "cannot be undone.",
        ),
        confirm=rx.fragment("Erase ", counted(RetentionState.loses, "email", "emails")),
        on_confirm=RetentionState.confirm,
    )


def _forget() -> rx.Component:
    return dialogs.question(
        opened=RetentionState.asking,
        on_open_change=RetentionState.set_asking,
        title="Forget older lists and events?",
        text=rx.fragment(
            counted(RetentionState.loses, "entry", "entries"),
            " in lists of bulk actions and imports, and ",
            counted(RetentionState.loses_events, "event", "events"),
            " of Resend older than ",
            RetentionState.wanted_words,
            " are forgotten within the hour, and every other one as it gets that old. This cannot "
            "be undone.",
        ),
        confirm="Forget them",
        on_confirm=RetentionState.confirm,
    )
