"""What is cleared away in time: what old emails said, where the program asks for it."""

import logging
import threading
from datetime import timedelta

from rxapp.db import batches
from rxapp.db.engine import reading, writing
from rxapp.db.types import utcnow
from rxapp.dispatch import catching_up
from rxapp.domain.settings import program

logger = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
# Each chunk is one transaction, short enough that nobody waits for it.
CHUNK = 200


def keep_house(stopping: threading.Event | None = None) -> float:
    """Clear away what is old, and apply what was left undone (dispatch/catching_up.py).

    Returns how long to rest (seconds). Ends early when `stopping`.
    """
    catching_up.all_kept()
    forgotten = forget_old(stopping)
    if forgotten:
        logger.info("Forgot what %s requests of old emails said.", forgotten)
    return EVERY_SECONDS


def forget_old(stopping: threading.Event | None = None) -> int:
    """Erase what emails older than the program keeps said; returns how many requests it were.

    That they were sent, to whom and when, is kept. Nothing still under way is touched.
    """
    with reading() as session:
        days = program(session).keep_days
    if not days:
        return 0
    before, forgotten = utcnow() - timedelta(days=days), 0
    while stopping is None or not stopping.is_set():
        with writing() as session:
            erased = batches.forget_before(session, before, utcnow(), CHUNK)
        forgotten += erased
        if erased < CHUNK:
            break
    return forgotten
