"""The log: one line for each thing that is said, whatever the texts in it bring along.

A browser chooses the names, paths and messages it sends. With a line break in them it could write
lines of its own, and with a megabyte fill the disk: so control characters are written as escapes,
long lines are cut, and the lines of a traceback are marked as what they are.
"""

import logging
from types import TracebackType

FORMAT = "%(levelname)s %(name)s: %(message)s"
LONGEST = 2_000
TRACEBACK = "  | "
# Without a level of their own, these two write past everybody's handlers (their `base_server.py`).
OWN_WAYS = ("engineio.server", "socketio.server")

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Lines(logging.Formatter):
    """Writes a record so that nothing in it can pass for another record."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (the base's name)
        """The record as one line."""
        return one_line(super().formatMessage(record))

    def formatException(self, ei: _Raised) -> str:  # noqa: N802
        """The traceback, each of its lines marked."""
        return _marked(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        """The stack, each of its lines marked."""
        return _marked(super().formatStack(stack_info))


def one_line(text: str, longest: int = LONGEST) -> str:
    """`text` without anything that moves the cursor, cut after `longest` characters."""
    cut = text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in cut)


def set_up() -> None:
    """Have everything that is logged written like this, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in OWN_WAYS:
        logging.getLogger(name).setLevel(logging.ERROR)


def _marked(text: str) -> str:
    return "\n".join(TRACEBACK + one_line(line) for line in text.split("\n"))
