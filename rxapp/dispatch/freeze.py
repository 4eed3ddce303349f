"""From due sends to the exact bytes of one request."""

import logging
from dataclasses import dataclass, field

import orjson
from sqlmodel import Session

from rxapp.db import outbox
from rxapp.db.models import TemplateVersion
from rxapp.db.outbox import Due, Frozen
from rxapp.domain import message
from rxapp.domain.message import Recipient
from rxapp.domain.settings import Program
from rxapp.errors import MissingVariable, RxappError

logger = logging.getLogger(__name__)

Closed = tuple[int, str, str]
_BROKEN = "This email cannot be read. Save it again."


@dataclass
class Frost:
    """Due sends, sorted by what becomes of them: (send, reason, detail) where they do not go."""

    payload: bytes = b""
    frozen: list[Frozen] = field(default_factory=list)
    skipped: list[Closed] = field(default_factory=list)
    failed: list[Closed] = field(default_factory=list)


class Versions:
    """Versions of emails, kept: they never change once saved."""

    LIMIT = 200

    def __init__(self) -> None:
        self._kept: dict[int, TemplateVersion] = {}

    def get(self, session: Session, ids: set[int]) -> dict[int, TemplateVersion]:
        """These versions; read from the database once."""
        missing = ids - self._kept.keys()
        if missing:
            if len(self._kept) > self.LIMIT:
                self._kept.clear()
                missing = ids
            self._kept |= outbox.versions(session, missing)
        return self._kept


def freeze(due: list[Due], versions: dict[int, TemplateVersion], program: Program) -> Frost:
    """Render what may go into one payload. One email that cannot be made leaves the rest alone."""
    frost = Frost()
    emails: list[bytes] = []
    for one in due:
        if one.why_not:
            frost.skipped.append((one.send_id, one.why_not, ""))
            continue
        try:
            to = Recipient(one.partner_id, one.partner, one.tag)
            email = message.build(versions[one.version_id], to, program, send_id=one.send_id)
            made = orjson.dumps(email)
        except MissingVariable as error:
            frost.failed.append((one.send_id, f"missing: {error.variable}", ""))
        except RxappError as error:
            frost.failed.append((one.send_id, "broken_email", error.sentence))
        except Exception as error:
            # What it says may quote the email.
            logger.warning("Send %s cannot be made: %s", one.send_id, type(error).__name__)
            frost.failed.append((one.send_id, "broken_email", _BROKEN))
        else:
            emails.append(made)
            frost.frozen.append(Frozen(one.send_id, email["to"][0]))
    frost.payload = b"[" + b",".join(emails) + b"]"
    return frost
