"""Tags, as the API takes and gives them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from rxapp.api.schemas.base import Body


class TagBody(Body):
    """A new tag; its name is unique, letter case aside."""

    name: str = Field(examples=["vip"])
    color: str = Field("gray", examples=["gold"])
    description: str = Field("", examples=["Partners with more than ten sales"])


class TagPatch(Body):
    """What to change of a tag. An archived tag stays on its partners, but nobody new gets it."""

    name: str | None = Field(None, examples=["VIP"])
    color: str | None = Field(None, examples=["amber"])
    description: str | None = None
    archived: bool | None = None


class TagOut(BaseModel):
    """A tag, and how many partners and automations use it."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(examples=[3])
    name: str = Field(examples=["vip"])
    color: str = Field(examples=["amber"])
    description: str
    archived_at: datetime | None
    created_at: datetime
    partners: int = Field(examples=[42])
    automations: int = Field(examples=[1])
