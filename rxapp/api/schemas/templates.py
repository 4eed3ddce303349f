"""Emails, as the API takes and gives them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rxapp.api.schemas.base import Body, NameOrId
from rxapp.db.models import TemplateKind


class TemplatePatch(Body):
    """What to change of an email; changing what it says makes a new version.

    With `based_on`, the version it was read as, changes others made since are not lost: the
    answer is a `conflict`.
    """

    name: str | None = Field(None, examples=["Welcome to VIP"])
    kind: TemplateKind | None = None
    subject: str | None = Field(
        None, examples=["Welcome, {{ partner.first_name | default('you') }}"]
    )
    preheader: str | None = None
    body: str | None = Field(None, examples=["<p>You are a VIP now.</p>"])
    based_on: int | None = None
    archived: bool | None = None


class TemplateBody(Body):
    """An email. `partner.*`, `tag.name`, `program.*` and `unsubscribe_url` can be shown in it.

    `marketing` needs consent and carries an unsubscribe link; `transactional` does not.
    """

    name: str = Field(examples=["Welcome to VIP"])
    kind: TemplateKind = TemplateKind.MARKETING
    subject: str = Field(examples=["Welcome, {{ partner.first_name | default('you') }}"])
    preheader: str = Field("", description="What inboxes show after the subject.")
    body: str = Field(examples=["<p>You are a VIP now.</p>"], description="HTML.")


class TemplateRowOut(BaseModel):
    """An email as lists show it; `automations` is how many send it."""

    model_config = ConfigDict(from_attributes=True)

    id: int = Field(examples=[5])
    name: str = Field(examples=["Welcome to VIP"])
    kind: TemplateKind
    version: int = Field(description="The newest version, the one new sends are decided with.")
    subject: str
    automations: int
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime


class VariableOut(BaseModel):
    """What the email shows of a partner or the program. Without a fallback, an empty one makes
    the send fail.
    """

    name: str = Field(examples=["partner.first_name"])
    has_fallback: bool


class TemplateOut(TemplateRowOut):
    """An email with what it says."""

    preheader: str
    body: str
    variables: list[VariableOut]
    author: str = Field(description="Who saved this version.")


class PreviewBody(Body):
    """Whose data to show, and for which tag; without a partner it is a made-up one."""

    partner: NameOrId | None = Field(None, examples=[17, "ada@example.com"])
    tag: NameOrId | None = Field(None, examples=["vip"])


class PreviewOut(BaseModel):
    """The email exactly as it would be sent."""

    model_config = ConfigDict(from_attributes=True)

    subject: str
    html: str
    text: str


class TestBody(PreviewBody):
    """Where to send the test: an address, or up to ten."""

    to: str | list[str] = Field(examples=["me@example.com"])


class TestStarted(BaseModel):
    """A test that was handed over for sending."""

    test_id: int


class TestOut(BaseModel):
    """What became of a test; `captured` is the sandbox, which sends nothing."""

    model_config = ConfigDict(from_attributes=True)

    status: Literal["sent", "captured", "waiting", "refused"]
    problem: str = Field(description="The provider's words, when there are any.")
