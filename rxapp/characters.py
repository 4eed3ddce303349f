"""Characters that text from outside may not bring along: halves of some, and what nobody sees.

Two names that look the same are the same, and what nobody can see refuses nobody. Every floor
knows this module: what is stored and what is looked up goes through the same functions.
"""

import re
import unicodedata
from typing import Any

# A half of a surrogate pair, which no encoding carries, and the NUL, which PostgreSQL cannot keep.
_BROKEN = re.compile("[\x00\ud800-\udfff]")
# Controls (white space aside), what Unicode calls format characters (Cf) or ignorable by default,
# fillers that are blank, and code points that are no characters at all. Not among them: the few
# format characters of Arabic and Syriac that are seen, as a line around the number they precede.
UNSEEN = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\ufffe\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    + "".join(f"{chr(end)}{chr(end + 1)}" for end in range(0x1FFFE, 0x110000, 0x10000))
)  # fmt: skip
_EMOJI = (
    "[\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
# The color of skin, and whether it is drawn as a picture or as text.
_DRESS = "[\U0001f3fb-\U0001f3ff]?[\ufe00\ufe0e\ufe0f]?"
_HAN = "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
# Scripts whose letters join or part by these two: Arabic and its neighbours, those of India and
# south-east Asia, Khmer, Mongolian.
_JOINING = (
    "[\u0600-\u0dff\u0f00-\u109f\u1780-\u18af\u1a20-\u1aaf\u1b00-\u1bff\ua800-\uabff"
    "\U00010a00-\U00011fff]"
)
_VIRAMA = "[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u1039\u17d2]"
# Where an unseen character does its work: what it stands in is kept as it is.
_IN_PLACE = "|".join(
    (
        # A flag of a region, written in tags behind a black flag.
        "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f",
        "[0-9#*]\ufe0f\u20e3",
        f"{_EMOJI}{_DRESS}(?:\u200d{_EMOJI}{_DRESS})*",
        f"{_HAN}[\ufe00-\ufe0f\U000e0100-\U000e01ef]",
        f"(?<={_JOINING})[\u200c\u200d](?={_JOINING})",
        f"(?<={_VIRAMA})\u200d",
        "(?<=[\u1800-\u18af])[\u180b-\u180d\u180f]",
    )
)  # fmt: skip
_TIDIED = re.compile(f"({_IN_PLACE})|[{UNSEEN}]")
_ANY_UNSEEN = re.compile(f"[{UNSEEN}]")


def whole(text: str) -> str:
    """The text as it can be kept: each half of a character becomes "\N{REPLACEMENT CHARACTER}"."""
    return _BROKEN.sub("\N{REPLACEMENT CHARACTER}", text)


def whole_throughout(value: Any) -> Any:
    """`whole` for every text in a value of lists and dicts. Not recursive: both can be deep."""
    holder = [value]
    waiting: list[Any] = [holder]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            inside = {_whole(name): inner for name, inner in one.items()}
            one.clear()
            one.update(inside)
        for place, inner in list(one.items() if isinstance(one, dict) else enumerate(one)):
            if isinstance(inner, list | dict):
                waiting.append(inner)
            else:
                one[place] = _whole(inner)
    return holder[0]


def _whole(value: Any) -> Any:
    return whole(value) if isinstance(value, str) else value


def tidy(text: str) -> str:
    """The text on one line without what nobody sees; what makes an emoji or joins letters stays."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    seen = _TIDIED.sub(lambda found: found[1] or "", text)
    return " ".join(unicodedata.normalize("NFC", seen).replace("\u2800", " ").split())


def bare(text: str) -> str:
    """Like `tidy`, and without any exception: for comparing, never for showing."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return tidy(_ANY_UNSEEN.sub("", text))
