"""What is noted beside a request: nobody is kept out because it cannot be."""

from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from rxapp.db import trouble
from rxapp.db.engine import writing

PATIENCE_SECONDS = 1.0


def note(write: Callable[[Session], object]) -> None:
    """Write something that the next request notes anew if it cannot be written now."""
    try:
        with writing(patience=PATIENCE_SECONDS) as session:
            write(session)
    except SQLAlchemyError as error:
        if not trouble.is_away(error):
            raise
