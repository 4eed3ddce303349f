"""Made-up partners to preview an email for: an ordinary one, and the ones that break emails."""

from collections.abc import Iterable
from typing import Any

SAMPLE = {
    "first_name": "Alex",
    "last_name": "Rivera",
    "company": "Rivera Studio",
    "email": "alex@example.com",
    "key": "P-1001",
}
_EMPTY: dict[str, str | None] = {**dict.fromkeys(SAMPLE), "email": "nameless@example.com"}
_LONG = {
    "first_name": "Wolfeschlegelsteinhausenbergerdorff-Maximiliana",
    "last_name": "Featherstonehaugh-Cholmondeley von und zu Hohenzollern-Sigmaringen",
    "company": "The International Consortium for Sustainable Partner Marketing & Referral"
    " Technologies (Holding) GmbH & Co. KGaA",
    "email": "a.very.long.address.that.does.not.break.anywhere.and.goes.on@subdomain.example.com",
    "key": "PARTNER-2026-0000-0000-0000-0000-1001",
}
_RIGHT_TO_LEFT = {
    "first_name": "مريم",
    "last_name": "בן־דוד",
    "company": "شركة التسويق الحديث",
    "email": "maryam@example.com",
    "key": "ش-1001",
}
_EMOJI = {
    "first_name": "Zoë 👩🏽‍💻",
    "last_name": "<O'Brien> & “Søn”",
    "company": "🚀 Ⓡocket & Çø. 日本",
    "email": "zoe+emoji@example.com",
    "key": "🔑 & <1001>",
}
# By the word the preview knows them by: what they are called, and what they hold.
WORST: dict[str, tuple[str, dict[str, Any]]] = {
    "empty": ("Nothing filled in", _EMPTY),
    "long": ("Very long names", _LONG),
    "rtl": ("Right to left", _RIGHT_TO_LEFT),
    "emoji": ("Emoji and special characters", _EMOJI),
}


def sample(known_fields: Iterable[str]) -> dict[str, Any]:
    """An ordinary partner; custom fields hold their own names in brackets."""
    return {**{name: f"({name.replace('_', ' ')})" for name in known_fields}, **SAMPLE}


def worst(word: str, known_fields: Iterable[str]) -> dict[str, Any]:
    """One of `WORST`; custom fields are as empty, long or odd as the company."""
    data = WORST[word][1]
    return {**dict.fromkeys(known_fields, data["company"]), **data}
