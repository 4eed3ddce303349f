"""What is asked before something is done to a partner: the deed, and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from rxapp.db import bulk, send_log
from rxapp.db import partners as sql
from rxapp.db.engine import reading
from rxapp.db.models import SendStatus
from rxapp.db.send_log import SendFilter
from rxapp.domain import tag_catalog
from rxapp.errors import NotFound


@dataclass
class Question:
    """A deed, asked before it is done; `done` is said after it."""

    deed: str = ""
    partner_id: int = 0
    tag_id: int = 0
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


# {name} is the partner, {waiting} a sentence about the emails that wait, {tag} the tag.
_WORDINGS = {
    "activate": _Wording(
        "Make {name} active?",
        "Emails reach them again. What was withheld meanwhile is not sent later.",
        "Make active",
        "{name} is active.",
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
        "Only do this when they asked for it. What was withheld meanwhile is not sent later.",
        "Subscribe",
        "{name} is subscribed.",
    ),
    "mark_deliverable": _Wording(
        "Does mail to {name} arrive again?",
        "Only do this when you know that it does: more bounces or complaints harm the delivery "
        "of all your emails.",
        "Send emails again",
        "Emails to {name} are sent again.",
    ),
    "delete": _Wording(
        "Delete {name}?",
        "Erases the partner, with tags, email log and every email kept. This cannot be undone.",
        "Delete partner",
        "The partner is deleted.",
        danger=True,
    ),
    "remove_tag": _Wording(
        "Remove “{tag}” from {name}?",
        "No email is sent.{waiting} Assigning the tag again later counts as new.",
        "Remove tag",
        "“{tag}” is removed.",
    ),
}


def ask(deed: str, partner_id: int, tag_id: int = 0) -> Question:
    """The question about a deed; raises NotFound for a partner, tag or deed there is none of."""
    wording = _WORDINGS.get(deed)
    with reading() as session:
        row = sql.row(session, partner_id)
        if wording is None or row is None:
            raise NotFound("There is no such partner.")
        tag = tag_catalog.find(session, tag_id).name if tag_id else ""
        waiting = _waiting(_number(session, partner_id, tag_id))
    words = {"name": row.label, "tag": tag, "waiting": waiting}
    return Question(
        deed=deed,
        partner_id=partner_id,
        tag_id=tag_id,
        title=wording.title.format(**words),
        text=wording.text.format(**words),
        confirm=wording.confirm,
        done=wording.done.format(**words),
        danger=wording.danger,
    )


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
