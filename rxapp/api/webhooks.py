"""The provider's events. Besides `dispatch`, the only place that knows Resend's words."""

from dataclasses import asdict
from typing import Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel

from rxapp.db.engine import reading, writing
from rxapp.db.models import ProviderEvent
from rxapp.dispatch import resend_events
from rxapp.domain import sends
from rxapp.domain.delivery import delivery
from rxapp.errors import NotSetUp

router = APIRouter(prefix="/webhooks", tags=["Webhooks"])


class Received(BaseModel):
    """What became of an event: `new`, `known` from an earlier delivery, or `ignored`."""

    result: Literal["new", "known", "ignored"]


@router.post("/resend")
@router.post("/resend/", include_in_schema=False)
async def receive_event(request: Request) -> Received:
    """An event of Resend's, signed by Svix. It comes at least once, in any order.

    Anything but 2xx makes Resend deliver it again later: 401 for a signature that does not hold,
    503 while no signing secret is set.
    """
    secret = await run_sync(_secret)
    if not secret:
        raise NotSetUp(
            "Set RESEND_WEBHOOK_SECRET, or the signing secret under Settings, to receive the "
            "provider's events."
        )
    event = resend_events.parse_event(await request.body(), request.headers, secret)
    if event is None:
        return Received(result="ignored")
    return Received(result="new" if await run_sync(_note, event) else "known")


def _secret() -> str:
    with reading() as session:
        return delivery(session).webhook.value


def _note(told: resend_events.ProviderEvent) -> bool:
    """Keep and apply an event; false when it was kept before."""
    values = asdict(told)
    recipient = values.pop("recipient")
    event = ProviderEvent(event_id=values.pop("id"), **values)
    with writing() as session:
        new = sends.keep_event(session, event, recipient)
    # Applied also when it was known: the process may have died in between.
    with writing() as session:
        sends.apply_events(session, [event.provider_id])
    return new
