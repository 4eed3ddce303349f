"""Emails over time, as bars drawn by us: charting libraries weigh more than the whole page."""

from typing import Any

import reflex as rx

from rxapp.components.custom import Given

# As state/outcomes.py counts them, from the ground up.
LAYERS = [
    {"name": "Delivered", "color": "var(--green-9)"},
    {"name": "Sent, no news yet", "color": "var(--blue-8)"},
    {"name": "Waiting", "color": "var(--blue-5)"},
    {"name": "Bounced or spam", "color": "var(--red-9)"},
    {"name": "Failed", "color": "var(--orange-9)"},
    {"name": "Unknown", "color": "var(--amber-10)"},
    {"name": "Captured", "color": "var(--amber-8)"},
    {"name": "Skipped", "color": "var(--gray-8)"},
    {"name": "Canceled", "color": "var(--gray-5)"},
]


class Chart(rx.Component):
    """Stacked bars, and their numbers as a table."""

    library = "$/public/chart.jsx"
    tag = "Chart"
    bars: rx.Var[list[Any]]
    layers: rx.Var[list[dict[str, str]]]
    hourly: rx.Var[bool]
    zone: rx.Var[str]
    on_zone: rx.EventHandler[Given(str)]  # type: ignore[type-arg,valid-type]
