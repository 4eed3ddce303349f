"""One email as the provider takes it: rendered, addressed, with its headers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from rxapp.db.models import TemplateKind, TemplateVersion
from rxapp.domain import unsubscribe
from rxapp.domain.render import Context, render
from rxapp.domain.settings import Program


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an email is for: `partner` holds what `partner.*` reads, `email` among it."""

    partner_id: int
    partner: Mapping[str, Any]
    tag: str


def build(
    version: TemplateVersion,
    to: Recipient,
    program: Program,
    *,
    send_id: int | None = None,
) -> dict[str, Any]:
    """The email of this version for this partner, as JSON.

    `send_id` is carried as a tag, and comes back in the provider's events. Raises MissingVariable.
    """
    address = unsubscribe.link(to.partner_id)
    rendered = render(version, Context(to.partner, to.tag, _readable(program), address))
    email: dict[str, Any] = {
        "from": program.from_,
        "to": [to.partner["email"]],
        "subject": rendered.subject,
        "html": rendered.html,
        "text": rendered.text,
    }
    if program.reply_to:
        email["reply_to"] = program.reply_to
    if version.kind == TemplateKind.MARKETING:
        email["headers"] = {
            "List-Unsubscribe": f"<{address}>",
            # RFC 8058: mail programs may unsubscribe with one click, by POST.
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    if send_id is not None:
        email["tags"] = [{"name": "send", "value": str(send_id)}]
    return email


def line(source: str, to: Recipient, program: Program) -> str:
    """One line of Jinja2 for this partner, as a subject is made. Raises MissingVariable."""
    parts = _Line(" ".join(source.split()))
    context = Context(to.partner, to.tag, _readable(program), unsubscribe.link(to.partner_id))
    return render(parts, context).subject


@dataclass(frozen=True, slots=True)
class _Line:
    subject: str
    html: str = ""
    text: str = ""


@lru_cache(maxsize=8)
def _readable(program: Program) -> Mapping[str, Any]:
    """What `program.*` reads."""
    return asdict(program)
