"""Text as search sees it: folded so that case and accents do not matter."""

import unicodedata
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from rxapp.characters import bare

SEARCHED = ("email", "first_name", "last_name", "company", "key")
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


def called(name: Any, text: str) -> list[sa.ColumnElement[bool]]:
    """What a name meets that is searched for like this: each word is somewhere in it.

    Names are few, so they are folded while they are looked through.
    """
    return [_Folded(name).contains(word, autoescape=True) for word in fold(text).split()]


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
    bare_letters = f"regexp_replace(normalize({typed}, NFKD), '[\\u0300-\\u036f]', '', 'g')"
    return _typed(f"lower({bare_letters})")


def _typed(text: str) -> str:
    """The SQL for `_TYPED_AS`: single letters at once, and those that become two one by one."""
    single = {chr(old): new for old, new in _TYPED_AS.items() if len(new) == 1}
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
