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
