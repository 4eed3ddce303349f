"""A pre-flight, told: what assigning a tag would do, in sentences a person decides by."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rxapp.db.decisions import Person
from rxapp.domain import reasons
from rxapp.domain.automation_words import duration
from rxapp.domain.leaving import Leaving
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
    # What is done with them, and what they are then: send and sent, queue and queued, ...
    verb: str = "send"
    past: str = "sent"
    # The deed in words, for the button.
    confirm: str = "Assign tag"


def of_many(found: Preflight, tag: str, leaving: Leaving, hold_seconds: int = 0) -> Foreseen:
    """The consequences for a selection of partners; `hold_seconds` is the time to undo it."""
    headline = (
        f"{people(found.added)} newly tagged “{tag}”"
        if found.added
        else f"Nobody is newly tagged “{tag}”"
    )
    if found.already:
        headline += f", {found.already:,} already {'has' if found.already == 1 else 'have'} it"
    lines = [_of_some(email, leaving, hold_seconds) for email in found.emails]
    return _foreseen(found, f"{headline}.", lines, leaving)


def of_existing(found: Preflight, tag: str, leaving: Leaving, hold_seconds: int = 0) -> Foreseen:
    """The consequences of running an automation for those who have its tag already."""
    headline = f"{people(found.added)} who already {'has' if found.added == 1 else 'have'} “{tag}”:"
    lines = [_of_some(email, leaving, hold_seconds) for email in found.emails]
    return _foreseen(found, headline, lines, leaving)


def of_one(found: Preflight, tag: str, partner: str, leaving: Leaving) -> Foreseen:
    """The consequences for one partner."""
    if not found.added:
        return Foreseen(headline=f"{partner} already has “{tag}”: nothing happens.")
    lines = [_of_the_one(email, leaving) for email in found.emails]
    return _foreseen(found, f"{partner} gets “{tag}”.", lines, leaving)


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


def when(leaving: Leaving, delay_seconds: int = 0, hold_seconds: int = 0) -> str:
    """When an email leaves that is decided now, to go on from "gets it"."""
    seconds = max(delay_seconds, hold_seconds)
    moment = f"in {duration(seconds)}" if seconds else "now"
    if leaving.held:
        early = f"{moment} at the earliest, and only " if delay_seconds else ""
        moment = f"{early}once {leaving.until}"
    return f"{moment}: the sandbox captures it" if leaving.captured else moment


def gets(leaving: Leaving, number: int) -> str:
    """What happens to so many partners, to go on with the email; in the sandbox it only would."""
    if leaving.captured:
        return "would get"
    return "gets" if number == 1 else "get"


def going(leaving: Leaving, number: int, later: int = 0) -> str:
    """What becomes of so many emails decided just now, and of so many that wait for their time."""
    told = []
    if number:
        are, their = ("is", "its") if number == 1 else ("are", "their")
        wait = f"{'waits' if number == 1 else 'wait'}: {leaving.because}"
        captured = f"{are} captured by the sandbox, and not sent"
        fate = wait if leaving.held else captured if leaving.captured else f"{are} on {their} way"
        told.append(f"{counted(number, 'email')} {fate}.")
    if later:
        told.append(
            f"{counted(later, 'email')} {'waits for its' if later == 1 else 'wait for their'} time."
        )
    return " ".join(told)


def _foreseen(
    found: Preflight, headline: str, emails: list[ForeseenLine], leaving: Leaving
) -> Foreseen:
    lines = [*sorted(emails, key=lambda line: line.tone == "skip"), *_tag_lines(found)]
    if found.added and not emails:
        lines.insert(0, ForeseenLine("skip", "No email is sent: no automation sends one."))
    if found.queued and leaving.doubt:
        lines.insert(0, ForeseenLine("skip", leaving.doubt))
    emailing = f" and {leaving.verb} {counted(found.queued, 'email')}" if found.queued else ""
    return Foreseen(
        headline,
        lines,
        found.added,
        found.queued,
        f"{found.queued:,}",
        leaving.verb,
        leaving.done,
        f"Assign tag{emailing}",
    )


def _of_some(email: ForeseenEmail, leaving: Leaving, hold_seconds: int) -> ForeseenLine:
    names = _names(email.examples, email.count)
    if email.status == "queued":
        words = f"{email.count:,} {gets(leaving, email.count)} “{email.template}”"
        moment = when(leaving, email.delay_seconds, hold_seconds)
        return ForeseenLine(_tone(email, leaving), f"{words} {moment}.", names)
    return ForeseenLine("skip", _withheld(email), names)


def _withheld(email: ForeseenEmail) -> str:
    one = email.count == 1
    if email.reason == "same_email":
        get = "gets" if one else "get"
        return f"{email.count:,} {get} “{email.template}” only once: two automations send it."
    why = WITHHELD[email.reason][0 if one else 1]
    do = "does" if one else "do"
    return f"{email.count:,} {why} and {do} not get “{email.template}”."


def _of_the_one(email: ForeseenEmail, leaving: Leaving) -> ForeseenLine:
    if email.status == "queued":
        moment = when(leaving, email.delay_seconds)
        words = f"{gets(leaving, 1).capitalize()} “{email.template}” {moment}."
        return ForeseenLine(_tone(email, leaving), words)
    why = reasons.sentence(email.reason)
    return ForeseenLine("skip", f"“{email.template}” is not sent. {why}")


def _tone(email: ForeseenEmail, leaving: Leaving) -> str:
    return "later" if email.delay_seconds or leaving.held else "send"


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
