"""Who may be emailed: one SQL expression, used when deciding and again when forming a batch."""

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, or_
from sqlmodel import col

from rxapp.db.models import (
    Action,
    Assignment,
    Automation,
    Consent,
    Deliverability,
    Partner,
    PartnerStatus,
    Send,
    SendStatus,
    TemplateKind,
    TemplateVersion,
)


def why_not_partner(kind: SQLColumnExpression[Any]) -> ColumnElement[str]:
    """Why an email of `kind` may not go to the partner of the row: a reason, or an empty string.

    The weightiest reason comes first. Only marketing mail asks for consent.
    """
    marketing = kind == TemplateKind.MARKETING
    return case(
        (or_(col(Partner.email_key).is_(None), col(Partner.email_key) == ""), "no_address"),
        (col(Partner.status) == PartnerStatus.ARCHIVED, "archived"),
        (col(Partner.status) == PartnerStatus.SUSPENDED, "suspended"),
        (col(Partner.deliverability) == Deliverability.COMPLAINED, "complained"),
        (col(Partner.deliverability) == Deliverability.BOUNCED, "bounced"),
        (and_(marketing, col(Partner.consent) == Consent.UNSUBSCRIBED), "unsubscribed"),
        else_="",
    )


def why_not_send() -> ColumnElement[str]:
    """Why a queued send may not leave as things stand: a reason, or an empty string.

    The row is a send with its action, automation, assignment, partner and version. One that
    somebody asked for again by hand is only held against the partner.
    """
    by_hand = col(Send.resend_of).is_not(None)
    off = or_(~col(Automation.enabled), col(Automation.deleted_at).is_not(None))
    gone = and_(
        col(Action.needs_tag),
        col(Action.delay_seconds) > 0,
        col(Assignment.ended_at).is_not(None),
    )
    return case(
        (and_(~by_hand, off), "automation_off"),
        (and_(~by_hand, gone), "tag_gone"),
        else_=why_not_partner(col(TemplateVersion.kind)),
    )


def why_not_waiting() -> ColumnElement[str]:
    """What `why_not_send` says of sends that wait; of all others an empty string."""
    return case((col(Send.status) == SendStatus.QUEUED, why_not_send()), else_="")
