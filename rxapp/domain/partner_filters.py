"""Which partners an address asks for: the list of partners, and everything done with all of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from rxapp.db.models import Consent, Deliverability, PartnerStatus
from rxapp.db.partners import PartnerFilter
from rxapp.domain.text import as_id

# The address's names of tags to hold any, all or none of; each a list of ids.
TAGS = ("tag", "all", "none")
NAMES = ("q", *TAGS, "status", "consent", "mail")
# More than this in an address nobody picked by hand.
TAGS_LIMIT = 50
IDS_LIMIT = 1_000

Word = TypeVar("Word", bound=StrEnum)


def wanted(address: Mapping[str, str]) -> PartnerFilter:
    """The filter an address asks for; what it cannot mean is not asked."""
    return PartnerFilter(
        q=address.get("q", ""),
        ids=listed_ids(address["ids"], IDS_LIMIT) if address.get("ids") else None,
        tag_ids_any=tag_ids(address.get("tag", "")),
        tag_ids_all=tag_ids(address.get("all", "")),
        tag_ids_none=tag_ids(address.get("none", "")),
        status=_word(PartnerStatus, address.get("status", "")),
        consent=_word(Consent, address.get("consent", "")),
        deliverability=_word(Deliverability, address.get("mail", "")),
    )


def tag_ids(listed: str) -> list[int]:
    """The ids of tags in "3,17", each once."""
    return listed_ids(listed, TAGS_LIMIT)


def listed_ids(listed: str, limit: int) -> list[int]:
    """The first `limit` ids in "3,17", each once; what is no id is left out."""
    found = (as_id(part) for part in listed.split(",")[:limit])
    return list(dict.fromkeys(one for one in found if one))


def _word(kind: type[Word], word: str) -> Word | None:
    try:
        return kind(word)
    except ValueError:
        return None
