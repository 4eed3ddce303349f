"""How a partner looks in lists and on their page."""

import reflex as rx

from rxapp.components.ui import Text

# What is known of a partner, each value as its word and colour.
STATUSES = {
    "active": ("Active", "green"),
    "suspended": ("Suspended", "amber"),
    "archived": ("Archived", "gray"),
}
CONSENTS = {
    "subscribed": ("Subscribed", "green"),
    "unsubscribed": ("Unsubscribed", "amber"),
}
DELIVERABILITIES = {
    "ok": ("Address works", "green"),
    "bounced": ("Bounced", "red"),
    "complained": ("Spam complaint", "red"),
}
# The one word that says most about whether email reaches a partner, and its colour.
STATES = {
    **{word: STATUSES[word] for word in ("suspended", "archived")},
    "subscribed": STATUSES["active"],
    "unsubscribed": CONSENTS["unsubscribed"],
    **{word: DELIVERABILITIES[word] for word in ("bounced", "complained")},
    "no_address": ("No address", "gray"),
}


def state_badge(state: Text) -> rx.Component:
    """Whether email reaches a partner, as a coloured word."""
    return badge(state, STATES)


def badge(value: Text, words: dict[str, tuple[str, str]]) -> rx.Component:
    """A value as its coloured word; nothing for one that has none."""
    return rx.match(
        value,
        *((one, rx.badge(word, color_scheme=colour)) for one, (word, colour) in words.items()),
        rx.fragment(),
    )
