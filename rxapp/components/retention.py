"""How long the app keeps what emails said."""

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


def retention() -> rx.Component:
    """The choice, and the question before anything is forgotten."""
    return ui.section(
        "What emails said",
        rx.flex(
            rx.text(
                "The log keeps each email as it was sent. After this time its text is erased; who "
                "got which email, when, and what became of it stays.",
                size="2",
                flex="1 1 320px",
            ),
            rx.select.root(
                rx.select.trigger(aria_label="Keep what emails said"),
                rx.select.content(*(rx.select.item(words, value=one) for one, words in TIMES)),
                value=RetentionState.days,
                on_change=RetentionState.choose,
            ),
            justify="between",
            align="center",
            spacing="4",
            wrap="wrap",
        ),
        dialogs.question(
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
        ),
    )
