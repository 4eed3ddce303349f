"""Which sends an address asks for: the history, and everything done with all of it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from rxapp.db.models import SendStatus, Source
from rxapp.db.send_log import SendFilter
from rxapp.domain.text import as_id

NAMES = ("status", "automation", "email", "tag", "source", "since", "until", "q")
# What people ask for, and the statuses that answer it.
SHOWN_AS: dict[str, tuple[SendStatus, ...]] = {
    "waiting": (SendStatus.QUEUED, SendStatus.SENDING),
    "left": (
        SendStatus.SENT,
        SendStatus.DELAYED,
        SendStatus.DELIVERED,
        SendStatus.BOUNCED,
        SendStatus.COMPLAINED,
    ),
    "captured": (SendStatus.CAPTURED,),
    "sent": (SendStatus.SENT, SendStatus.DELAYED),
    "delivered": (SendStatus.DELIVERED,),
    "undelivered": (SendStatus.BOUNCED, SendStatus.COMPLAINED),
    "failed": (SendStatus.FAILED,),
    # It may well have arrived.
    "unknown": (SendStatus.UNKNOWN,),
    "skipped": (SendStatus.SKIPPED,),
    "canceled": (SendStatus.CANCELED,),
}


def wanted(address: Mapping[str, str]) -> SendFilter:
    """The filter an address asks for; what it cannot mean is not asked."""
    source = address.get("source", "")
    return SendFilter(
        status=SHOWN_AS.get(address.get("status", ""), ()),
        automation_id=as_id(address.get("automation", "")),
        template_id=as_id(address.get("email", "")),
        tag_id=as_id(address.get("tag", "")),
        source=Source(source) if source in set(Source) else None,
        since=moment(address.get("since", "")),
        until=moment(address.get("until", "")),
        q=address.get("q", ""),
    )


def moment(text: str) -> datetime | None:
    """A moment, given as ISO 8601 with its offset, in UTC; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
