"""What the editor shows of a draft: the email as one partner would get it, and what is wrong.

Made by what sends emails (`compose`, `message.build`): the preview's HTML is the email's, byte for
byte. It is asked for at each keystroke, so the plain text is left out until somebody looks at it.
"""

import html
import time
from dataclasses import dataclass, field

from sqlmodel import Session

from rxapp.db import partners as partner_reads
from rxapp.db.models import TemplateKind, TemplateVersion
from rxapp.domain import compose, message, partners, personas, settings, templates, unsubscribe
from rxapp.domain.compose import Composed, Source, Used
from rxapp.domain.email.markup import scan
from rxapp.domain.email.problems import Problem
from rxapp.domain.message import Recipient
from rxapp.domain.text import as_id
from rxapp.errors import MissingVariable, NotFound

# What inboxes show beside the subject, when an email brings no preheader: its first words.
INBOX_LINE = 200
# The names of custom fields change with an import at most, and take a while to find among many
# partners. Saving always asks anew.
KNOWN_SECONDS = 5
_known: dict[str, tuple[float, list[str]]] = {}


@dataclass(frozen=True, slots=True)
class Look:
    """A draft as its partner would get it; `html` is empty when it has errors or is refused."""

    sender: str = ""
    subject: str = ""
    inbox_line: str = ""
    html: str = ""
    text: str = ""
    # Why this partner would not get it.
    refused: str = ""
    problems: list[Problem] = field(default_factory=list)
    uses: list[Used] = field(default_factory=list)


def look(
    session: Session, source: Source, kind: TemplateKind, who: str = "", *, with_text: bool = False
) -> Look:
    """Render the draft for `who`: a partner's id, one of `personas.WORST`, or nobody in particular.

    What is wrong with the draft is in the answer; raises NotFound for a partner who is gone.
    """
    known = known_fields(session)
    composed, problems = compose.draft(source, kind=kind, known_fields=known, with_text=with_text)
    program = settings.program(session)
    if composed is None:
        return Look(sender=program.from_, problems=problems)
    to = recipient(session, who, known)
    try:
        email = message.build(_version(composed, kind), to, program)
        preheader = message.line(source.preheader, to, program)
    except MissingVariable as error:
        return Look(
            sender=program.from_, refused=error.sentence, problems=problems, uses=composed.variables
        )
    return Look(
        sender=program.from_,
        subject=email["subject"],
        inbox_line=preheader or first_words(email["html"]),
        html=email["html"],
        text=email["text"] if with_text else "",
        problems=problems,
        uses=composed.variables,
    )


def of_version(session: Session, version: TemplateVersion, who: str = "") -> str:
    """The HTML of a saved version for `who`; raises NotFound and MissingVariable."""
    to = recipient(session, who, known_fields(session))
    return str(message.build(version, to, settings.program(session))["html"])


def recipient(session: Session, who: str, known: list[str]) -> Recipient:
    """Whom a preview or test is for. Nobody's unsubscribe link is in it: it must harm nobody."""
    if number := as_id(who):
        data = templates.partner_data(partners.find(session, number))
    elif who in personas.WORST:
        data = personas.worst(who, known)
    elif not who:
        data = personas.sample(known)
    else:
        raise NotFound("There is no such partner.")
    return Recipient(unsubscribe.NOBODY, data, templates.SAMPLE_TAG)


def known_fields(session: Session) -> list[str]:
    """The custom fields that emails can read, as of some seconds ago at most."""
    address = str(session.connection().engine.url)
    read_at, names = _known.get(address, (-KNOWN_SECONDS, []))
    if time.monotonic() - read_at > KNOWN_SECONDS:
        names = partner_reads.known_fields(session)
        _known[address] = (time.monotonic(), names)
    return names


def first_words(document: str) -> str:
    """What an inbox shows of an email without a preheader: the words it begins with."""
    found: list[str] = []
    for piece in scan(document):
        if piece.kind == "text":
            found += html.unescape(document[piece.start : piece.end]).split()
        if sum(map(len, found)) > INBOX_LINE:
            break
    return " ".join(found)[:INBOX_LINE]


def _version(composed: Composed, kind: TemplateKind) -> TemplateVersion:
    return TemplateVersion(
        template_id=0, number=0, kind=kind, subject=composed.subject,
        body="", html=composed.html, text=composed.text,
    )  # fmt: skip
