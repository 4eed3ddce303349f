"""What an open page has saved already: where the answer got lost, it is not saved twice.

A server that stops between writing and answering leaves a page that does not know of its own save.
Each save notes, with what it writes, what it led the page to.
"""

import json
import secrets

from sqlmodel import Session

from rxapp.db import idempotency as sql
from rxapp.db.types import utcnow

OWNER = "page"


def new_page() -> str:
    """A name for a page that is being opened."""
    return secrets.token_hex(8)


def latest(session: Session, page: str, number: int, version: int) -> tuple[int, int]:
    """Where the page really stands: the id and the version that its own saves have led to."""
    while kept := sql.answer(session, OWNER, _key(page, number, version)):
        number, version = json.loads(kept)
    return number, version


def note(session: Session, page: str, before: tuple[int, int], after: tuple[int, int]) -> None:
    """Note what a save led to, in its transaction; one that changed nothing may be done again."""
    if page and after != before:
        key, now = _key(page, *before), utcnow()
        sql.claim(session, OWNER, key, request_hash="", now=now, oldest=now)
        sql.keep(session, OWNER, key, 200, json.dumps(after))


def _key(page: str, number: int, version: int) -> str:
    return f"{page}:{number}:{version}"
