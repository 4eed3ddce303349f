"""How an email of the visual editor looks where it differs from the layout: colours, font, corners.

Only what is listed here reaches the style sheet. Dark mode and phones stay the layout's business.
"""

import re
from collections.abc import Mapping
from typing import Any

FONTS = {
    "serif": "Georgia,'Times New Roman',serif",
    "verdana": "Verdana,Geneva,sans-serif",
    "trebuchet": "'Trebuchet MS',Tahoma,sans-serif",
    "mono": "'Courier New',Courier,monospace",
}
MAX_RADIUS = 32
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def color(found: object) -> str:
    """A colour written `#rrggbb`; empty for anything else."""
    return found if isinstance(found, str) and _HEX.fullmatch(found) else ""


def style(theme: Mapping[str, Any]) -> str:
    """The style sheet of a theme; empty when it is the layout's own."""
    rules: list[str] = []
    if page := color(theme.get("background")):
        rules.append(f"body, .page {{ background-color: {page}; }}")
    if card := color(theme.get("card")):
        rules.append(f".card {{ background-color: {card}; }}")
    if text := color(theme.get("text")):
        rules.append(f".card, .card td, .card h1, .card h2, .card h3 {{ color: {text}; }}")
    if accent := color(theme.get("accent")):
        rules.append(
            f".accent, .hero-cell, .button-cell, .button {{ background-color: {accent}; }}"
        )
    if ink := color(theme.get("button_text")):
        rules.append(f".card .button {{ color: {ink}; }}")
    if font := FONTS.get(str(theme.get("font"))):
        rules.append(f".card, .card td {{ font-family: {font}; }}")
    radius = theme.get("radius")
    if isinstance(radius, int) and 0 <= radius <= MAX_RADIUS:
        rules.append(f".button, .button-cell {{ border-radius: {radius}px; }}")
    return f"<style>\n{chr(10).join(rules)}\n</style>\n" if rules else ""
