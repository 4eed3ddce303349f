"""What spam filters and readers stumble over, told to the person who writes: never in their way."""

import re
from urllib.parse import urlsplit

_SHOUTED = 0.7
_TAGS = re.compile(r"\{[{%][^{}]*\}\}?")
_LOCAL = re.compile(r"localhost|.*\.(?:local|internal|localhost)|127\..*|10\..*|192\.168\..*")
_SHORTENERS = frozenset(
    ("bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rebrand.ly")
)
_ANSWER = re.compile(r"\s*(?:re|fwd?|aw|wg)\s*:", re.IGNORECASE)
_PROMISES = re.compile(
    r"\b(?:100% free|act now|buy now|cash bonus|click here|double your|earn \$|free money"
    r"|guaranteed|no obligation|once in a lifetime|risk[- ]free|urgent|winner|you have won)\b",
    re.IGNORECASE,
)


def on_subject(subject: str) -> list[str]:
    """What about a subject, as written, makes filters suspicious."""
    words = _TAGS.sub("", subject)
    letters = [letter for letter in words if letter.isalpha()]
    found: list[str] = []
    if len(letters) >= 8 and sum(map(str.isupper, letters)) / len(letters) > _SHOUTED:
        found.append("A subject in capitals reads like shouting, and filters take it for spam.")
    if words.count("!") + words.count("?") > 2 or "!!" in words:
        found.append("Many exclamation and question marks in a subject look like spam.")
    if _ANSWER.match(words):
        found.append("“Re:” and “Fwd:” pretend that this is an answer. Filters punish that.")
    if promise := _PROMISES.search(words):
        found.append(f"“{promise[0]}” is a phrase that filters look for in spam.")
    return found


def on_address(address: str) -> str | None:
    """What is wrong with where a link or image leads, for a whole address without data in it."""
    if not address.lower().startswith(("http:", "https:")):
        if address.lower().startswith("mailto:") and "@" not in address:
            return "has no address after mailto:."
        return None
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    if not host or (" " in address.strip()) or ("." not in host and host != "localhost"):
        return f"cannot work: “{address[:60]}” is not a whole address."
    if _LOCAL.fullmatch(host):
        return f"leads to {host}, which only works where you are."
    if host in _SHORTENERS:
        return f"goes through {host}. Filters distrust shortened links; use the real address."
    return None
