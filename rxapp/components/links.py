"""Links that look like buttons."""

from typing import Any

import reflex as rx

from rxapp.components.ui import Text


class RouterLink(rx.Component):
    """The bare link that changes the page without loading it anew."""

    library = "react-router"
    tag = "Link"
    to: rx.Var[str]


def link_button(*content: str | rx.Component, href: Text, **props: Any) -> rx.Component:
    """A link drawn as a button. A button inside of a link would be two things to press at once."""
    return rx.button(RouterLink.create(*content, to=href), as_child=True, **props)
