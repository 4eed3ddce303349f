"""Asks which of two automations is to stay, when somebody else saved while one was edited."""

import reflex as rx

from rxapp.components import dialogs
from rxapp.components.automation import sentence
from rxapp.state.automation import AutomationState
from rxapp.state.automation_clash import ClashStep, Side

# What became of a step, in a word and its colour.
MARKS = {"new": ("New", "green"), "changed": ("Changed", "amber"), "gone": ("Taken away", "red")}


def clash() -> rx.Component:
    """Both side by side, what each changed marked, and what can be done about it."""
    found = AutomationState.clash
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(
                rx.cond(
                    found.version > 0,
                    "Somebody else changed this automation",
                    "Somebody else deleted this automation",
                ),
                size="4",
            ),
            rx.dialog.description(
                found.author,
                rx.cond(
                    found.version > 0,
                    " saved it while you edited. Yours is not saved yet. What changed since you "
                    "opened it is marked.",
                    " deleted it while you edited. Yours is not saved yet.",
                ),
                size="2",
                margin_bottom="var(--space-4)",
            ),
            rx.grid(
                rx.cond(found.version > 0, _side("Theirs, saved", found.theirs)),
                _side("Yours, not saved yet", found.mine),
                columns=rx.breakpoints(initial="1", sm=rx.cond(found.version > 0, "2", "1")),
                spacing="4",
                margin_bottom="var(--space-4)",
            ),
            dialogs.buttons(
                rx.button(
                    rx.cond(found.version > 0, "Take theirs, discard mine", "Discard mine"),
                    variant="soft",
                    color_scheme="red",
                    on_click=AutomationState.take_theirs,
                ),
                rx.button(
                    rx.cond(
                        found.version > 0, "Save mine instead of theirs", "Save mine as a new one"
                    ),
                    on_click=AutomationState.save_over,
                ),
                leave="Go on editing",
            ),
            max_width="960px",
        ),
        open=found.author != "",
        on_open_change=AutomationState.set_clashing,
    )


def _side(title: str, side: Side) -> rx.Component:
    return rx.card(
        rx.heading(title, as_="h3", size="2", weight="medium", margin_bottom="var(--space-2)"),
        sentence(side.tag, side.color, side.said),
        rx.el.ol(rx.foreach(side.steps, _step), class_name="clash-steps"),
        rx.foreach(
            side.facts, lambda fact: rx.text(fact, size="2", weight="medium", color_scheme="amber")
        ),
        role="group",
        aria_label=title,
    )


def _step(step: ClashStep) -> rx.Component:
    return rx.el.li(
        rx.text.span(step.words, " ", rx.text.strong(step.target), size="2"),
        rx.match(
            step.mark,
            *(
                (mark, rx.badge(word, color_scheme=colour))
                for mark, (word, colour) in MARKS.items()
            ),
            rx.fragment(),
        ),
        custom_attrs={"data-mark": step.mark},
    )
