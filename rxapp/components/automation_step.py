"""One step of an automation in the builder."""

from typing import Any

import reflex as rx

from rxapp.components.custom import Picker
from rxapp.components.vars import length
from rxapp.state.automation import AutomationState
from rxapp.state.automation_steps import StepForm
from rxapp.state.base import AppState


def step_card(step: StepForm, index: int) -> rx.Component:
    """What the step does, to what, and when."""
    return rx.box(
        rx.cond(index > 0, rx.text("and then", class_name="and-then")),
        rx.flex(
            rx.flex(
                rx.match(
                    step.kind,
                    ("send_email", _title("mail", "Send email")),
                    ("add_tag", _title("tag", "Add tag")),
                    _title("eraser", "Remove tag"),
                ),
                align="center",
                spacing="2",
            ),
            rx.cond(AppState.is_admin, _tools(step, index)),
            justify="between",
            align="center",
        ),
        rx.cond(step.kind == "send_email", _email(step), _tag(step)),
        problem(f"step-{step.key}"),
        class_name="step",
        key=f"{step.key}",
    )


def problem(name: str | str) -> rx.Component:
    """What is wrong with something that is no field of a form: `AppState.errors[name]`."""
    said = AppState.errors.get(name, "")
    return rx.cond(said != "", rx.text(said, size="1", color_scheme="red", role="alert"))


def _title(icon: str, words: str) -> rx.Component:
    return rx.fragment(
        rx.icon(icon, size=16, color="var(--accent-10)", aria_hidden=True),
        rx.heading(words, as_="h3", size="2", weight="medium"),
    )


def _tools(step: StepForm, index: int) -> rx.Component:
    last = length(AutomationState.steps) - 1
    return rx.flex(
        rx.cond(index > 0, _tool("arrow-up", "Move up", AutomationState.move_step(step.key, -1))),
        rx.cond(
            index < last, _tool("arrow-down", "Move down", AutomationState.move_step(step.key, 1))
        ),
        _tool("trash-2", "Remove this action", AutomationState.remove_step(step.key)),
        spacing="4",
    )


def _tool(icon: str, label: str, on_click: Any) -> rx.Component:
    return rx.icon_button(
        rx.icon(icon, size=15),
        variant="ghost",
        color_scheme="gray",
        aria_label=label,
        on_click=on_click,
    )


def _email(step: StepForm) -> rx.Component:
    return rx.flex(
        rx.flex(
            rx.box(
                Picker.create(
                    options=AutomationState.choices.emails,
                    value=step.target,
                    label="Email",
                    placeholder="Pick an email",
                    empty="No email is called like this.",
                    disabled=~AppState.is_admin,
                    on_pick=lambda value: AutomationState.pick_target(step.key, value),
                ),
                flex="1 1 220px",
            ),
            rx.cond(
                AppState.is_admin,
                rx.flex(
                    rx.cond(
                        step.target != "",
                        rx.button(
                            "Edit",
                            variant="soft",
                            color_scheme="gray",
                            on_click=AutomationState.write_email(step.key, step.target),
                        ),
                    ),
                    rx.button(
                        rx.icon("plus", size=15),
                        "Create new email",
                        variant="soft",
                        on_click=AutomationState.write_email(step.key, ""),
                    ),
                    spacing="2",
                ),
            ),
            spacing="2",
            wrap="wrap",
        ),
        rx.cond(
            step.subject != "",
            rx.text(
                "Subject: ", step.subject, size="1", color_scheme="gray", class_name="breakable"
            ),
        ),
        _timing(step),
        direction="column",
        spacing="2",
    )


def _timing(step: StepForm) -> rx.Component:
    return rx.flex(
        rx.select.root(
            rx.select.trigger(aria_label="When it is sent"),
            rx.select.content(
                rx.select.item("At once", value="now"),
                rx.select.item("After a while", value="later"),
            ),
            value=rx.cond(step.waits, "later", "now"),
            on_change=lambda when: AutomationState.set_waits(step.key, when),
            disabled=~AppState.is_admin,
        ),
        rx.cond(
            step.waits,
            rx.fragment(
                rx.input(
                    type="number",
                    min="1",
                    default_value=step.amount,
                    aria_label="How long",
                    width="80px",
                    read_only=~AppState.is_admin,
                    on_blur=lambda amount: AutomationState.set_amount(step.key, amount),
                ),
                rx.select.root(
                    rx.select.trigger(aria_label="Unit"),
                    rx.select.content(
                        *(rx.select.item(unit, value=unit) for unit in ("minutes", "hours", "days"))
                    ),
                    value=step.unit,
                    on_change=lambda unit: AutomationState.set_unit(step.key, unit),
                    disabled=~AppState.is_admin,
                ),
                rx.text(
                    rx.flex(
                        rx.checkbox(
                            checked=step.needs_tag,
                            on_change=lambda on: AutomationState.set_needs_tag(step.key, on),
                            disabled=~AppState.is_admin,
                        ),
                        "unless the tag is gone by then",
                        spacing="2",
                        align="center",
                    ),
                    as_="label",
                    size="2",
                ),
            ),
        ),
        spacing="2",
        align="center",
        wrap="wrap",
    )


def _tag(step: StepForm) -> rx.Component:
    return Picker.create(
        options=AutomationState.choices.tags,
        value=step.target,
        label="Tag",
        placeholder="Choose the tag",
        create_label="Create tag",
        empty="No tag is called like this.",
        disabled=~AppState.is_admin,
        on_pick=lambda value: AutomationState.pick_target(step.key, value),
        on_create=lambda name: AutomationState.create_target(step.key, name),
    )
