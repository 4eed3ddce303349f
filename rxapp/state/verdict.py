"""“Why didn't this send?”: a partner and an automation, answered with yes or no and the reason."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlmodel import Session

from rxapp.db import automations as automation_sql
from rxapp.db.automations import AutomationView
from rxapp.db.engine import reading
from rxapp.db.history import Assigned
from rxapp.db.models import SendStatus
from rxapp.db.send_log import SendRow
from rxapp.db.types import utcnow
from rxapp.domain import automation_words, reasons, verdicts
from rxapp.state import why
from rxapp.state.base import AppState, handler, run
from rxapp.state.foreseen import counted
from rxapp.state.options import Option
from rxapp.state.partner import PartnerState


@dataclass
class Fact:
    """Something the answer rests on; `send_id` leads to the email, where there is one."""

    words: str
    at: str
    status: str = ""
    send_id: int = 0
    # The moment is when it leaves, and still to come.
    ahead: bool = False


@dataclass
class Answer:
    """The answer as it is shown; `answer` is yes, no, waiting, or empty before there is one."""

    answer: str = ""
    sentence: str = ""
    advice: str = ""
    facts: list[Fact] = field(default_factory=list)


class WhyState(AppState):
    """The dialog on a partner's page."""

    opened: bool = False
    automations: list[Option] = []
    automation: str = ""
    answer: Answer = Answer()

    @handler("viewer")
    async def open(self) -> None:
        """Open the dialog with the automations to ask about."""
        self.automation, self.answer = "", Answer()
        self.automations = await run(_options)
        self.opened = True

    @handler("viewer")
    async def set_opened(self, opened: bool) -> None:
        """Close it."""
        self.opened = opened

    @handler("viewer", supersedes=True)
    async def pick(self, automation: str) -> None:
        """Answer for this automation."""
        self.automation = automation
        await self._ask()

    @handler("viewer", temporal=True)
    async def refresh(self) -> None:
        """Keep the answer true while it is looked at."""
        if self.opened and self.automation:
            await self._ask()

    async def _ask(self) -> None:
        page = await self.get_state(PartnerState)
        found = await run(_answer, page.partner.id, int(self.automation))
        if found != self.answer:
            self.answer = found


def _options() -> list[Option]:
    with reading() as session:
        return [_option(view) for view in automation_sql.page(session)]


def _option(view: AutomationView) -> Option:
    hints = [
        automation_words.plain(view) if view.named else "",
        "" if view.enabled else "switched off",
    ]
    return Option(str(view.id), view.name, " · ".join(hint for hint in hints if hint))


def _answer(partner_id: int, automation_id: int) -> Answer:
    with reading() as session:
        return _told(session, partner_id, automation_id)


def _told(session: Session, partner_id: int, automation_id: int) -> Answer:
    found = verdicts.verdict(session, partner_id, automation_id)
    facts = [_send(one) for one in found.sends]
    if found.assigned is not None:
        facts = [*facts, *_tag(found.assigned)]
    if found.earlier:
        earlier = f"Earlier assignments of the tag led to {counted(found.earlier, 'email')}."
        facts.append(Fact(earlier, ""))
    return Answer(found.answer, found.sentence, found.advice, facts)


def _tag(assigned: Assigned) -> list[Fact]:
    how = why.door(assigned.source, assigned.actor, assigned.automation)
    facts = [Fact(f"“{assigned.tag}” assigned {how}", assigned.at.isoformat())]
    if assigned.ended_at is not None:
        facts.insert(0, Fact(f"“{assigned.tag}” removed", assigned.ended_at.isoformat()))
    return facts


def _send(row: SendRow) -> Fact:
    again = f", sent again by {row.resent_by}" if row.resent_by else ""
    why_not = reasons.told(row.reason, row.detail, row.why_not)
    ahead = row.status == SendStatus.QUEUED and not row.why_not and row.due_at > utcnow()
    leaves = " Leaves:" if ahead else ""
    words = f"“{row.template}”{again}. {why_not}{leaves}".strip()
    at = row.due_at if ahead else row.status_at
    return Fact(words, at.isoformat(), row.status, row.id, ahead)
