"""How emails leave now: the key, the webhook, the pace, and what waits."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from sqlmodel import Session

from rxapp.config import get_settings
from rxapp.db import pace, provider_events
from rxapp.db.engine import reading
from rxapp.domain import delivery, restored, settings
from rxapp.domain.delivery import Secret
from rxapp.domain.leaving import leaving

WEBHOOK_PATH = "/webhooks/resend"


@dataclass
class Way:
    """How emails leave now, as the page shows it; moments are ISO 8601."""

    live: bool = False
    lost: bool = False
    source: str = ""
    ending: str = ""
    in_environment: bool = False
    stopped_at: str = ""
    stopped_code: str = ""
    stopped_why: str = ""
    stopped_until: str = ""
    rate: str = ""
    rate_in_use: str = ""
    undo_seconds: str = ""
    sender: str = ""
    webhook_url: str = ""
    webhook_source: str = ""
    webhook_ending: str = ""
    webhook_lost: bool = False
    reachable: bool = False
    event_at: str = ""
    event_kind: str = ""
    paused: bool = False
    # What else keeps emails from leaving, or that the sandbox captures them.
    note: str = ""
    due: int = 0
    later: int = 0
    # A restored backup whose question is open: when it was made, how many of what waits waited
    # then (due by now, or for later), and how many were on their way.
    restored_at: str = ""
    restored_due: int = 0
    restored_later: int = 0
    restored_unknown: int = 0


def read_way() -> Way:
    """Read it, as the page shows it."""
    given = get_settings()
    with reading() as session:
        now, program = delivery.delivery(session), settings.program(session)
        row, waiting = pace.find(session, now.provider), delivery.waiting(session)
        limit = pace.find(session, "resend")
        event = provider_events.latest(session)
        stopped = row if row is not None and row.stopped_at is not None else None
        return Way(
            live=now.live,
            in_environment=bool(given.resend_api_key),
            **_secret(now.key),
            **{f"webhook_{name}": value for name, value in _secret(now.webhook).items()},
            stopped_at=_iso(stopped.stopped_at) if stopped else "",
            stopped_code=stopped.stop_code if stopped else "",
            stopped_why=stopped.stop_message if stopped else "",
            stopped_until=_iso(stopped.stop_until) if stopped else "",
            rate=f"{limit.ceiling:g}" if limit and limit.ceiling else "",
            rate_in_use=f"{row.rate:g}" if row else f"{given.resend_rate_limit or pace.USUAL:g}",
            undo_seconds=str(program.undo_seconds),
            sender=parseaddr(program.from_)[1],
            webhook_url=f"{given.base_url}{WEBHOOK_PATH}",
            reachable=given.base_url.startswith("https://"),
            event_at=_iso(event.received_at) if event else "",
            event_kind=event.kind if event else "",
            paused=program.paused,
            note=leaving(session).note,
            due=waiting.due,
            later=waiting.later,
            **_restored(session),
        )


def _secret(secret: Secret) -> dict[str, Any]:
    return {"source": secret.source, "ending": secret.ending, "lost": secret.is_lost}


def _restored(session: Session) -> dict[str, Any]:
    asked = restored.question(session)
    if asked is None:
        return {}
    waited = restored.waiting(session, asked)
    return {
        "restored_at": asked.made,
        "restored_due": waited.due,
        "restored_later": waited.later,
        "restored_unknown": asked.unknown,
    }


def _iso(moment: Any) -> str:
    return moment.isoformat() if moment else ""
