"""How a partner looks in lists and on their page."""

import reflex as rx

from rxapp.components.ui import Text

# The one word that says most about whether email reaches a partner, and its colour.
STATES = {
    "subscribed": ("Active", "green"),
    "unsubscribed": ("Unsubscribed", "amber"),
    "suspended": ("Suspended", "amber"),
    "archived": ("Archived", "gray"),
    "bounced": ("Bounced", "red"),
    "complained": ("Spam complaint", "red"),
    "no_address": ("No address", "gray"),
}


def state_badge(state: Text) -> rx.Component:
    """Whether email reaches a partner, as a coloured word."""
    return rx.match(
        state,
        *((value, rx.badge(word, color_scheme=colour)) for value, (word, colour) in STATES.items()),
        rx.fragment(),
    )
