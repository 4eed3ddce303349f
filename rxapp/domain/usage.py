"""Why something cannot be deleted: who uses it, as data and as a sentence."""

from collections.abc import Iterable
from typing import TypedDict

from sqlmodel import Session

from rxapp.db import racing
from rxapp.db.models import Tag, Template
from rxapp.errors import InUse, NotFound


class User(TypedDict, total=False):
    """One user of a tag or template: an automation by id and name, or how many of a `kind`."""

    kind: str
    id: int
    name: str
    count: int


def hold(session: Session, row: Tag | Template) -> None:
    """Let nobody begin to use what is to be deleted: first this, then looking who uses it.

    Raises NotFound when somebody else has just deleted it.
    """
    if not racing.hold(session, type(row), row.id):
        raise NotFound("It was deleted a moment ago.")


def counted(kind: str, count: int) -> list[User]:
    """So many of one kind; nothing for none."""
    return [User(kind=kind, count=count)] if count else []


def refuse(what: str, users: Iterable[User]) -> None:
    """Raise InUse, with the users and the offer to archive, when there are any."""
    used_by = list(users)
    if used_by:
        listed = _listed([_words(user) for user in used_by])
        raise InUse(
            f"{what} cannot be deleted: it is used by {listed}. You can archive it instead.",
            used_by=used_by,
        )


def refuse_history(what: str) -> None:
    """Raise InUse for something that nothing uses any more, but that the log still names."""
    raise InUse(
        f"{what} cannot be deleted: the log of past assignments and emails names it. "
        "You can archive it instead.",
        used_by=[User(kind="history")],
    )


_ONE_AND_MANY = {
    "partners": ("one partner who has it", "{} partners who have it"),
    "waiting_sends": ("one email that is waiting to leave", "{} emails that are waiting to leave"),
}


def _words(user: User) -> str:
    if "name" in user:
        return f"the {user['kind']} “{user['name']}”"
    one, many = _ONE_AND_MANY[user["kind"]]
    return one if user["count"] == 1 else many.format(f"{user['count']:,}")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
