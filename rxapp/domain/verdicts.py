"""Why an automation's email reached a partner, or did not: yes or no, with the deciding fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlmodel import Session

from rxapp.db import automations as automation_sql
from rxapp.db import history, send_log
from rxapp.db.automations import AutomationView
from rxapp.db.history import Assigned
from rxapp.db.models import ActionKind, Run, SendStatus, Tag, Template
from rxapp.db.send_log import SendFilter, SendRow
from rxapp.db.types import utcnow
from rxapp.domain import reasons
from rxapp.domain.leaving import leaving
from rxapp.errors import NotFound

Answer = Literal["yes", "no", "waiting"]

# What came of an email that has left or is leaving.
_WENT: dict[SendStatus, tuple[Answer, str]] = {
    SendStatus.SENDING: ("waiting", "“{email}” is being handed to the email provider right now."),
    SendStatus.CAPTURED: ("no", "“{email}” was captured in the sandbox, so it was not sent."),
    SendStatus.SENT: ("yes", "“{email}” was sent."),
    SendStatus.DELAYED: ("waiting", "“{email}” was sent; the receiving server puts it off so far."),
    SendStatus.DELIVERED: ("yes", "“{email}” was delivered."),
    SendStatus.COMPLAINED: ("yes", "“{email}” was delivered, and marked as spam."),
    SendStatus.BOUNCED: ("no", "“{email}” was sent, but it came back."),
    SendStatus.UNKNOWN: ("no", "Nobody can say whether “{email}” was sent."),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer in one sentence, what it rests on, and what would change it (`advice`)."""

    answer: Answer
    sentence: str
    assigned: Assigned | None
    # What was decided for that assignment, newest first; and how many emails earlier ones led to.
    sends: Sequence[SendRow] = ()
    earlier: int = 0
    advice: str = ""


def verdict(session: Session, partner_id: int, automation_id: int) -> Verdict:
    """Whether the automation's email reached the partner, for the latest assignment of its tag."""
    view = automation_sql.view(session, automation_id)
    if view is None:
        raise NotFound("There is no such automation.")
    emails = [step for step in view.actions if step.kind == ActionKind.SEND_EMAIL]
    assigned = history.last_assignment(session, partner_id, view.tag_id)
    decided = send_log.page(
        session, SendFilter(partner_id=partner_id, automation_id=automation_id), limit=100
    )
    latest = max(assigned.id if assigned else 0, *(one.assignment_id for one in decided), 0)
    sends = [one for one in decided if one.assignment_id == latest]
    if sends:
        answer, sentence = _worst([_of_send(session, one) for one in _newest(sends)])
    elif not emails:
        answer, sentence = "no", "This automation sends no email: it only changes tags."
    elif assigned is None:
        answer, sentence = "no", f"The partner never had the tag “{view.tag}”, which starts it."
    else:
        answer, sentence = "no", _unmet(session, view, assigned)
    advice = _advice(session, view, partner_id, assigned) if answer == "no" and emails else ""
    return Verdict(answer, sentence, assigned, sends, len(decided) - len(sends), advice)


def _newest(sends: Sequence[SendRow]) -> list[SendRow]:
    """Of each email only its newest send: one sent again counts as it stands now."""
    newest: dict[int, SendRow] = {}
    for one in sends:
        newest.setdefault(one.template_id, one)
    return list(newest.values())


def _worst(found: Sequence[tuple[Answer, str]]) -> tuple[Answer, str]:
    """Of several emails, the one somebody asks about: what did not arrive, or not yet."""
    order: tuple[Answer, ...] = ("no", "waiting", "yes")
    return min(found, key=lambda one: order.index(one[0]))


def _of_send(session: Session, send: SendRow) -> tuple[Answer, str]:
    if send.status == SendStatus.QUEUED:
        if send.why_not:
            return "no", f"“{send.template}”: {reasons.told('', '', send.why_not)}"
        return "waiting", _waits(session, send)
    known = _WENT.get(send.status)
    why = reasons.sentence(send.reason, send.detail)
    if known is None:
        return "no", f"“{send.template}” was not sent. {why}".strip()
    answer, words = known
    # Only what went wrong needs its reason said.
    said = words.format(email=send.template)
    return answer, f"{said} {why}".strip() if answer == "no" else said


def _waits(session: Session, send: SendRow) -> str:
    way = leaving(session)
    if way.held:
        return f"“{send.template}” waits, because {way.because}."
    if send.due_at > utcnow():
        return f"“{send.template}” is decided and waits for its time."
    if way.captured:
        return f"“{send.template}” is in line, and the sandbox captures it in a moment."
    return f"“{send.template}” is in line and leaves in a moment."


def _unmet(session: Session, view: AutomationView, assigned: Assigned) -> str:
    """Why an assignment led to no send at all."""
    outcome = history.run_outcome(session, assigned.id, view.id)
    if outcome == Run.LOOP:
        return reasons.sentence("loop")
    if outcome is not None:
        return "When the tag was assigned, the automation had no email to send yet."
    if view.created_at > assigned.at:
        return "The tag was assigned before this automation was made."
    changed = history.changed_since(session, "automation", view.id, assigned.at)
    if changed.count("tag") > 0:
        return "When the tag was assigned, the automation was started by another tag."
    # Each change turned the switch round: so it stood otherwise then if there was an odd number.
    if view.enabled == (changed.count("enabled") % 2 == 1):
        return (
            "The automation was switched off when the tag was assigned. "
            "What is assigned meanwhile is not sent, not even later."
        )
    return "The tag was assigned with its automations left out, so nobody was emailed."


def _advice(
    session: Session, view: AutomationView, partner_id: int, assigned: Assigned | None
) -> str:
    """What keeps the email away today, or how it is sent."""
    if not view.enabled:
        return "Today it would not be sent either: the automation is switched off."
    template_id = next(step.template_id for step in view.actions if step.template_id)
    kind = session.get_one(Template, template_id).kind
    if reason := history.why_no_mail(session, partner_id, kind):
        return f"Today it would not be sent either. {reasons.sentence(reason)}"
    if session.get_one(Tag, view.tag_id).archived_at is not None:
        return f"The tag “{view.tag}” is archived: nobody can be given it before it is restored."
    way = leaving(session)
    does = "have it captured" if way.captured else "send it"
    note = f" {way.note}" if way.held or way.captured else ""
    if assigned is not None and assigned.ended_at is None:
        return f"To {does}, remove the tag “{view.tag}” and assign it again.{note}"
    return f"To {does}, assign the tag “{view.tag}”.{note}"
