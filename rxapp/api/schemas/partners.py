"""Partners, as the API takes and gives them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rxapp.api.schemas.base import Body
from rxapp.db.models import Consent, Deliverability, PartnerStatus
from rxapp.domain.partners import PartnerInput


class PartnerBody(Body, PartnerInput):
    """A partner. An address, a key, a name or a company is needed; the rest may stay empty.

    When changing one, only what is given is changed; null or an empty text empties a value.
    `fields` are custom fields by name, which emails can show as `{{ partner.<name> }}`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "ada@example.com",
                    "first_name": "Ada",
                    "last_name": "Lovelace",
                    "company": "Analytical Engines",
                    "key": "acme-1",
                    "fields": {"level": "gold"},
                }
            ]
        }
    )


class PartnerOut(BaseModel):
    """A partner, with the names of the tags held."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(examples=[17])
    email: str | None = Field(examples=["ada@example.com"])
    first_name: str = Field(examples=["Ada"])
    last_name: str = Field(examples=["Lovelace"])
    company: str = Field(examples=["Analytical Engines"])
    key: str | None = Field(examples=["acme-1"])
    fields: dict[str, str] = Field(examples=[{"level": "gold"}])
    status: PartnerStatus
    consent: Consent
    consent_at: datetime | None
    deliverability: Deliverability
    deliverability_note: str
    tags: list[str] = Field(examples=[["vip"]])
    created_at: datetime
    updated_at: datetime

    @field_validator("tags", mode="before")
    @classmethod
    def _names(cls, tags: Any) -> Any:
        return [getattr(tag, "name", tag) for tag in tags]
