"""Automations, as the API takes and gives them."""

from dataclasses import asdict
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from rxapp.api.schemas.base import Body, NameOrId, RowNumber
from rxapp.db.automations import AutomationView
from rxapp.db.models import ActionKind
from rxapp.domain.automation_words import sentence


class ActionBody(Body):
    """One step. *Send email* names a template, *Add tag* and *Remove tag* a tag, by id or name.

    Only emails can wait (`delay_seconds`). With `needs_tag`, one that waited is skipped when the
    tag that caused it is gone by then. What a GET answers can be sent back as it is.
    """

    kind: ActionKind = ActionKind.SEND_EMAIL
    template_id: RowNumber | None = Field(None, examples=[5])
    template: NameOrId | None = Field(None, examples=["Welcome to VIP"])
    tag_id: RowNumber | None = None
    tag: NameOrId | None = None
    delay_seconds: int = Field(0, ge=0, examples=[0, 86400])
    needs_tag: bool = True
    id: int | None = Field(None, description="Not needed: a step is known by what it does.")


class AutomationPatch(Body):
    """What to change of an automation; `actions`, when given, are all of its steps."""

    name: str | None = Field(None, examples=["Welcome VIPs"])
    tag_id: RowNumber | None = None
    tag: NameOrId | None = Field(None, examples=["vip"], description="What sets it off.")
    actions: list[ActionBody] | None = Field(
        None, examples=[[{"kind": "send_email", "template_id": 5}]]
    )
    enabled: bool | None = None
    include_existing: bool = Field(
        False,
        description="Also run it for those who have its tag already and whom it has not met. "
        "Without this, they are never emailed by it.",
    )


class AutomationChanges(AutomationPatch):
    """What to change. With `based_on`, the version it was read as, changes others made since are
    not lost: the answer is 409 `overtaken`. Without it, the last one to write wins.
    """

    based_on: int | None = Field(None, examples=[3])


class AutomationBody(AutomationPatch):
    """When the tag is assigned, the actions happen in their order.

    Without a name it is called after what it does.
    """

    actions: list[ActionBody] = Field(
        min_length=1, examples=[[{"kind": "send_email", "template_id": 5}]]
    )


class ActionOut(BaseModel):
    """One step of an automation."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: ActionKind
    template_id: int | None
    template: str | None
    tag_id: int | None
    tag: str | None
    delay_seconds: int
    needs_tag: bool


class AutomationOut(BaseModel):
    """An automation, and in words what it does."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    tag_id: int
    tag: str = Field(examples=["vip"])
    version: int = Field(description="One more with every change; see `based_on`.")
    enabled: bool
    sentence: str = Field(examples=["When *vip* is assigned → send *Welcome to VIP*"])
    actions: list[ActionOut]
    author: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, view: AutomationView) -> Self:
        """An automation as it is shown."""
        return cls.model_validate({**asdict(view), "sentence": sentence(view)})


class AutomationSavedOut(AutomationOut):
    """An automation that was saved; `job_id` is the work on those who have the tag already."""

    job_id: int | None
