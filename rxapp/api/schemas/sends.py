"""Sends, as the API gives them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from rxapp.db.models import SendStatus, Source
from rxapp.db.send_log import SendRow
from rxapp.domain.reasons import told


class CauseOut(BaseModel):
    """One link in the chain of what led to a send."""

    model_config = ConfigDict(from_attributes=True)

    source: Source
    actor: str
    tag: str
    automation_id: int | None
    automation: str | None
    at: datetime


class SendOut(BaseModel):
    """One email decided for one partner, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(examples=[1001])
    status: SendStatus = Field(
        description="`captured`: the sandbox kept it, so nobody was sent it."
    )
    reason: str = Field(examples=["unsubscribed"], description="Why it did not leave or arrive.")
    explanation: str = Field(
        examples=["This partner has unsubscribed from marketing emails."],
        description="The reason as a sentence; while it is queued, why it would not leave.",
    )
    partner_id: int
    email: str | None = Field(description="The partner's address now.")
    recipient: str = Field(description="The address it was sent to; empty before that.")
    tag_id: int
    tag: str = Field(examples=["vip"])
    automation_id: int
    automation: str = Field(examples=["Welcome to VIP"])
    template_id: int
    template: str = Field(examples=["Welcome to VIP"])
    version: int = Field(description="The version of the email it was decided with.")
    subject: str = Field(description="As written; the email as sent has the names filled in.")
    assignment_id: int
    source: Source = Field(description="The door the assignment came through.")
    actor: str = Field(description="Who assigned the tag, or led to it.")
    resend_of: int | None = Field(description="The send this one repeats.")
    resent_by: str = Field(description="Who asked for it to be sent again.")
    bulk: bool
    provider_id: str | None
    due_at: datetime = Field(description="When it may leave at the earliest.")
    created_at: datetime
    status_at: datetime
    sent_at: datetime | None = Field(description="When the provider took it over.")
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None

    @classmethod
    def of(cls, row: SendRow) -> Self:
        """A row of the log, with its reason in words."""
        return cls.model_validate(_explained(row))


class EmailOut(BaseModel):
    """An email exactly as it was handed to the provider."""

    model_config = ConfigDict(from_attributes=True)

    sender: str
    to: str
    subject: str
    html: str
    text: str
    headers: dict[str, str]
    captured: bool = Field(description="Kept by the sandbox instead of being sent.")


class SendDetailOut(SendOut):
    """A send with what led to it, first cause first, and the email as sent (null before that)."""

    causes: list[CauseOut]
    sent_email: EmailOut | None


def _explained(row: SendRow) -> dict[str, Any]:
    return {**asdict(row), "explanation": told(row.reason, row.detail, row.why_not)}
