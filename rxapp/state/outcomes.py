"""What became of the emails of a period: as figures, and as bars of a chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rxapp import routes
from rxapp.db.models import SendStatus
from rxapp.domain.send_filters import SHOWN_AS
from rxapp.state import query

Counts = Sequence[dict[SendStatus, int]]

# What a bar is made of, from the ground up; rxapp/components/chart.py names and colours them.
LAYERS = (
    "delivered",
    "sent",
    "waiting",
    "undelivered",
    "failed",
    "unknown",
    "captured",
    "skipped",
    "canceled",
)
# Label, filter under Sends, colour, and whether its share of what was sent is told.
FIGURES = (
    ("Sent", "left", "blue", False),
    ("Delivered", "delivered", "green", True),
    ("Bounced or spam", "undelivered", "red", True),
    ("Failed", "failed", "red", False),
    ("Skipped", "skipped", "gray", False),
    ("Unknown", "unknown", "amber", False),
    ("Captured", "captured", "amber", False),
)
# Shown where there are any: as a rule there are none.
RARE = frozenset({"unknown", "captured"})


@dataclass
class Figure:
    """A number with what it counts, and where to see what it counted."""

    label: str
    number: int
    said: str
    href: str
    tone: str = "gray"
    share: str = ""


@dataclass
class Bar:
    """An hour or a day: when it begins, how many emails of each layer, and where to see them."""

    at: str
    counts: list[int]
    href: str


def span(days: int, zone: str, now: datetime) -> list[datetime]:
    """The edges of the last 24 hours, or of that many days of the reader's calendar."""
    if days == 1:
        return [now - timedelta(hours=back) for back in range(24, -1, -1)]
    own = _zone(zone)
    today = now.astimezone(own).date()
    midnights = (today - timedelta(days=back) for back in range(days - 1, -1, -1))
    edges = [datetime.combine(day, time(), own).astimezone(UTC) for day in midnights]
    return [*edges, now]


def figures(since: datetime, counts: Counts) -> list[Figure]:
    """The whole period in numbers."""
    total: Counter[SendStatus] = Counter()
    for one in counts:
        total.update(one)
    sent = sum(total[status] for status in SHOWN_AS["left"])
    made = []
    for label, name, tone, shared in FIGURES:
        number = sum(total[status] for status in SHOWN_AS[name])
        if name in RARE and not number:
            continue
        share = _percent(number, sent) if shared and sent and number else ""
        href = _sends(status=name, since=since.isoformat())
        made.append(Figure(label, number, f"{number:,}", href, tone, share))
    return made


def bars(edges: Sequence[datetime], counts: Counts) -> list[Bar]:
    """The period hour by hour, or day by day."""
    return [
        Bar(
            at=begin.isoformat(),
            counts=[sum(one.get(status, 0) for status in SHOWN_AS[layer]) for layer in LAYERS],
            href=_sends(since=begin.isoformat(), until=end.isoformat()),
        )
        for begin, end, one in zip(edges[:-1], edges[1:], counts, strict=True)
    ]


def _percent(number: int, whole: int) -> str:
    share = 100 * number / whole
    return f"{share:.1f}%" if 0 < share < 10 else f"{int(share)}%"


def _sends(**asked: str) -> str:
    return query.address(routes.SENDS, asked)


def _zone(name: str) -> ZoneInfo:
    """The zone the browser says it is in; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
