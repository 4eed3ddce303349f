"""What routes declare: who asks, the role it takes, and how partners and tags are named."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Request
from fastapi.routing import RouteContext
from fastapi.security import HTTPBearer
from pydantic import AfterValidator, BeforeValidator

from rxapp.api import addresses
from rxapp.auth import roles
from rxapp.auth.sessions import Identity
from rxapp.db.models import Role
from rxapp.domain.text import MAX_ID
from rxapp.errors import NotAuthenticated, NotFound

# The gate reads the key. This only makes the documentation say where it goes.
_documented = HTTPBearer(scheme_name="key", description="An API key.", auto_error=False)


def caller(request: Request, _key: Annotated[Any, Depends(_documented)] = None) -> Identity:
    """Who asks, as the gate found out; raises NotAuthenticated where it let anybody through."""
    identity = getattr(request.state, "identity", None)
    if not isinstance(identity, Identity):
        raise NotAuthenticated("Sign in, or send an API key.")
    return identity


Caller = Annotated[Identity, Depends(caller)]


@dataclass(frozen=True)
class Needs:
    """The dependency that holds a route to a role; a test reads `role` off every route."""

    role: Role

    def __call__(self, identity: Caller) -> None:
        """Raise NotAllowed unless the caller's role is enough."""
        roles.require(identity, self.role)


def needs(role: Role) -> Any:
    """For a route's `dependencies`: only this role and those above it come in."""
    return Depends(Needs(role))


def stated_role(route: RouteContext) -> Role | None:
    """The role a route needs; None for one that is open to anybody."""
    stated = [one.call.role for one in route.dependant.dependencies if isinstance(one.call, Needs)]
    return stated[0] if stated else None


def storable(text: str) -> str:
    """Refuse characters that no database keeps and no email carries."""
    if "\x00" in text:
        raise ValueError("this has a NUL character, which cannot be stored")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("this has half of a character, which cannot be stored") from error
    return text


def known_id(number: int) -> int:
    """Raise NotFound for a number that cannot be an id."""
    if not 0 < number <= MAX_ID:
        raise NotFound(f"There is nothing with the id {number}.")
    return number


def utc(moment: object) -> object:
    """A moment in UTC, which is also what one without a time zone is taken to be in."""
    if not isinstance(moment, datetime):
        return moment
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this is outside of the calendar") from error


Text = Annotated[str, AfterValidator(storable)]
# A name as a part of a path.
Named = Annotated[Text, AfterValidator(addresses.name)]
Moment = Annotated[datetime, AfterValidator(utc)]
# An empty filter, as forms send it, is none.
EMPTY_IS_NONE = BeforeValidator(lambda text: text or None)
Filter = Annotated[Text | None, EMPTY_IS_NONE]
RowId = Annotated[int, AfterValidator(known_id), Path()]
PartnerRef = Annotated[
    Named,
    Path(
        description="An id, `key:` and the program's own key, or `email:` and the address.",
        examples=["17", "key:acme-1", "email:ada@example.com"],
    ),
]
TagRef = Annotated[
    Named,
    Path(description="An id, or the tag's name.", examples=["3", "vip"]),
]
