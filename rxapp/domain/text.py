"""What people type, brought into one form before it is kept or compared."""

import re
from contextlib import suppress
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from rxapp.characters import bare, tidy
from rxapp.errors import InvalidInput

# What PostgreSQL's integer holds: asked for a larger id, it answers with an error.
MAX_ID = 2**31 - 1
# What clients take for a way up when they tidy an address (RFC 3986, 5.2.4; browsers take a
# backslash for a slash, and what is encoded for what it stands for).
_WAY_UP = re.compile(r"(^|[/\\])\.+($|[/\\])")


def one_line(value: str | None, field: str, limit: int) -> str:
    """Tidied: trimmed, on one line; raises InvalidInput above `limit` characters."""
    text = tidy(value or "")
    if len(text) > limit:
        label = field.replace("_", " ")
        raise InvalidInput(f"The {label} is longer than {limit} characters.", field)
    return text


def name_key(name: str) -> str:
    """What "the same name" means: trimmed, single spaces, letter case and the unseen aside."""
    return " ".join(bare(name).casefold().split())


def findable(name: str, field: str) -> str:
    """The name again; raises InvalidInput for one that leads elsewhere as a part of an address.

    A client that tidies addresses would ask for `/partners/17` instead of `/partners/17/tags/..`,
    and delete the partner instead of the tag.
    """
    if _WAY_UP.search(unquote(name)):
        raise InvalidInput(
            f"The {field} has nothing but dots, or nothing but dots next to a slash: in an address "
            "that would lead elsewhere.",
            field,
        )
    return name


def required(value: str | None, field: str, limit: int) -> str:
    """Like `one_line`, and raises InvalidInput when nothing is left."""
    text = one_line(value, field, limit)
    if not text:
        raise InvalidInput(f"The {field.replace('_', ' ')} is empty.", field)
    return text


def as_id(ref: int | str) -> int | None:
    """The id that a reference of digits stands for; None when it is none, or no id is that long."""
    digits = bare(str(ref))
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
    """What "the same address" means: trimmed, letter case and the unseen aside, the domain in its
    ASCII form.
    """
    address = bare(address)
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
