"""The versions of an email: what each said, who saved it, and which emails still wait with it."""

from dataclasses import dataclass

from rxapp.db import templates as sql
from rxapp.db.engine import reading
from rxapp.errors import NotFound
from rxapp.state.email_draft import Draft, draft_of, preview
from rxapp.state.foreseen import counted


@dataclass
class VersionLine:
    """One saved state of the email."""

    number: int
    subject: str
    author: str
    at: str
    current: bool
    # What waits to be sent in this wording, in words; empty for nothing.
    waiting: str = ""


@dataclass
class Clash:
    """A version somebody saved while this was written; its number is 0 where there is none."""

    version: int = 0
    author: str = ""
    subject: str = ""
    # What is written here instead: its subject, and all of it as it would be sent.
    my_subject: str = ""
    mine: str = ""


def clash(number: int, draft: Draft, who: str) -> Clash:
    """The newest version of an email beside the draft that did not know of it."""
    with reading() as session:
        newest = sql.version(session, number)
    if newest is None:
        raise NotFound("There is no such email.")
    author, mine = newest.author or "Somebody", preview(draft, who)
    return Clash(newest.number, author, newest.subject, draft.subject, mine.html)


def history(number: int) -> list[VersionLine]:
    """Every version of an email, the newest first."""
    with reading() as session:
        found = sql.versions(session, number)
        waiting = sql.waiting_by_version(session, number)
    return [
        VersionLine(
            one.number,
            one.subject,
            one.author,
            one.created_at.isoformat(),
            current=not place,
            waiting=_waiting(waiting.get(one.number, 0)),
        )
        for place, one in enumerate(found)
    ]


def wording(number: int, version: int) -> Draft:
    """What a version said, as a draft without a name; raises NotFound."""
    with reading() as session:
        found = sql.version(session, number, version)
        if found is None:
            raise NotFound("There is no such version.")
        return draft_of("", found)


def saved_since(number: int, version: int) -> str:
    """Who saved a version newer than this one, in a sentence; empty when nobody did."""
    with reading() as session:
        newest = sql.version(session, number)
    if newest is None or newest.number <= version:
        return ""
    return f"{newest.author or 'Somebody'} saved version {newest.number} since you opened this."


def _waiting(number: int) -> str:
    if not number:
        return ""
    return f"{counted(number, 'waiting email')} {'keeps' if number == 1 else 'keep'} this version"
