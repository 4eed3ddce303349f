"""What led to something, in words: which door a tag came through, and through whom."""

from collections.abc import Sequence

from rxapp.db.causes import Link
from rxapp.db.models import SendStatus, Source
from rxapp.db.send_log import SendRow
from rxapp.db.types import utcnow
from rxapp.domain import reasons
from rxapp.domain.leaving import Leaving

# How each door is told, after "assigned" or "removed".
DOORS = {
    Source.DASHBOARD: "by {actor} in the dashboard",
    Source.BULK: "by {actor} in a bulk action",
    Source.API: "by {actor} through the API",
    Source.IMPORT: "by {actor} in an import",
    Source.AUTOMATION: "by the automation “{automation}”",
}


def door(source: str, actor: str, automation: str | None = None) -> str:
    """The door in words, such as "by ana@acme.com in the dashboard"."""
    words = DOORS[Source(source)]
    return words.format(actor=actor or "somebody", automation=automation or "deleted")


def chain(links: Sequence[Link]) -> str:
    """A cause chain in words, from the first assignment on.

    "“vip” assigned by ana@acme.com in the dashboard, then “gold” by the automation “VIP to gold”".
    """
    return ", then ".join(
        f"“{link.tag}” {'' if place else 'assigned '}"
        f"{door(link.source, link.actor, link.automation)}"
        for place, link in enumerate(links)
    )


def stands(row: SendRow, way: Leaving) -> str:
    """Why a send stands as it does: what kept it, or what it waits for beyond its time."""
    said = reasons.told(row.reason, row.detail, row.why_not)
    if said or row.status != SendStatus.QUEUED or not way.held:
        return said
    # The time of one that is for later is told beside it, and is the earliest only.
    is_due = row.due_at <= utcnow()
    return f"Waits: {way.because}." if is_due else f"Leaves only once {way.until}."
