"""Assignments, single and bulk, as the API takes them, and what they did or would do."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rxapp.api.schemas.base import Body, NameOrId
from rxapp.api.schemas.sends import SendOut

BULK_LIMIT = 10_000


class AssignBody(Body):
    """A tag for one partner, by name or id."""

    tag: NameOrId = Field(examples=["vip", 3])
    run_automations: bool = Field(True, description="False tags without sending anything.")


class AssignedOut(BaseModel):
    """What an assignment did. With `already` nothing was: `sends` is empty."""

    result: Literal["added", "already"]
    assignment_id: int | None = Field(examples=[71])
    sends: list[SendOut]


class RemovedOut(BaseModel):
    """Whether the partner had the tag that is now gone."""

    result: Literal["removed", "missing"]


class SelectionBody(Body):
    """Up to 10,000 partners: ids, addresses, or `key:` and the program's own key."""

    partners: list[NameOrId] = Field(
        max_length=BULK_LIMIT, examples=[[17, "ada@example.com", "key:acme-1"]]
    )


class BulkAssignBody(SelectionBody):
    """The partners to give a tag to."""

    run_automations: bool = Field(True, description="False tags without sending anything.")


class BulkAssignedOut(BaseModel):
    """What a bulk assignment did."""

    added: int = Field(examples=[2], description="Partners who have the tag now.")
    already: int = Field(examples=[1], description="Partners who had it before: nothing happens.")
    queued: int = Field(examples=[2], description="Emails that were decided.")
    skipped: dict[str, int] = Field(
        examples=[{"unsubscribed": 1}], description="Emails that will not leave, by reason."
    )
    unknown: list[int | str] = Field(
        examples=[["nobody@example.com"]], description="Nobody is called that."
    )


class BulkRemovedOut(BaseModel):
    """What a bulk removal did."""

    removed: int = Field(description="Partners who had the tag.")
    missing: int = Field(description="Partners who did not have it.")
    unknown: list[int | str] = Field(description="Nobody is called that.")


class ExampleOut(BaseModel):
    """One of the partners an answer is about."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str | None
    first_name: str
    last_name: str


class ForeseenEmailOut(BaseModel):
    """One email of a pre-flight: for how many partners it would leave, or not, and why."""

    model_config = ConfigDict(from_attributes=True)

    automation_id: int
    automation: str
    template_id: int
    template: str
    delay_seconds: int
    status: str = Field(examples=["queued", "skipped"])
    reason: str = Field(examples=["", "unsubscribed"])
    count: int
    examples: list[ExampleOut] = Field(description="Some of these partners.")


class PreflightOut(BulkAssignedOut):
    """What an assignment would do, computed by the code that does it; nothing has happened."""

    held: Literal["", "paused", "stopped", "sender", "no_worker"] = Field(
        description="What keeps every email from leaving now; empty when nothing does."
    )
    note: str = Field(
        examples=["Emails wait: sending is paused."],
        description="That in a sentence, or why they will probably be held, such as a sender whose "
        "domain was not verified when the provider was last asked.",
    )
    captured: bool = Field(description="By the sandbox: none of them really leaves.")
    emails: list[ForeseenEmailOut]
    tags_added: dict[str, int] = Field(description="Tags that automations would add.")
    tags_removed: dict[str, int] = Field(description="Tags that automations would remove.")
