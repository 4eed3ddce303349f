"""Text as search sees it: folded so that case and accents do not matter."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from rxapp.characters import bare

SEARCHED = ("email", "first_name", "last_name", "company", "key")
# Letters that are no other letter with an accent to Unicode, though people type them as one, and
# signs that word processors put in the place of the ones on the keyboard.
_TYPED_AS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n", "ĸ": "k",
        "ƀ": "b", "ɨ": "i", "ƶ": "z", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss",
    }
    | dict.fromkeys("‘’‚‛′‵ʹʼʻʽˈ`´＇", "'")
    | dict.fromkeys("“”„‟″‶«»ʺ＂", '"')
    | dict.fromkeys("‐‑‒–—―−⁃﹘﹣－", "-")
)  # fmt: skip


def fold(text: str) -> str:
    """As people type it: "  Zoë  O’MÜLLER" becomes "zoe o'muller". What nobody sees is left out."""
    text = bare(text).casefold()
    if not text.isascii():
        spread = unicodedata.normalize("NFKD", text.translate(_TYPED_AS))
        seen = "".join(letter for letter in spread if not unicodedata.combining(letter))
        # Once more: an accent may have hidden one of these, and small letters some of capitals.
        text = " ".join(seen.casefold().translate(_TYPED_AS).split())
    return text


def words(text: str) -> list[str]:
    """The words of a search by name, which keeps its accents."""
    return bare(text).casefold().split()


def search_text(partner: Mapping[str, Any]) -> str:
    """What a search for a partner looks through, from the partner's columns by name."""
    return fold(" ".join(str(partner[name]) for name in SEARCHED if partner.get(name)))
