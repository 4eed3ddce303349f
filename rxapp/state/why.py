"""What led to something, in words: which door a tag came through, and through whom."""

from collections.abc import Sequence

from rxapp.db.causes import Link
from rxapp.db.models import Source

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
