"""The variables an email may use: which exist, what they mean, and what a wrong one may have meant.

The program's own fields of a partner are read as `partner.<field>`; where a field is called like a
built-in one, the built-in one wins.
"""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from rxapp.domain.partner_fields import NAME

PARTNER = {
    "first_name": "First name",
    "last_name": "Last name",
    "company": "Company",
    "email": "Email address",
    "key": "The program's own key for the partner",
}
PROGRAM = {
    "name": "Name of the program",
    "website": "Address of the partner portal, where buttons lead",
    "address": "Postal address shown in the footer",
    "logo_url": "Address of the logo image",
    "color": "Brand colour, as in #2457d6",
}
TAG_NAME = "tag.name"
UNSUBSCRIBE_URL = "unsubscribe_url"


def catalogue(known_fields: Iterable[str] = ()) -> dict[str, str]:
    """Every variable as written in an email, with what it means, in the order to offer them."""
    custom = {f"partner.{name}": name for name in sorted(known_fields) if NAME.fullmatch(name)}
    built_in = {f"partner.{name}": meaning for name, meaning in PARTNER.items()}
    program = {f"program.{name}": meaning for name, meaning in PROGRAM.items()}
    rest = {TAG_NAME: "The tag that was assigned", UNSUBSCRIBE_URL: "Where to unsubscribe"}
    return {**built_in, **{k: v for k, v in custom.items() if k not in built_in}, **program, **rest}


def label(variable: str) -> str:
    """How a variable is named to people: a partner's own by its bare name, others in full."""
    return variable.removeprefix("partner.")


def suggest(wrong: str, known: Collection[str]) -> str | None:
    """The known variable somebody who wrote `wrong` most likely meant."""
    by_tail = {name.rpartition(".")[2].lower(): name for name in reversed(list(known))}
    by_name = {name.lower(): name for name in known}
    tail = wrong.rpartition(".")[2].lower()
    if tail in by_tail:
        return by_tail[tail]
    for wanted, candidates in ((wrong.lower(), by_name), (tail, by_tail)):
        if found := get_close_matches(wanted, candidates, n=1, cutoff=0.7):
            return candidates[found[0]]
    return None
