"""“Why didn't this send?”: the button in the email log, and the dialog with the answer."""

import reflex as rx

from rxapp.components import dialogs, ui
from rxapp.components.custom import Picker, Tick
from rxapp.state.partner import PartnerState
from rxapp.state.send import SendState
from rxapp.state.verdict import Fact, WhyState

# How each answer looks: its word, an icon and a colour.
ANSWERS = {
    "yes": ("Yes", "circle-check", "green"),
    "no": ("No", "circle-x", "red"),
    "waiting": ("Not yet", "clock", "blue"),
}


def why_button() -> rx.Component:
    """Opens the question."""
    return rx.button(
        rx.icon("circle-help", size=15),
        "Why didn't this send?",
        variant="soft",
        color_scheme="gray",
        on_click=WhyState.open,
    )


def why_dialog() -> rx.Component:
    """Which automation, and whether its email reached the partner, with the deciding fact."""
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("Why didn't this send?", size="4"),
            rx.dialog.description(
                "Choose an automation, and see whether ",
                PartnerState.partner.name,
                " got its email, and what decided that.",
                size="2",
                margin_bottom="var(--space-4)",
            ),
            Tick.create(every=2, on_tick=WhyState.refresh),
            rx.flex(
                Picker.create(
                    options=WhyState.automations,
                    value=WhyState.automation,
                    label="Automation",
                    placeholder="Find an automation",
                    empty="There is no such automation.",
                    on_pick=WhyState.pick,
                ),
                rx.cond(WhyState.answer.answer != "", _answer()),
                dialogs.buttons(leave="Close"),
                direction="column",
                spacing="4",
            ),
            max_width="520px",
        ),
        open=WhyState.opened,
        on_open_change=WhyState.set_opened,
    )


def _answer() -> rx.Component:
    answer = WhyState.answer
    return rx.box(
        rx.flex(
            rx.match(
                answer.answer,
                *(
                    (value, rx.icon(icon, size=18, color=f"var(--{colour}-11)", aria_hidden=True))
                    for value, (_, icon, colour) in ANSWERS.items()
                ),
                rx.fragment(),
            ),
            rx.text(
                rx.el.strong(
                    rx.match(
                        answer.answer,
                        *((value, word) for value, (word, _, _) in ANSWERS.items()),
                        "",
                    ),
                    ". ",
                ),
                answer.sentence,
                size="2",
            ),
            spacing="2",
        ),
        rx.cond(
            answer.advice != "",
            rx.text(answer.advice, size="2", color_scheme="gray", margin_top="var(--space-2)"),
        ),
        rx.el.ol(rx.foreach(answer.facts, _fact), class_name="facts"),
        role="status",
        class_name="answer breakable",
    )


def _fact(fact: Fact) -> rx.Component:
    return rx.el.li(
        rx.box(
            rx.text(fact.words, size="2"),
            rx.flex(
                rx.cond(fact.status != "", ui.send_badge(fact.status)),
                rx.cond(
                    fact.at != "",
                    rx.text(ui.when(fact.at, ahead=fact.ahead), size="1", color_scheme="gray"),
                ),
                rx.cond(
                    fact.send_id > 0,
                    rx.button(
                        "Show the email",
                        size="1",
                        variant="ghost",
                        on_click=[WhyState.set_opened(False), SendState.show(fact.send_id)],
                    ),
                ),
                spacing="2",
                align="center",
                wrap="wrap",
            ),
            min_width="0",
        )
    )
