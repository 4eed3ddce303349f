"""What a picker offers."""

from dataclasses import dataclass


@dataclass
class Option:
    """One choice: the value handed over, what it is called, and what helps to choose."""

    value: str
    label: str
    hint: str = ""
    color: str = ""
