"""What pages ask of a state's vars that Python's own types, as which they are declared, cannot say.

On a state class a var stands for what the browser will know, not for the value itself.
"""

from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex.vars import BooleanVar, NumberVar


def length(rows: Sequence[Any]) -> NumberVar[int]:
    """How many there are."""
    return rx.Var.create(rows).length()


def negated(flag: bool) -> BooleanVar:
    """The contrary."""
    return ~rx.Var.create(flag)


def counted(number: Any, one: str, many: str) -> rx.Component:
    """A number with its noun: "1 email", "1,200 emails"."""
    var = rx.Var.create(number).to(int)
    shown: rx.Var[str] = rx.Var(
        f"({var!s}).toLocaleString('en')",
        _var_type=str,
        # Or the page would read a state it does not know of.
        _var_data=var._get_all_var_data(),
    )
    return rx.fragment(shown, " ", rx.cond(var == 1, one, many))
