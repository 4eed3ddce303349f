"""The made-up partners of the sample data: the same ones every time."""

import random
from typing import Any

from rxapp.db.models import Consent, Deliverability, PartnerStatus
from rxapp.db.search import fold
from rxapp.domain.text import email_key

NUMBER = 300
KEY = "DEMO-{:04}"
# fmt: off
FIRST_NAMES = [
    "Amara", "Ben", "Chloé", "Dmitri", "Elif", "Farid", "Grace", "Hana", "Ivan", "Jürgen", "Kofi",
    "Lucía", "Mei", "Noah", "Olga", "Priya", "Quinn", "Rosa", "Sven", "Tariq", "Uma", "Viktor",
    "Wanda", "Xavier", "Yuki", "Zoë",
]
LAST_NAMES = [
    "Adeyemi", "Bauer", "Costa", "Dubois", "Eriksen", "Fischer", "García", "Haddad", "Ito",
    "Jensen", "Kowalski", "Lindqvist", "Müller", "Novak", "Okafor", "Park", "Quiroga", "Rossi",
    "Singh", "Tanaka", "Ueda", "Varga", "Weiss", "Yilmaz", "Zhang",
]
HOUSES = [
    "Alder", "Brightwater", "Cobalt", "Driftwood", "Ember", "Foxglove", "Granite", "Harbor",
    "Ivory", "Juniper", "Kestrel", "Lumen", "Meadow", "Northgate", "Orchard", "Pinnacle", "Quarry",
    "Ridge", "Saffron", "Tidal",
]
TRADES = ["Media", "Studio", "Consulting", "Digital", "Partners", "Labs"]
COUNTRIES = ["Brazil", "Canada", "Germany", "Italy", "Japan", "Nigeria", "Spain", "United States"]
# fmt: on
# What keeps some partners from being emailed, so that the log has something to tell.
UNUSUAL: list[dict[str, Any]] = [
    {},
    {"consent": Consent.UNSUBSCRIBED},
    {"status": PartnerStatus.SUSPENDED},
    {"deliverability": Deliverability.BOUNCED, "deliverability_note": "550 No such user"},
    {"email": None, "email_key": None},
    {"first_name": "", "last_name": ""},
]
UNUSUAL_WEIGHTS = [82, 7, 3, 3, 2, 3]


def people() -> list[dict[str, Any]]:
    """The partners as rows of the table.

    Their addresses are under `.example`, which can never belong to anybody (RFC 2606).
    """
    dice = random.Random(1)  # noqa: S311 (nothing secret: the same sample every time)
    return [_person(number, dice) for number in range(1, NUMBER + 1)]


def keys() -> list[str]:
    """The keys they are known by."""
    return [KEY.format(number) for number in range(1, NUMBER + 1)]


def _person(number: int, dice: random.Random) -> dict[str, Any]:
    first, last, house = (dice.choice(names) for names in (FIRST_NAMES, LAST_NAMES, HOUSES))
    email = f"{fold(f'{first}.{last}')}{number}@{house.lower()}.example"
    person: dict[str, Any] = {
        "email": email,
        "email_key": email_key(email),
        "first_name": first,
        "last_name": last,
        # Some work on their own: emails must read well without a company, too.
        "company": f"{house} {dice.choice(TRADES)}" if dice.random() < 0.8 else "",
        "key": KEY.format(number),
        "fields": {"country": dice.choice(COUNTRIES), "referrals": str(dice.randrange(60))},
        # Every row names the same columns, the unusual ones too.
        "status": PartnerStatus.ACTIVE,
        "consent": Consent.SUBSCRIBED,
        "deliverability": Deliverability.OK,
        "deliverability_note": "",
    }
    return person | dice.choices(UNUSUAL, UNUSUAL_WEIGHTS)[0]
