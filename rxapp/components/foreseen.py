"""What an action would do, shown before it is done."""

import reflex as rx

from rxapp.state.foreseen import Foreseen, ForeseenLine

# How each kind of consequence looks: an icon and a colour.
TONES = {
    "send": ("send", "green"),
    "later": ("clock", "blue"),
    "skip": ("circle-slash", "gray"),
    "tag": ("tag", "indigo"),
}


def consequences(answer: Foreseen) -> rx.Component:
    """The headline and each consequence; a screen reader is told when it comes."""
    return rx.box(
        rx.text(answer.headline, size="2", weight="medium"),
        rx.el.ul(rx.foreach(answer.lines, _line), class_name="consequences"),
        role="status",
        class_name="answer",
    )


def _line(line: ForeseenLine) -> rx.Component:
    return rx.el.li(
        rx.match(
            line.tone,
            *(
                (tone, rx.icon(icon, size=15, color=f"var(--{color}-11)", aria_hidden=True))
                for tone, (icon, color) in TONES.items()
            ),
            rx.fragment(),
        ),
        rx.box(
            rx.text(line.words, size="2"),
            rx.cond(line.names != "", rx.text(line.names, size="1", color_scheme="gray")),
            min_width="0",
        ),
    )
