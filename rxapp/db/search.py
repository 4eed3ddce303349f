"""Text as search sees it: folded so that case and accents do not matter."""

import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from rxapp.characters import UNSEEN, bare

SEARCHED = ("email", "first_name", "last_name", "company", "key")
# Of what is searched for, in characters.
LONGEST = 1_000
# What `fold` is called in SQLite, which every connection gets it from.
ON_SQLITE = "rxapp_fold"
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


def held(column: Any, text: str) -> list[sa.ColumnElement[bool]]:
    """What a column of folded text meets when each word is somewhere in it.

    Nothing we keep is as long as what nobody types: SQLite compares no pattern of 50,000 bytes,
    and no thousand of them.
    """
    if len(text) > LONGEST:
        return [sa.false()]
    return [column.contains(word, autoescape=True) for word in fold(text).split()]


def called(name: Any, text: str) -> list[sa.ColumnElement[bool]]:
    """What a name meets that is searched for like this: each word is somewhere in it.

    Names are few, so they are folded while they are looked through.
    """
    return held(_Folded(name), text)


class _Folded(FunctionElement[str]):
    """`fold` in SQL, as far as names need it."""

    name = "folded"
    type = sa.String()
    inherit_cache = True


@compiles(_Folded, "sqlite")
def _on_sqlite(element: _Folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"{ON_SQLITE}({compiler.process(element.clauses, **options)})"


@compiles(_Folded, "postgresql")
def _on_postgresql(element: _Folded, compiler: SQLCompiler, **options: Any) -> str:
    typed = _typed(f"lower({compiler.process(element.clauses, **options)})")
    bare_letters = f"regexp_replace(normalize({typed}, NFKD), '{_left_out()}', '', 'g')"
    return _typed(f"lower({bare_letters})")


@cache
def _left_out() -> str:
    """What `fold` leaves out, as PostgreSQL writes it: what nobody sees, and every script's marks.

    Japanese, Hindi, Thai, Arabic and Hebrew write with marks that the accents of Latin are not
    among. Halves of characters and the NUL are none that it can keep.
    """
    unseen = re.compile(f"[{UNSEEN}]")
    places = [ord(one) for one in _characters() if unicodedata.combining(one) or unseen.match(one)]
    apart = groupby(enumerate(places), lambda one: one[1] - one[0])
    runs = [[place for _, place in run] for _, run in apart]
    return "[" + "".join(f"\\U{run[0]:08x}-\\U{run[-1]:08x}" for run in runs) + "]"


def _characters() -> Iterator[str]:
    """Every one that PostgreSQL can keep: neither the NUL nor halves."""
    return (chr(at) for at in range(1, sys.maxunicode + 1) if not 0xD800 <= at <= 0xDFFF)


@cache
def _folded_on() -> dict[str, str]:
    """Small letters that folding makes another: the sigma at a word's end, those of Cherokee."""
    changed = (letter for letter in _characters() if letter != letter.casefold())
    folded = {letter: letter.casefold() for letter in changed if letter == letter.lower()}
    return {letter: other for letter, other in folded.items() if len(other) == 1}


def _typed(text: str) -> str:
    """The SQL for `_TYPED_AS`: single letters at once, and those that become two one by one."""
    single = {chr(old): new for old, new in _TYPED_AS.items() if len(new) == 1}
    single |= _folded_on()
    # In the plainest locale, PostgreSQL knows no small letters but those of English.
    single |= {old.upper(): new for old, new in single.items() if len(old.upper()) == 1}
    into = "".join(single.values()).replace("'", "''")
    text = f"translate({text}, '{''.join(single)}', '{into}')"
    for old, new in _TYPED_AS.items():
        if len(new) > 1:
            text = f"replace(replace({text}, '{chr(old)}', '{new}'), '{chr(old).upper()}', '{new}')"
    return text


def search_text(partner: Mapping[str, Any]) -> str:
    """What a search for a partner looks through, from the partner's columns by name."""
    return fold(" ".join(str(partner[name]) for name in SEARCHED if partner.get(name)))
