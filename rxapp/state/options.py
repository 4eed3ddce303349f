"""What a picker offers."""

from dataclasses import dataclass

# The value of an option that stands for something that is yet to be made.
NEW = "new"


@dataclass
class Option:
    """One choice: the value handed over, what it is called, and what helps to choose."""

    value: str
    label: str
    hint: str = ""
    color: str = ""


def new_name(options: list[Option]) -> str:
    """What the option for something new is called; empty when there is none."""
    return next((option.label for option in options if option.value == NEW), "")


def with_new(options: list[Option], name: str) -> list[Option]:
    """The options, with one more for something called `name` that is made when it is needed."""
    return [*(option for option in options if option.value != NEW), Option(NEW, name, "new")]
