"""What is done to an email as a whole, from its page or its card."""

from rxapp.db.engine import writing
from rxapp.domain import templates


def duplicate(number: int, author: str) -> int:
    """Make another one that says the same; returns its id."""
    with writing() as session:
        return templates.duplicate(session, number, author).id


def archive(number: int, archived: bool, author: str) -> None:
    """Retire it, or bring it back."""
    with writing() as session:
        change = templates.archive if archived else templates.unarchive
        change(session, number, author)


def delete(number: int, author: str) -> None:
    """Delete it; refused while something uses it."""
    with writing() as session:
        templates.delete(session, number, author)
