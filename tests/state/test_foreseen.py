"""What a pre-flight says: numbers, names, and why some do not get an email."""

import pytest

from rxapp.db.decisions import Person
from rxapp.domain.leaving import Held, Leaving
from rxapp.domain.preflight import ForeseenEmail, Preflight
from rxapp.domain.reasons import REASONS
from rxapp.state import foreseen

LIVE = Leaving()


def email(count: int, status: str = "queued", reason: str = "", **values: int) -> ForeseenEmail:
    """One email for so many partners, called P1, P2, ..."""
    people = [Person(i, f"p{i}@partners.test", f"P{i}", "") for i in range(1, min(count, 5) + 1)]
    return ForeseenEmail(
        automation_id=1,
        automation="Vip",
        template_id=1,
        template="VIP Welcome",
        delay_seconds=values.get("delay_seconds", 0),
        status=status,
        reason=reason,
        count=count,
        examples=people,
    )


def test_the_numbers_say_who_gets_what_and_who_does_not() -> None:
    found = Preflight(added=12, already=1, emails=[email(2, "skipped", "unsubscribed"), email(10)])
    told = foreseen.of_many(found, "vip", LIVE)
    assert told.headline == "12 partners newly tagged “vip”, 1 already has it."
    assert [(line.tone, line.words) for line in told.lines] == [
        ("send", "10 get “VIP Welcome” now."),
        ("skip", "2 have unsubscribed and do not get “VIP Welcome”."),
    ]
    assert [line.names for line in told.lines] == ["P1, P2, P3 and 7 more", "P1 and P2"]
    assert (told.emails, told.confirm) == (10, "Assign tag and send 10 emails")


def test_an_email_that_waits_says_how_long() -> None:
    told = foreseen.of_many(
        Preflight(added=1, emails=[email(1, delay_seconds=2 * 86400)]), "vip", LIVE
    )
    assert told.lines[0].words == "1 gets “VIP Welcome” in 2 days."
    assert told.confirm == "Assign tag and send 1 email"


def test_tags_that_follow_are_told_too() -> None:
    found = Preflight(added=3, emails=[email(3)])
    found.tags_added["gold"], found.tags_removed["trial"] = 3, 1
    assert [line.words for line in foreseen.of_many(found, "vip", LIVE).lines[1:]] == [
        "3 partners also tagged “gold” by an automation.",
        "1 partner no longer tagged “trial”, by an automation.",
    ]


def test_no_automation_means_no_email_and_that_is_said() -> None:
    told = foreseen.of_many(Preflight(added=3), "vip", LIVE)
    assert [line.words for line in told.lines] == ["No email is sent: no automation sends one."]
    assert told.confirm == "Assign tag"


def test_one_partner_is_told_by_name_and_with_the_reason() -> None:
    told = foreseen.of_one(
        Preflight(added=1, emails=[email(1, "skipped", "bounced")]), "vip", "Ada", LIVE
    )
    assert told.headline == "Ada gets “vip”."
    assert told.lines[0].words == f"“VIP Welcome” is not sent. {REASONS['bounced']}"


def test_a_tag_that_is_held_already_does_nothing() -> None:
    told = foreseen.of_one(Preflight(already=1), "vip", "Ada", LIVE)
    assert told.headline == "Ada already has “vip”: nothing happens."
    assert told.added == 0


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    "reason",
    [
        "no_address", "archived", "suspended", "unsubscribed", "bounced", "complained", "loop",
        "same_email",
    ],
)  # fmt: skip
def test_every_reason_to_withhold_has_words_for_one_and_for_many(reason: str, count: int) -> None:
    told = foreseen.of_many(
        Preflight(added=count, emails=[email(count, "skipped", reason)]), "vip", LIVE
    )
    assert told.lines[0].words.startswith(f"{count} ")
    assert "VIP Welcome" in told.lines[0].words


@pytest.mark.parametrize(
    ("held", "captured", "words", "deed", "later"),
    [
        ("", False, "2 get “VIP Welcome” now.", "send", "in 1 hour."),
        ("", True, "2 would get “VIP Welcome” now: the sandbox captures it.", "capture",
         "in 1 hour: the sandbox captures it."),
        ("paused", False, "2 get “VIP Welcome” once sending is resumed.", "queue",
         "in 1 hour at the earliest, and only once sending is resumed."),
        ("stopped", False,
         "2 get “VIP Welcome” once the email provider accepts emails again.", "queue",
         "in 1 hour at the earliest, and only once the email provider accepts emails again."),
        ("no_worker", True,
         "2 would get “VIP Welcome” once the worker runs again: the sandbox captures it.",
         "queue",
         "in 1 hour at the earliest, and only once the worker runs again: "
         "the sandbox captures it."),
    ],
)  # fmt: skip
def test_no_words_promise_what_does_not_happen(
    held: Held, captured: bool, words: str, deed: str, later: str
) -> None:
    way = Leaving(held, captured)
    told = foreseen.of_many(Preflight(added=2, emails=[email(2)]), "vip", way)
    assert told.lines[0].words == words
    assert told.confirm == f"Assign tag and {deed} 2 emails"
    waiting = Preflight(added=2, emails=[email(2, delay_seconds=3600)])
    assert foreseen.of_many(waiting, "vip", way).lines[0].words.endswith(later)


def test_a_doubted_sender_is_said_first() -> None:
    doubted = Leaving(doubt="When Resend was last asked, acme.com was not verified.")
    told = foreseen.of_many(Preflight(added=1, emails=[email(1)]), "vip", doubted)
    assert told.lines[0].words == doubted.doubt
    quiet = foreseen.of_many(Preflight(added=1), "vip", doubted)
    assert doubted.doubt not in [line.words for line in quiet.lines]


def test_what_waits_out_the_time_to_undo_does_not_leave_now() -> None:
    told = foreseen.of_many(Preflight(added=2, emails=[email(2)]), "vip", LIVE, 30)
    assert told.lines[0].words == "2 get “VIP Welcome” in 30 seconds."
