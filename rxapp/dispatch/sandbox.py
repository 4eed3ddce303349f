"""The provider for when there is no API key: mail is captured, not sent.

The captured mail is the batch's frozen payload in the database, so there is nothing to keep here.
"""

from uuid import UUID, uuid5

import orjson

from rxapp.db.batches import SANDBOX
from rxapp.dispatch.provider import Accepted, Answered

_NAMESPACE = UUID("5b7d8a52-6d0c-4d7e-9a54-0f3c9f7d8f11")


class SandboxProvider:
    """Captures every email; the same key gives the same ids, as with a real provider."""

    name = "sandbox"
    account = SANDBOX

    def send_batch(self, payload: bytes, key: str) -> Answered:
        """Capture all emails of `payload` under ids made of `key` and their places."""
        count = len(orjson.loads(payload))
        return Answered(
            [Accepted(f"sandbox-{uuid5(_NAMESPACE, f'{key}/{index}')}") for index in range(count)],
            captured=True,
        )

    def close(self) -> None:
        """There are no connections."""
