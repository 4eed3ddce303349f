"""What an email can do with a value: `{{ partner.first_name | default("there") }}`.

Every filter takes time and space in proportion to its value. An empty value passes through all of
them unchanged until `default` gives it a fallback.
"""

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from jinja2.filters import do_title

from rxapp.domain import variables
from rxapp.errors import MissingVariable

MAX_TRUNCATE = 1000
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Own directives: strftime's depend on the machine's locale and C library, and some are costly.
_DIRECTIVES: dict[str, Callable[[datetime], str]] = {
    "%d": lambda d: f"{d.day:02}",
    "%-d": lambda d: str(d.day),
    "%m": lambda d: f"{d.month:02}",
    "%-m": lambda d: str(d.month),
    "%B": lambda d: _MONTHS[d.month - 1],
    "%b": lambda d: _MONTHS[d.month - 1][:3],
    "%Y": lambda d: f"{d.year:04}",
    "%y": lambda d: f"{d.year % 100:02}",
    "%A": lambda d: _DAYS[d.weekday()],
    "%a": lambda d: _DAYS[d.weekday()][:3],
    "%H": lambda d: f"{d.hour:02}",
    "%I": lambda d: f"{d.hour % 12 or 12:02}",
    "%M": lambda d: f"{d.minute:02}",
    "%p": lambda d: "AM" if d.hour < 12 else "PM",
    "%%": lambda _: "%",
}
_DIRECTIVE = re.compile(r"%-?.?", re.DOTALL)
_SAFE_LINK = re.compile(r"\s*(?:https?://|mailto:|tel:|sms:)", re.IGNORECASE)
_BARE_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?=[/?#:]|$)", re.IGNORECASE)
_NOT_CSS = re.compile(r"[^\w#%.,() -]")
_NUMBER = re.compile(r"-?[0-9]{1,100}(?:\.[0-9]{1,100})?")
_OPERATORS = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}
_HEX_COLOR = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


class Empty:
    """The value of a variable a partner has nothing for: false, and an error when printed."""

    __slots__ = ("variable",)

    def __init__(self, variable: str) -> None:
        self.variable = variable

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        raise MissingVariable(variables.label(self.variable))

    __html__ = __str__


