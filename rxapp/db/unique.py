"""The database has the last word on what is unique."""

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from rxapp.errors import AlreadyExists


def flush(session: Session, taken: str) -> None:
    """Flush; raises AlreadyExists with the sentence `taken` when a unique value is taken.

    Callers look for the value first. This catches who took it between looking and writing; the
    transaction is lost then, as it would be anyway.
    """
    try:
        session.flush()
    except IntegrityError as error:
        raise AlreadyExists(taken) from error
