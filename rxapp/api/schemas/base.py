"""What every body and answer of the API is made of."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from rxapp.api.deps import storable
from rxapp.domain.text import MAX_ID

# Of everything in a body. A bulk call's 10,000 partners have room; each value that is wrong becomes
# an error of its own, and those of a million take minutes, in which nobody else is answered.
VALUES_LIMIT = 20_000


class Body(BaseModel):
    """What every request body is: known fields only, and nothing that cannot be stored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _bounded(cls, value: Any) -> Any:
        return bounded(value)

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        return storable_throughout(value)


def bounded(value: Any) -> Any:
    """`value`, refused when there are too many values in it, however they lie in each other."""
    left = VALUES_LIMIT
    for one in _throughout(value):
        if isinstance(one, dict | list):
            left -= len(one)
            if left < 0:
                raise ValueError(f"this can hold {VALUES_LIMIT:,} values at most")
    return value


def storable_throughout(value: Any) -> Any:
    """`value`, refused when any text in it cannot be stored."""
    for one in _throughout(value):
        if isinstance(one, str):
            storable(one)
        elif isinstance(one, dict):
            for name in one:
                storable(name)
    return value


def _throughout(value: Any) -> Iterator[Any]:
    """`value` and every value in it, each before what it holds. Not recursive: JSON can be deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _name_or_id(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("this must be an id or a text")  # noqa: TRY004  (pydantic's own way)
    return value


RowNumber = Annotated[int, Field(ge=1, le=MAX_ID)]


NameOrId = Annotated[int | str, BeforeValidator(_name_or_id)]
