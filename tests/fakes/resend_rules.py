"""What the fake provider accepts: validation of one email, with the provider's own wording.

Wording and limits from resend.com/docs (api-reference/errors, emails/send-email, dashboard/emails/
tags) and recorded answers; where no source gives the wording it is marked "unknown".
"""

import re
from functools import lru_cache
from typing import Any

from tests.fakes.resend_problems import Problem, invalid, missing
from tests.fakes.resend_state import Config, Payload

MAX_BATCH = 100
MAX_TO = 50
MAX_TAGS = 75
MAX_TAG = 256

_LOCAL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2}[A-Za-z0-9-]*"
_ADDRESS = f"{_LOCAL}@{_DOMAIN}"
_PLAIN = re.compile(_ADDRESS)
_NAMED = re.compile(rf"[^<>\r\n]*<({_ADDRESS})>")
_TAG = re.compile(r"[A-Za-z0-9_-]+")
_FORMAT = (
    "Invalid `{field}` field. The email address needs to follow the `email@example.com` "
    "or `Name <email@example.com>` format."
)


def check_email(email: Any, config: Config, *, batch: bool) -> Problem | None:
    """The first thing wrong with one email, or None."""
    if not isinstance(email, dict):
        return invalid("Each email must be an object.")  # wording unknown
    for name in ("from", "to", "subject"):
        if not email.get(name):
            return missing(name)
    return (
        _check_addresses(email, config)
        or _check_content(email, batch=batch)
        or _check_tags(email.get("tags") or [])
    )


def check_sender(email: Payload, config: Config) -> Problem | None:
    """Refuse a sender the account may not use: a matter of the account, not of the email."""
    if not config.verify_domains:
        return None
    domain = (address_of(email["from"]) or "").rpartition("@")[2].lower()
    if domain == "resend.dev":
        return _check_testing_recipients(email, config)
    if config.domains.get(domain) == "verified":
        return None
    sentence = f"The `{domain}` domain is not verified. Please, add and verify your domain."
    return Problem(422 if config.sender_refusal == "422" else 403, "validation_error", sentence)


@lru_cache(maxsize=4096)
def address_of(mailbox: str) -> str | None:
    """The bare address of `a@b` or `Name <a@b>`, or None when it is neither."""
    if _PLAIN.fullmatch(mailbox):
        return mailbox
    named = _NAMED.fullmatch(mailbox)
    return named[1] if named else None


def _check_addresses(email: Payload, config: Config) -> Problem | None:
    for name in ("from", "to", "cc", "bcc", "reply_to"):
        value = email.get(name)
        if not value:
            continue
        mailboxes = [value] if isinstance(value, str) else value
        if len(mailboxes) > MAX_TO:
            return invalid(f"The `{name}` field must have at most {MAX_TO} items.")  # unknown
        for mailbox in mailboxes:
            address = address_of(mailbox) if isinstance(mailbox, str) else None
            if not address:
                return Problem(422, config.format_error_name, _FORMAT.format(field=name))
            if name != "from" and config.refuse_example and _is_example(address):
                return invalid(
                    f"Invalid `{name}` field. Please use our testing email address instead of "
                    "domains like `example.com`."
                )
    return None


def _is_example(address: str) -> bool:
    return address.lower().endswith(("@example.com", "@test.com"))


def _check_content(email: Payload, *, batch: bool) -> Problem | None:
    has_body = email.get("html") or email.get("text")
    if not has_body and not email.get("template"):
        return missing("html` or `text")
    if has_body and email.get("template"):
        return invalid("`template` cannot be used with `html` or `text`.")  # wording unknown
    if batch and email.get("attachments"):
        return invalid("The `attachments` field is not supported in batch.")  # wording unknown
    headers = email.get("headers") or {}
    if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
        return invalid("The `headers` field must be an object of strings.")  # wording unknown
    return None


def _check_tags(tags: list[Any]) -> Problem | None:
    if len(tags) > MAX_TAGS:
        return invalid(f"The `tags` field must have at most {MAX_TAGS} items.")  # wording unknown
    for tag in tags:
        if not isinstance(tag, dict):
            return invalid("Each tag must be an object.")  # wording unknown
        for text in (tag.get("name"), tag.get("value")):
            if not isinstance(text, str) or not _TAG.fullmatch(text):
                return invalid(
                    "Tags should only contain ASCII letters, numbers, underscores, or dashes."
                )
            if len(text) > MAX_TAG:
                return invalid(f"Tags can contain no more than {MAX_TAG} characters.")  # unknown
    return None


def _check_testing_recipients(email: Payload, config: Config) -> Problem | None:
    to = [email["to"]] if isinstance(email["to"], str) else email["to"]
    for mailbox in to:
        address = address_of(mailbox) or ""
        if address != config.account_email and not address.endswith("@resend.dev"):
            sentence = (
                "You can only send testing emails to your own email address "
                f"({config.account_email}). To send emails to other recipients, please verify a "
                "domain at resend.com/domains, and change the `from` address to an email using "
                "this domain."
            )
            return Problem(403, "validation_error", sentence)
    return None
