"""Text as search sees it: folded so that case and accents do not matter."""

import unicodedata
from collections.abc import Mapping
from typing import Any

SEARCHED = ("email", "first_name", "last_name", "company", "key")


def fold(words: str) -> str:
    """Lower case, without accents, single spaces: "  Zoë MÜLLER" becomes "zoe muller"."""
    if not words.isascii():
        spread = unicodedata.normalize("NFKD", words)
        words = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return " ".join(words.casefold().split())


def search_text(partner: Mapping[str, Any]) -> str:
    """What a search for a partner looks through, from the partner's columns by name."""
    return fold(" ".join(str(partner[name]) for name in SEARCHED if partner.get(name)))
