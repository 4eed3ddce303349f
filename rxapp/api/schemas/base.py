"""What every body and answer of the API is made of."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from rxapp.api.deps import storable
from rxapp.domain.text import MAX_ID


class Body(BaseModel):
    """What every request body is: known fields only, and nothing that cannot be stored."""

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        return storable_throughout(value)


def storable_throughout(value: Any) -> Any:
    """`value`, refused when any text in it cannot be stored. Not recursive: JSON can be deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            storable(one)
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
    return value


def _name_or_id(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("this must be an id or a text")  # noqa: TRY004  (pydantic's own way)
    return value


RowNumber = Annotated[int, Field(ge=1, le=MAX_ID)]


NameOrId = Annotated[int | str, BeforeValidator(_name_or_id)]
