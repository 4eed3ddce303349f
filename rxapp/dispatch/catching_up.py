"""What the provider told of a send before it was settled is applied once it is, however that was.

Accepted, refused, captured or given up, by this worker or after another one died: whoever settles
a batch calls `after`. What a worker left undone because it died in between is found by `all_kept`,
which looks at every event that was kept.
"""

from collections.abc import Callable, Sequence

from sqlmodel import Session

from rxapp.db import provider_events
from rxapp.db.engine import reading, writing
from rxapp.domain.sends import apply_events

# Each piece is one transaction, short enough that nobody waits for it.
PIECE = 500


def after(batch_ids: Sequence[int]) -> None:
    """Apply what was kept about the sends of these batches. Call it once that is committed."""
    if batch_ids:
        _apply(lambda session: provider_events.kept_about(session, batch_ids, PIECE))


def all_kept() -> None:
    """Apply everything that can be."""
    _apply(lambda session: provider_events.applicable(session, PIECE))


def _apply(find: Callable[[Session], list[str]]) -> None:
    while True:
        with reading() as session:
            found = find(session)
        if not found:
            return
        with writing() as session:
            applied = apply_events(session, found)
        if not applied:
            return
