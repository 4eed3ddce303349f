"""Whether the provider takes the program's sender, as far as it has said.

Which domains may send is the provider's to say. What it said is kept with the moment it did and
the account it is about: doors warn by it before emails are decided, without asking anew.
"""

from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr

from sqlmodel import Session

from rxapp.config import get_settings
from rxapp.db import batches
from rxapp.db import settings as sql
from rxapp.db.types import utcnow
from rxapp.domain import settings
from rxapp.domain.delivery import account_of, delivery

TEST_DOMAIN = "resend.dev"
VERIFIED = "verified"
_SAID = "sending_domains"


def trouble(sender: str, domains: Mapping[str, str] | None) -> str:
    """Why emails from this address are refused, in a sentence; empty when they are not.

    `domains` are the account's with the provider's word for each; None when it does not say.
    """
    domain = sender.rpartition("@")[2].lower()
    if domain == TEST_DOMAIN:
        return (
            "The sender is Resend's own test address: it reaches nobody but the owner of the "
            "Resend account. Verify a domain, then set the sender."
        )
    if domains is None:
        return ""
    # A verified domain sends for itself only, not for those below or above it.
    found = {name.lower(): status for name, status in domains.items()}.get(domain)
    if found is None:
        return (
            f"Your sender is {sender}, but {domain} is not among this account's domains: "
            "add it in Resend, or set another sender."
        )
    if found != VERIFIED:
        return f"Emails from {sender} are refused until {domain} is verified."
    return ""


def note_domains(session: Session, key: str, domains: Mapping[str, str]) -> None:
    """Remember what the provider said of the domains of this key's account."""
    account = account_of(key, get_settings().resend_api_url)
    said = {"account": account, "domains": dict(domains), "at": utcnow().isoformat()}
    sql.store(session, {_SAID: said})


def doubt(session: Session) -> str:
    """Why emails decided now will probably be held for their sender; empty when nothing says so.

    It is what the provider said when it was last asked, unless it took emails since.
    """
    way, said = delivery(session), sql.stored(session, [_SAID]).get(_SAID)
    if said is None or not way.live or said["account"] != way.account:
        return ""
    sender = parseaddr(settings.program(session).from_)[1]
    domain = sender.rpartition("@")[2].lower()
    if domain == TEST_DOMAIN or not trouble(sender, said["domains"]):
        return ""
    if batches.any_taken_since(session, way.account, datetime.fromisoformat(said["at"])):
        return ""
    return (
        f"When Resend was last asked, {domain} was not verified: emails from {sender} wait until "
        "it is."
    )
