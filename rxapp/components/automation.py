"""What the pages of automations share: the sentence, and the questions before a deed."""

from typing import Any

import reflex as rx

from rxapp.components import dialogs, tag, ui
from rxapp.components.foreseen import consequences
from rxapp.components.ui import Text
from rxapp.state.automation_switch import SwitchState
from rxapp.state.automations import StepWords
from rxapp.state.existing import ExistingState


def sentence(name: Text, color: Text, steps: Any, *, linked: bool = False) -> rx.Component:
    """When *vip* is assigned → send *Welcome to VIP*; `linked` leads on to what it names."""
    return rx.text(
        "When ",
        tag.chip(name, color),
        " is assigned",
        rx.foreach(steps, _linked if linked else _step),
        size="2",
        class_name="sentence",
    )


def _step(step: StepWords) -> rx.Component:
    return rx.fragment(
        rx.text.span(" → ", color_scheme="gray"),
        step.words,
        " ",
        rx.text.span(step.target, weight="medium"),
    )


def _linked(step: StepWords) -> rx.Component:
    return rx.fragment(
        rx.text.span(" → ", color_scheme="gray"),
        step.words,
        " ",
        rx.link(step.target, href=step.href, weight="medium"),
    )


def questions() -> rx.Component:
    """What is asked before an automation is switched or deleted; see SwitchState."""
    asked = SwitchState.asked
    return rx.fragment(
        _switch_on(),
        dialogs.question(
            opened=SwitchState.question == "off",
            on_open_change=SwitchState.set_question,
            title="Switch it off?",
            text=f"{asked.skips}. Whoever gets “{asked.tag}” while it is off is never emailed by "
            "it, not even later.",
            confirm="Switch off",
            on_confirm=SwitchState.switch_off,
        ),
        dialogs.question(
            opened=SwitchState.question == "delete",
            on_open_change=SwitchState.set_question,
            title="Delete this automation?",
            text=rx.fragment(
                f"“{asked.name}” ",
                "no longer runs. ",
                rx.cond(asked.waiting > 0, f"{asked.skips}. ", "None of its emails is waiting. "),
                "The history keeps what it did. To stop it for a while, switch it off instead.",
            ),
            confirm="Delete automation",
            on_confirm=SwitchState.delete,
        ),
    )


def _switch_on() -> rx.Component:
    """Asks about those who have the tag already; the answer is no unless said."""
    answer = ExistingState.answer
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(
                f"Also email the {ExistingState.number} who already have it?", size="4"
            ),
            rx.dialog.description(
                f"Whoever gets “{SwitchState.asked.tag}” from now on sets it off. "
                f"{ExistingState.whom} got it earlier.",
                size="2",
            ),
            rx.flex(
                existing_choice(),
                existing_answer(),
                dialogs.buttons(
                    rx.button(
                        rx.cond(
                            ExistingState.include & (ExistingState.answer.emails > 0),
                            f"Switch on and {answer.verb} {answer.written}",
                            "Switch on",
                        ),
                        disabled=~ExistingState.ready,
                        on_click=SwitchState.switch_on,
                    ),
                ),
                direction="column",
                spacing="4",
                margin_top="var(--space-4)",
            ),
            max_width="500px",
        ),
        open=SwitchState.question == "on",
        on_open_change=SwitchState.set_question,
    )


def existing_choice() -> rx.Component:
    """No, or yes: whether those who have the tag already are included."""
    return rx.radio_group.root(
        rx.flex(
            rx.text(
                rx.flex(rx.radio_group.item(value="no"), "No, only from now on", spacing="2"),
                as_="label",
                size="2",
            ),
            rx.text(
                rx.flex(
                    rx.radio_group.item(value="yes"),
                    f"Yes, also the {ExistingState.number} who have it already",
                    spacing="2",
                ),
                as_="label",
                size="2",
            ),
            direction="column",
            spacing="2",
        ),
        value=rx.cond(ExistingState.include, "yes", "no"),
        on_change=lambda value: ExistingState.choose(value == "yes"),
        aria_label="Also email those who already have it?",
    )


def existing_answer() -> rx.Component:
    """What a yes would do, in numbers; above some number of emails it is typed."""
    answer = ExistingState.answer
    return rx.fragment(
        rx.cond(
            ExistingState.checking,
            rx.flex(
                rx.spinner(size="1"),
                rx.text(
                    "Looking at what would happen",
                    ExistingState.progress,
                    "…",
                    size="2",
                    color_scheme="gray",
                ),
                align="center",
                spacing="2",
                role="status",
            ),
        ),
        rx.cond(answer.headline != "", consequences(answer)),
        rx.cond(
            ExistingState.must_type,
            ui.field(
                f"Type {answer.written} to confirm that so many emails are {answer.past}",
                "existing_number",
                rx.input(
                    id="existing_number",
                    value=ExistingState.typed,
                    on_change=ExistingState.type_number,
                    input_mode="numeric",
                    auto_complete="off",
                ),
            ),
        ),
    )
