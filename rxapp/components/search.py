"""The search box over a list."""

import reflex as rx

from rxapp.components.custom import Given


class Search(rx.Component):
    """Hands over what is typed when typing pauses; `value` is what the list was searched for."""

    library = "$/public/search.jsx"
    tag = "Search"
    value: rx.Var[str]
    label: rx.Var[str]
    width: rx.Var[str]
    # Reflex reads the arguments of the event here; to mypy, EventHandler takes none.
    on_search: rx.EventHandler[Given(str)]  # type: ignore[type-arg,valid-type]
