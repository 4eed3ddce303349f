"""What can be wrong with an email, told to the person who writes it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Part = Literal["subject", "preheader", "body"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one part of an email. Errors stop saving, warnings do not, and notes are
    only worth knowing.

    `line` counts from 1 within the part as it was written; None when it is about all of it.
    """

    message: str
    part: Part
    line: int | None = None
    severity: Literal["error", "warning", "note"] = "error"

    def as_dict(self) -> dict[str, Any]:
        """The problem as the API answers it."""
        return asdict(self)
