"""What the columns of an imported file mean."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rxapp.domain import partner_fields
from rxapp.domain.partner_export import FACTS
from rxapp.errors import InvalidInput

IGNORE = ""
# The column that says what was wrong with a row, in a file of rows that were left out.
PROBLEM = "What is wrong"
# What a column can be, besides a custom field by its name.
TARGETS = (
    "email", "first_name", "last_name", "name", "company", "key", "tags", "status", "consent"
)  # fmt: skip
_CALLED = {
    "email": "mail emailaddress emailadress mailaddress",
    "first_name": "first givenname forename",
    "last_name": "last surname familyname",
    "name": "fullname contact contactname partnername partner",
    "company": "companyname organisation organization business agency",
    "key": "partnerkey partnerid externalid externalkey id reference",
    "tags": "tag labels label segments",
    "status": "partnerstatus",
    "consent": "subscribed marketing marketingconsent optin newsletter",
}
# What files of ours have that says nothing new of a partner.
_NOT_FIELDS = {*partner_fields.BUILT_IN, *FACTS, partner_fields.suggested_name(PROBLEM)}
_MEANING = {
    alias: target
    for target, aliases in _CALLED.items()
    for alias in [*aliases.split(), target.replace("_", "")]
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its heading, and what it is read as (empty: ignored)."""

    heading: str
    target: str

    @property
    def is_field(self) -> bool:
        """Whether it fills a custom field."""
        return self.target != IGNORE and self.target not in TARGETS


def suggested(headings: Sequence[str]) -> list[Column]:
    """What the columns most likely are. One that repeats an earlier one is ignored."""
    columns: list[Column] = []
    taken: set[str] = set()
    for heading in headings:
        target = _guess(heading)
        columns.append(Column(heading, IGNORE if target in taken else target))
        taken.add(target)
    return columns


def chosen(headings: Sequence[str], targets: Sequence[str]) -> list[Column]:
    """The columns as a person says they are; raises InvalidInput."""
    if len(targets) != len(headings):
        raise InvalidInput("Say for each column what it is.", "columns")
    used = Counter(target for target in targets if target != IGNORE)
    for target, times in used.items():
        if times > 1:
            raise InvalidInput(f"Two columns are read as “{target}”.", "columns")
        if target not in TARGETS:
            partner_fields.check_name(target)
    return [Column(heading, target) for heading, target in zip(headings, targets, strict=True)]


def _guess(heading: str) -> str:
    letters = re.sub(r"[^a-z0-9]", "", heading.casefold())
    if letters in _MEANING:
        return _MEANING[letters]
    name = partner_fields.suggested_name(heading) if letters else IGNORE
    return IGNORE if name in _NOT_FIELDS else name
