"""Who has an email open in the editor right now, so that two people do not write it unknowingly.

Kept in this process only: it is a courtesy. What keeps one save from undoing another is the
version the save is based on.
"""

from threading import Lock
from time import monotonic

# Seconds after which somebody who said nothing is taken to have left.
GONE_AFTER = 15.0
_lock = Lock()
# Email → who → when they were last there, on this process's clock.
_seen: dict[int, dict[str, float]] = {}


def note(email: int, who: str) -> list[str]:
    """Somebody has the email open; returns who else does."""
    now = monotonic()
    with _lock:
        there = _seen.setdefault(email, {})
        there[who] = now
        for one in [one for one, at in there.items() if now - at > GONE_AFTER]:
            del there[one]
        return sorted(there.keys() - {who})


def leave(email: int, who: str) -> None:
    """They have turned to something else."""
    with _lock:
        there = _seen.get(email, {})
        there.pop(who, None)
        if not there:
            _seen.pop(email, None)
