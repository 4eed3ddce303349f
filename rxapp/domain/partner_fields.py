"""Custom fields: what a program wants to know of its partners beyond name and address."""

import re
from collections.abc import Mapping

from rxapp.characters import bare
from rxapp.db.search import fold
from rxapp.domain.text import one_line
from rxapp.errors import InvalidInput

NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
VALUE_LIMIT = 1000
COUNT_LIMIT = 50
# What every partner has: an email reads these and custom fields alike, as `partner.<name>`.
BUILT_IN = frozenset(
    ("id", "email", "first_name", "last_name", "name", "company", "key", "fields", "status",
     "consent", "tags")
)  # fmt: skip


def suggested_name(words: str) -> str:
    """A field's name made of a column's heading: "Referral link" becomes `referral_link`."""
    slug = re.sub(r"[^a-z0-9]+", "_", fold(words)).strip("_")
    return slug[:50] if slug[:1].isalpha() else f"field_{slug}"[:50].rstrip("_")


def merged(old: Mapping[str, str], given: Mapping[str, str | None]) -> dict[str, str]:
    """The old fields with those given set, and those given as None or empty taken out.

    Raises InvalidInput for a bad name, a value that is too long, or too many fields.
    """
    fields = dict(old)
    for typed, value in given.items():
        name = bare(typed)
        check_name(name)
        text = one_line(value, name, VALUE_LIMIT)
        if text:
            fields[name] = text
        else:
            fields.pop(name, None)
    if len(fields) > COUNT_LIMIT:
        raise InvalidInput(f"A partner can have {COUNT_LIMIT} custom fields.", "fields")
    return fields


def check_name(name: str) -> None:
    """Raise InvalidInput for what cannot name a custom field."""
    if name in BUILT_IN:
        raise InvalidInput(f"“{name}” is no custom field: every partner has it.", "fields")
    if not NAME.fullmatch(name):
        raise InvalidInput(
            f"“{name}” cannot name a custom field. Use small letters, digits and underscores, "
            f"starting with a letter, such as “{suggested_name(name)}”.",
            "fields",
        )
