"""What is cleared away in time: what old emails said, where the program asks for it, and traces
of work that is done."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlmodel import Session

from rxapp.db import access, batches, forgetting, idempotency
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from rxapp.dispatch import catching_up
from rxapp.domain.settings import Program, program

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
# Each chunk is one transaction, short enough that nobody waits for it.
CHUNK = 200
TRACES_CHUNK = 1_000


def keep_house(stopping: threading.Event | None = None) -> float:
    """Clear away what is old, and apply what was left undone (dispatch/catching_up.py).

    Returns how long to rest (seconds). Ends early when `stopping`.
    """
    catching_up.all_kept()
    forgotten = forget_old(stopping)
    if forgotten:
        logger.info("Forgot what %s requests of old emails said.", forgotten)
    forget_traces(stopping)
    return EVERY_SECONDS


def forget_old(stopping: threading.Event | None = None) -> int:
    """Erase what emails older than the program keeps said; returns how many requests it were.

    That they were sent, to whom and when, is kept. Nothing still under way is touched.
    """
    days = _program().keep_days
    if not days:
        return 0
    before = utcnow() - timedelta(days=days)
    return _in_pieces(
        lambda session: batches.forget_before(session, before, utcnow(), CHUNK), CHUNK, stopping
    )


def forget_traces(stopping: threading.Event | None = None) -> int:
    """Forget how work was done that ended longer ago than the program keeps; returns how much.

    Whom bulk actions and imports were about, events of the provider, and links for accounts; after
    their own time sessions, and answers to writes. What was done and what became of it stays.
    """
    now, size = utcnow(), TRACES_CHUNK
    with writing() as session:
        access.delete_expired_sessions(session, now)
    kept = now - idempotency.KEPT
    forgotten = _in_pieces(lambda one: idempotency.purge(one, kept, size), size, stopping)
    days = _program().keep_traces
    if days:
        before = now - timedelta(days=days)
        for forget in (forgetting.job_items, forgetting.events, forgetting.account_links):
            pieces = partial(forget, before=before, limit=size)
            forgotten += _in_pieces(pieces, size, stopping)
    return forgotten


def _program() -> Program:
    with reading() as session:
        return program(session)


def _in_pieces(
    forget: Callable[[Session], int], size: int, stopping: threading.Event | None
) -> int:
    """Forget piece by piece, each a transaction of its own, until one is not full."""
    forgotten = 0
    while stopping is None or not stopping.is_set():
        with writing() as session:
            done = forget(session)
        forgotten += done
        if done < size:
            break
    return forgotten