def _on_text(change: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: value if isinstance(value, Empty) else change(str(value))


def default(value: Any, fallback: Any, _boolean: bool = True) -> Any:
    """The value, or the fallback where there is none. `""` as fallback means: then nothing."""
    return fallback if isinstance(value, Empty) else value


def truncate(value: Any, length: int) -> Any:
    """At most `length` characters, cut between words where there are any, ending in `…`."""
    if isinstance(value, Empty) or len(text := str(value)) <= length:
        return value
    head = text[: length - 1]
    return (head.rpartition(" ")[0] or head).rstrip() + "…"


def format_date(value: Any, pattern: str = "%-d %B %Y") -> Any:
    """A date or ISO 8601 text as `pattern` says; a text that is no date stays as it is."""
    if isinstance(value, Empty):
        return value
    moment = value if isinstance(value, date) else _parse_date(str(value))
    if moment is None:
        return value
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return _DIRECTIVE.sub(lambda found: _DIRECTIVES[found[0]](moment), pattern)


def _parse_date(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def contrast(value: Any) -> Any:
    """Black or white, whichever reads better on this colour (WCAG 2.2 relative luminance)."""
    return value if isinstance(value, Empty) else _contrast(str(value).strip())


@lru_cache(maxsize=64)
def _contrast(color: str) -> str:
    # Kept, because one email asks it of the program's colour again and again.
    found = _HEX_COLOR.fullmatch(color)
    if not found:
        return "#ffffff"
    digits = found[1] if len(found[1]) == 6 else "".join(c * 2 for c in found[1])
    red, green, blue = (_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    return "#111111" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def link(value: Any) -> Any:
    """A whole link address that holds data: web, mail or phone, or `#`. `example.com` gets https.

    An allow-list of beginnings: what a browser might still read as `javascript:` is not on it.
    """
    if isinstance(value, Empty) or _SAFE_LINK.match(text := str(value)):
        return value
    # `value`, not `text`: what is already escaped must keep saying so.
    return "https://" + value if _BARE_DOMAIN.match(text) else "#"


def path(value: Any) -> Any:
    """Data inside a link's path: made fit for an address, its slashes and escapes kept."""
    return value if isinstance(value, Empty) else quote(str(value), safe="/:@!$&'()*+,;=~%?#")


def query(value: Any) -> Any:
    """Data in a link after `?`: it can neither end its parameter nor begin another."""
    return value if isinstance(value, Empty) else quote(str(value), safe="")


def css(value: Any) -> Any:
    """Data inside a style: a colour, size or word; what could begin another rule is dropped."""
    return value if isinstance(value, Empty) else _NOT_CSS.sub("", str(value))


def compare(left: Any, relation: str, right: Any) -> bool:
    """`left` compared with `right` on any two values, without ever failing.

    Less and more go by number if both sides are numbers, else by text, so ISO dates compare too.
    Equal goes by text (key `007` is not key `7`) unless the email names a number without quotes.
    An empty value equals only `""` and another empty one, and is neither less nor more.
    """
    left, right = ("" if isinstance(side, Empty) else side for side in (left, right))
    equality = relation in ("eq", "ne")
    if not equality and "" in (left, right):
        return False
    as_text = equality and isinstance(left, str) and isinstance(right, str)
    a, b = (str(left), str(right)) if as_text else _comparable(left, right)
    return bool(_OPERATORS[relation](a, b))


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    texts = (str(left), str(right))
    if all(_NUMBER.fullmatch(text) for text in texts):
        return Decimal(texts[0]), Decimal(texts[1])
    return texts


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter authors may use; `check` says in a sentence what is wrong with its arguments."""

    apply: Callable[..., Any]
    check: Callable[[Sequence[Any]], str | None]


def _no_arguments(arguments: Sequence[Any]) -> str | None:
    return "it takes nothing in brackets" if arguments else None


def _check_default(arguments: Sequence[Any]) -> str | None:
    if 1 <= len(arguments) <= 2 and isinstance(arguments[0], str | int | float):
        return None
    return 'write the fallback in quotes, as in default("there")'


def _check_truncate(arguments: Sequence[Any]) -> str | None:
    if len(arguments) == 1 and type(arguments[0]) is int and 1 <= arguments[0] <= MAX_TRUNCATE:
        return None
    return f"write a length from 1 to {MAX_TRUNCATE}, as in truncate(40)"


def _check_date(arguments: Sequence[Any]) -> str | None:
    if not arguments:
        return None
    if len(arguments) > 1 or not isinstance(arguments[0], str):
        return 'write the format in quotes, as in date("%d %B %Y")'
    wrong = [found for found in _DIRECTIVE.findall(arguments[0]) if found not in _DIRECTIVES]
    return f"“{wrong[0]}” is not one of {' '.join(_DIRECTIVES)}" if wrong else None


PUBLIC = {
    "default": Filter(default, _check_default),
    "upper": Filter(_on_text(str.upper), _no_arguments),
    "lower": Filter(_on_text(str.lower), _no_arguments),
    "title": Filter(_on_text(do_title), _no_arguments),
    "capitalize": Filter(_on_text(str.capitalize), _no_arguments),
    "trim": Filter(_on_text(str.strip), _no_arguments),
    "truncate": Filter(truncate, _check_truncate),
    "date": Filter(format_date, _check_date),
    "contrast": Filter(contrast, _no_arguments),
}
# Put in by the app where a value's place in the HTML needs them; their names are not for authors.
INTERNAL: dict[str, Callable[..., Any]] = {
    "_link": link,
    "_path": path,
    "_query": query,
    "_css": css,
    "_compare": compare,
}
