"""Who may be emailed: one SQL expression, used when deciding and again when forming a batch."""

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, or_
from sqlmodel import col

from rxapp.db.models import Consent, Deliverability, Partner, PartnerStatus, TemplateKind


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
