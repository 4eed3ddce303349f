"""What the provider says of the account's domains, in words for people who never saw DNS."""

from __future__ import annotations

from dataclasses import dataclass, field

from rxapp.dispatch.resend_account import Access, Account, Domain, Record
from rxapp.domain import senders

# Resend's words for how far a domain or a record is: ours, the colour, and what to do.
STATUSES = {
    "verified": ("Verified", "green", "Emails may come from any address of this domain."),
    "pending": (
        "Waiting for DNS",
        "amber",
        "Resend has not seen all records yet. Set the ones below where the domain is managed; "
        "it can take from minutes to a day until they are seen.",
    ),
    "not_started": (
        "Not set up",
        "amber",
        "Set the records below where the domain is managed, then have Resend look.",
    ),
    "temporary_failure": (
        "Records gone",
        "red",
        "The records were there and are not seen any more. Resend keeps looking for 72 hours: "
        "set them again.",
    ),
    "failed": (
        "Failed",
        "red",
        "Resend gave up looking for the records. Set the ones below, then have it look again.",
    ),
}
_OF_RECORD = {"verified": ("Seen", "green"), "failed": ("Not seen", "red")}
PURPOSES = {
    "SPF": "says that Resend may send for the domain",
    "DKIM": "signs the emails, so that nobody can fake them",
    "DMARC": "tells inboxes what to do with fakes",
    "Receiving": "for receiving mail; the app does not need it",
    "Inbound": "for receiving mail; the app does not need it",
    "Tracking": "for counting opens and clicks",
    "TrackingCAA": "for counting opens and clicks",
}


@dataclass
class RecordLine:
    """One DNS record to set."""

    purpose: str = ""
    kind: str = ""
    name: str = ""
    value: str = ""
    priority: str = ""
    word: str = ""
    color: str = "gray"


@dataclass
class DomainLine:
    """A domain of the account, and what it still needs."""

    id: str = ""
    name: str = ""
    word: str = ""
    color: str = "gray"
    sentence: str = ""
    verified: bool = False
    records: list[RecordLine] = field(default_factory=list)


def domain_lines(account: Account | None) -> list[DomainLine]:
    """The domains, as the page lists them."""
    return [_line(domain) for domain in account.domains] if account else []


def sender_sentence(account: Account | None, sender: str) -> tuple[str, bool]:
    """Whether the sender's domain may send, in a sentence; and whether it may.

    Empty when the provider does not say.
    """
    domains = statuses(account)
    if words := senders.trouble(sender, domains):
        return words, False
    if domains is None:
        return "", False
    return f"Your sender {sender} is ready: {sender.rpartition('@')[2]} is verified.", True


def statuses(account: Account | None) -> dict[str, str] | None:
    """Resend's word for each domain; None when the key cannot read them."""
    if account is None or account.access is not Access.FULL:
        return None
    return {domain.name: domain.status for domain in account.domains}


def _line(domain: Domain) -> DomainLine:
    word, color, sentence = STATUSES.get(domain.status, (domain.status or "Unknown", "gray", ""))
    return DomainLine(
        id=domain.id,
        name=domain.name,
        word=word,
        color=color,
        sentence=sentence,
        verified=domain.status == "verified",
        records=[_record(one) for one in domain.records],
    )


def _record(record: Record) -> RecordLine:
    word, color = _OF_RECORD.get(record.status, ("Not seen yet", "amber"))
    purpose = PURPOSES.get(record.purpose, "")
    return RecordLine(
        purpose=f"{record.purpose}: {purpose}" if purpose else record.purpose,
        kind=record.kind,
        name=record.name,
        value=record.value,
        priority=record.priority,
        word=word,
        color=color,
    )
