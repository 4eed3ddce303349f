"""What people type, brought into one form before it is kept or compared."""

import re
import unicodedata
from contextlib import suppress

from email_validator import EmailNotValidError, validate_email

from rxapp.errors import InvalidInput

# What PostgreSQL's integer holds: asked for a larger id, it answers with an error.
MAX_ID = 2**31 - 1
# Characters nobody sees: controls, what turns the direction of writing around to fool the reader,
# and the empty spaces that come along when an address is copied from a web page.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")


def one_line(value: str | None, field: str, limit: int) -> str:
    """Trimmed and on one line; raises InvalidInput above `limit` characters."""
    text = " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", value or "")).split())
    if len(text) > limit:
        label = field.replace("_", " ")
        raise InvalidInput(f"The {label} is longer than {limit} characters.", field)
    return text


def name_key(name: str) -> str:
    """What "the same name" means: trimmed, single spaces, letter case aside."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def required(value: str | None, field: str, limit: int) -> str:
    """Like `one_line`, and raises InvalidInput when nothing is left."""
    text = one_line(value, field, limit)
    if not text:
        raise InvalidInput(f"The {field.replace('_', ' ')} is empty.", field)
    return text


def as_id(ref: int | str) -> int | None:
    """The id that a reference of digits stands for; None when it is none, or no id is that long."""
    digits = str(ref)
    if not digits.isdecimal() or len(digits) > len(str(MAX_ID)):
        return None
    return int(digits) if int(digits) <= MAX_ID else None


def email_address(value: str, field: str = "email") -> str:
    """The address as mail travels to it; raises InvalidInput with the reason in words.

    A domain in other letters takes its ASCII form (bücher.example: xn--bcher-kva.example). Only
    the form is checked. Whether mail arrives there, the provider's bounces will tell.
    """
    typed = one_line(value, field, 500)
    try:
        return _ascii(typed)
    except EmailNotValidError as error:
        raise InvalidInput(f"“{typed}” is not an email address. {error}", field) from error


def email_key(address: str) -> str:
    """What "the same address" means: trimmed, letter case aside, the domain in its ASCII form."""
    address = address.strip()
    if not address.isascii():
        # What is nobody's address is looked for all the same, and not found.
        with suppress(EmailNotValidError):
            address = _ascii(address)
    return address.casefold()


def _ascii(address: str) -> str:
    # "test" addresses are let through, so that a program can be tried out with them.
    checked = validate_email(
        address, check_deliverability=False, allow_smtputf8=False, test_environment=True
    )
    return checked.ascii_email or checked.normalized
