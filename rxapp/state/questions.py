"""What is asked before something is done to a partner: the deed, and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from rxapp.db import bulk, history, send_log
from rxapp.db import partners as sql
from rxapp.db.engine import reading
from rxapp.db.models import Consent, Deliverability, PartnerStatus, SendStatus, Template
from rxapp.db.partners import PartnerRow
from rxapp.db.send_log import SendFilter
from rxapp.domain import reasons, tag_catalog
from rxapp.domain.leaving import leaving
from rxapp.errors import NotFound
from rxapp.state.partners import mail_state


@dataclass
class Question:
    """A deed, asked before it is done; `done` is said after it."""

    deed: str = ""
    partner_id: int = 0
    tag_id: int = 0
    send_id: int = 0
    title: str = ""
    text: str = ""
    confirm: str = ""
    done: str = ""
    danger: bool = False


@dataclass(frozen=True, slots=True)
class _Wording:
    title: str
    text: str
    confirm: str
    done: str
    danger: bool = False


# {name} is the partner, {waiting} a sentence about the emails that wait, {tag} the tag, {email}
# the email and {withheld} why it would not leave, {reach} whether emails reach the partner then.
_WORDINGS = {
    "activate": _Wording(
        "Make {name} active?",
        "{reach} What was withheld meanwhile is not sent later.",
        "Make active",
        "{name} is active. {reach}",
    ),
    "suspend": _Wording(
        "Suspend {name}?",
        "No email reaches them until they are active again.{waiting}",
        "Suspend partner",
        "{name} is suspended.",
        danger=True,
    ),
    "archive": _Wording(
        "Archive {name}?",
        "For partners who have left: they stay in the history, and no email reaches them.{waiting}",
        "Archive partner",
        "{name} is archived.",
        danger=True,
    ),
    "unsubscribe": _Wording(
        "Unsubscribe {name}?",
        "Marketing emails are no longer sent to them, those that wait included. "
        "Transactional emails still are.",
        "Unsubscribe",
        "{name} is unsubscribed.",
        danger=True,
    ),
    "resubscribe": _Wording(
        "Subscribe {name} again?",
        "Only do this when they asked for it. {reach} What was withheld meanwhile is not sent "
        "later.",
        "Subscribe",
        "{name} is subscribed. {reach}",
    ),
    "mark_deliverable": _Wording(
        "Does mail to {name} arrive again?",
        "Only do this when you know that it does: more bounces or complaints harm the delivery "
        "of all your emails. {reach}",
        "Address works again",
        "The address of {name} counts as working again. {reach}",
    ),
    "delete": _Wording(
        "Delete {name}?",
        "Erases the partner, with tags, email log and every email kept. This cannot be undone.",
        "Delete partner",
        "The partner is deleted.",
        danger=True,
    ),
    "send_again": _Wording(
        "Send “{email}” again?",
        "{name} gets it once more, in its present wording.{withheld}",
        "Send again",
        # What becomes of it is known once it is done: state/send_again.py.
        "",
    ),
    "remove_tag": _Wording(
        "Remove “{tag}” from {name}?",
        "No email is sent.{waiting} Assigning the tag again later counts as new.",
        "Remove tag",
        "“{tag}” is removed.",
    ),
}


def ask(deed: str, partner_id: int, tag_id: int = 0, send_id: int = 0) -> Question:
    """The question about a deed; raises NotFound for what it is about if there is no such thing.

    `tag_id` is for taking a tag off, `send_id` for sending again.
    """
    wording = _WORDINGS.get(deed)
    with reading() as session:
        row = sql.row(session, partner_id)
        if wording is None or row is None:
            raise NotFound("There is no such partner.")
        tag = tag_catalog.find(session, tag_id).name if tag_id else ""
        waiting = _waiting(_number(session, partner_id, tag_id))
        email, withheld = _again(session, partner_id, send_id) if send_id else ("", "")
    words = {
        "name": row.label,
        "tag": tag,
        "waiting": waiting,
        "email": email,
        "withheld": withheld,
        "reach": _reach(row, deed),
    }
    return Question(
        deed=deed,
        partner_id=partner_id,
        tag_id=tag_id,
        send_id=send_id,
        title=wording.title.format(**words),
        text=wording.text.format(**words),
        confirm=wording.confirm,
        done=wording.done.format(**words),
        danger=wording.danger,
    )


def _again(session: Session, partner_id: int, send_id: int) -> tuple[str, str]:
    """An email of the partner's that is to be sent again, and why it would not leave now."""
    row = send_log.row(session, send_id)
    if row is None or row.partner_id != partner_id:
        raise NotFound("There is no such email.")
    kind = session.get_one(Template, row.template_id).kind
    reason = history.why_no_mail(session, partner_id, kind)
    if reason:
        return row.template, f" But it would be withheld: {reasons.sentence(reason)}"
    note = leaving(session).note
    return row.template, f" {note}" if note else ""


# What a deed makes of what keeps emails from a partner.
_LIFTS: dict[str, dict[str, str]] = {
    "activate": {"status": PartnerStatus.ACTIVE},
    "resubscribe": {"consent": Consent.SUBSCRIBED},
    "mark_deliverable": {"deliverability": Deliverability.OK},
}


def _reach(row: PartnerRow, deed: str) -> str:
    """Whether emails reach the partner once that is done: it may not be all that kept them away."""
    names = ("status", "consent", "deliverability")
    stands = {name: getattr(row, name) for name in names} | _LIFTS.get(deed, {})
    left = mail_state(**stands, has_address=bool(row.email))
    if left == Consent.SUBSCRIBED:
        return "Emails reach them again."
    if left == Consent.UNSUBSCRIBED:
        return "Transactional emails reach them again; from marketing emails they unsubscribed."
    return f"Emails still do not reach them: {reasons.sentence(left)}"


def _number(session: Session, partner_id: int, tag_id: int) -> int:
    """How many waiting emails will be skipped."""
    if tag_id:
        return bulk.waiting(session, tag_id, [partner_id])
    waiting = SendFilter(partner_id=partner_id, status=[SendStatus.QUEUED])
    return send_log.count(session, waiting)


def _waiting(number: int) -> str:
    if not number:
        return ""
    return (
        " One waiting email is skipped."
        if number == 1
        else f" {number:,} waiting emails are skipped."
    )
