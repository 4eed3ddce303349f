"""A pre-flight, told: what assigning a tag would do, in sentences a person decides by."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rxapp.db.decisions import Person
from rxapp.domain import reasons
from rxapp.domain.automation_words import duration
from rxapp.domain.preflight import ForeseenEmail, Preflight

# Why some of many do not get an email: told of one, and of several.
WITHHELD = {
    "no_address": ("has no email address", "have no email address"),
    "archived": ("is archived", "are archived"),
    "suspended": ("is suspended", "are suspended"),
    "unsubscribed": ("has unsubscribed", "have unsubscribed"),
    "bounced": ("has an address that bounced", "have an address that bounced"),
    "complained": ("marked an earlier email as spam", "marked an earlier email as spam"),
    "loop": ("was met by that automation before", "were met by that automation before"),
}


@dataclass
class ForeseenLine:
    """One consequence. `tone`: send, later, skip, tag."""

    tone: str
    words: str
    names: str = ""


@dataclass
class Foreseen:
    """All consequences of assigning a tag, in the order a person asks for them."""

    headline: str = ""
    lines: list[ForeseenLine] = field(default_factory=list)
    added: int = 0
    # How many emails would leave; `written` is that number as it is read.
    emails: int = 0
    written: str = ""
    # The deed in words, for the button.
    confirm: str = "Assign tag"


def of_many(found: Preflight, tag: str) -> Foreseen:
    """The consequences for a selection of partners."""
    headline = (
        f"{people(found.added)} newly tagged “{tag}”"
        if found.added
        else f"Nobody is newly tagged “{tag}”"
    )
    if found.already:
        headline += f", {found.already:,} already {'has' if found.already == 1 else 'have'} it"
    return _foreseen(found, f"{headline}.", [_of_some(email) for email in found.emails])


def of_existing(found: Preflight, tag: str) -> Foreseen:
    """The consequences of running an automation for those who have its tag already."""
    headline = f"{people(found.added)} who already {'has' if found.added == 1 else 'have'} “{tag}”:"
    return _foreseen(found, headline, [_of_some(email) for email in found.emails])


def of_one(found: Preflight, tag: str, partner: str) -> Foreseen:
    """The consequences for one partner."""
    if not found.added:
        return Foreseen(headline=f"{partner} already has “{tag}”: nothing happens.")
    return _foreseen(found, f"{partner} gets “{tag}”.", [_of_the_one(one) for one in found.emails])


def of_new(tag: str, number: int) -> Foreseen:
    """The consequences of a tag that is made for this: nothing listens to it yet."""
    line = ForeseenLine("skip", "No email is sent: no automation knows the new tag yet.")
    return Foreseen(f"“{tag}” is created and put on {people(number)}.", [line], added=number)


def people(number: int) -> str:
    """So many partners, in words."""
    return counted(number, "partner")


def counted(number: int, what: str) -> str:
    """So many of something whose plural ends in s: "1 email", "1,234 emails"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _foreseen(found: Preflight, headline: str, emails: list[ForeseenLine]) -> Foreseen:
    lines = [*sorted(emails, key=lambda line: line.tone == "skip"), *_tag_lines(found)]
    if found.added and not emails:
        lines.insert(0, ForeseenLine("skip", "No email is sent: no automation sends one."))
    return Foreseen(
        headline, lines, found.added, found.queued, f"{found.queued:,}", _deed(found.queued)
    )


def _deed(emails: int) -> str:
    if not emails:
        return "Assign tag"
    return f"Assign tag and send {counted(emails, 'email')}"


def _of_some(email: ForeseenEmail) -> ForeseenLine:
    names = _names(email.examples, email.count)
    one = email.count == 1
    if email.status == "queued":
        gets = "gets" if one else "get"
        return _sent(f"{email.count:,} {gets} “{email.template}”", email, names)
    return ForeseenLine("skip", _withheld(email), names)


def _withheld(email: ForeseenEmail) -> str:
    one = email.count == 1
    if email.reason == "same_email":
        gets = "gets" if one else "get"
        return f"{email.count:,} {gets} “{email.template}” only once: two automations send it."
    why = WITHHELD[email.reason][0 if one else 1]
    do = "does" if one else "do"
    return f"{email.count:,} {why} and {do} not get “{email.template}”."


def _of_the_one(email: ForeseenEmail) -> ForeseenLine:
    if email.status == "queued":
        return _sent(f"Gets “{email.template}”", email, "")
    why = reasons.sentence(email.reason)
    return ForeseenLine("skip", f"“{email.template}” is not sent. {why}")


def _sent(words: str, email: ForeseenEmail, names: str) -> ForeseenLine:
    if email.delay_seconds:
        return ForeseenLine("later", f"{words} in {duration(email.delay_seconds)}.", names)
    return ForeseenLine("send", f"{words} now.", names)


def _tag_lines(found: Preflight) -> list[ForeseenLine]:
    added = [
        ForeseenLine("tag", f"{people(number)} also tagged “{tag}” by an automation.")
        for tag, number in found.tags_added.items()
    ]
    removed = [
        ForeseenLine("tag", f"{people(number)} no longer tagged “{tag}”, by an automation.")
        for tag, number in found.tags_removed.items()
    ]
    return added + removed


def _names(examples: Sequence[Person], count: int) -> str:
    named = [f"{one.first_name} {one.last_name}".strip() or one.email or "" for one in examples[:3]]
    others = count - len(named)
    if others > 0:
        return f"{', '.join(named)} and {others:,} more"
    return " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else "".join(named)
