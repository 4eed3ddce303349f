"""What nobody sees is in no name, and what makes a sign stays in it."""

import random
import sys
import unicodedata

import pytest

from rxapp.characters import bare, tidy, whole, whole_throughout
from rxapp.db.search import fold
from rxapp.domain.text import email_address, email_key, name_key

# Format characters that are seen: a line around or above the number that follows (Unicode 17, 9.2).
SEEN = {
    0x600,
    0x601,
    0x602,
    0x603,
    0x604,
    0x605,
    0x6DD,
    0x70F,
    0x890,
    0x891,
    0x8E2,
    0x110BD,
    0x110CD,
}
# White space, which becomes a blank.
SPACES = {9, 10, 11, 12, 13, 0x1C, 0x1D, 0x1E, 0x1F, 0x85}


def test_no_character_nobody_sees_is_left_in_a_word() -> None:
    left = [
        f"{code:x}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs"}
        and code not in SEEN | SPACES
        and tidy(f"vi{chr(code)}p") != "vip"
    ]
    assert left == []


@pytest.mark.parametrize(
    "like_it",
    ["\u3164", "\uffa0", "\u115f", "\u1160", "\u034f", "\ufe0f", "\ufe00", "\U000e0100",
     "\U000e0041", "\u17b4", "\u180b", "\u180e", "\ufffe", "\ufdd0", "\U0010ffff", "\U000e0fff",
     "\u200d\u200d"],
)  # fmt: skip
def test_nor_is_one_that_only_seems_to_be_a_letter(like_it: str) -> None:
    assert tidy(f"{like_it}vi{like_it}p{like_it}") == "vip"


@pytest.mark.parametrize(
    "kept",
    [
        "👨‍👩‍👧", "🧔🏻‍♂️ beard", "🏳️‍⚧️", "❤️‍🔥", "☎️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 England",
        "👁️‍🗨️",
        # Persian, Malayalam, Sinhala, Hindi; a Japanese name; Mongolian.
        "می‌خواهم", "ന്‍", "ශ්‍රී", "क्‍ष", "葛\U000e0100城", "ᠠ᠋",
        "Zoë", "O’Brien", "ﷺ", "\u0601123",
    ],
)  # fmt: skip
def test_what_makes_a_sign_or_joins_letters_stays(kept: str) -> None:
    assert tidy(kept) == unicodedata.normalize("NFC", kept)


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("a\u200db", "ab"),
        ("👨\u200d", "👨"),
        ("\u200d👩", "👩"),
        ("☎\ufe0f\ufe0f", "☎\ufe0f"),
        ("🏴\U000e0067", "🏴"),
        ("م\u200c", "م"),
        ("م\u200c\u200cخ", "مخ"),
        ("e\u00ad\u0301", "é"),
        (" a\u00a0\u2800\n b\u3000", "a b"),
        ("\ud83d smile", "smile"),
    ],
)
def test_out_of_its_place_it_goes(typed: str, left: str) -> None:
    assert tidy(typed) == left


def test_tidying_what_is_tidy_changes_nothing() -> None:
    dice = random.Random(9)
    pool = [
        *"aé1#🏴👩❤☎葛مक्",
        *map(chr, [0x200D, 0x200C, 0xFE0F, 0xAD, 0xE0067, 0xE007F, 0x20E3, 0x1F3FB]),
    ]
    for _ in range(20_000):
        once = tidy("".join(dice.choices(pool, k=dice.randint(1, 8))))
        assert tidy(once) == once


@pytest.mark.parametrize(
    "typed", ["v\u00adip", "VIP\u200b", "\ufeffvip", "v\u200dip", "vip\ufe0f", "v\u2063ip"]
)
def test_names_that_look_the_same_are_the_same(typed: str) -> None:
    assert name_key(typed) == "vip"


@pytest.mark.parametrize(
    "typed",
    [
        "\u2068ada@example.com\u2069",
        "ad\u200da@example.com",
        "ada@exam\u00adple.com\ufe0f",
        "\u3164ada@example.com",
    ],
)
def test_an_address_is_not_refused_for_what_nobody_sees(typed: str) -> None:
    assert email_address(typed) == "ada@example.com"
    assert email_key(typed) == "ada@example.com"


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Bjørn Łukasz Đorđe", "bjorn lukasz dorde"),
        ("Weiß Æsa Œuvre Þórr Ðorn", "weiss aesa oeuvre thorr dorn"),
        ("Işıl Ħamrun Ŧ", "isil hamrun t"),
        ("ǾRSTED Ǽ ẞ", "orsted ae ss"),
        ("O’Brien O‘Brien Oʼbrien O´Brien", "o'brien o'brien o'brien o'brien"),
        ("“Anna–Lena” «Marie‑Luise» — −", '"anna-lena" "marie-luise" - -'),
        ("Zoë  MÜL\u00adLER", "zoe muller"),
    ],
)
def test_search_finds_what_people_can_type(text: str, typed: str) -> None:
    assert fold(text) == typed
    assert fold(typed) == typed


def test_what_cannot_be_kept_is_replaced_however_deep_it_is() -> None:
    deep: list[object] = ["a\ud83d", {"b\x00": "c\udfff", "d": 5}]
    for _ in range(5_000):
        deep = [deep]
    found = whole_throughout(deep)
    for _ in range(5_000):
        found = found[0]
    assert found == ["a\ufffd", {"b\ufffd": "c\ufffd", "d": 5}]
    assert whole("👨 whole") == "👨 whole"
    assert bare("👨\u200d👩") == "👨👩"
