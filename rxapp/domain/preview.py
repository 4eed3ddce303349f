"""An email as one partner would get it: the one place that answers this, for the editor, REST,
*try it* and test emails alike.

Made by what sends emails (`compose`, `message.build`): the preview's HTML is the email's, byte for
byte. It is asked for at each keystroke, so the plain text is left out until somebody looks at it.
"""

import html
import time
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from rxapp.db import partners as partner_reads
from rxapp.db import templates as sql
from rxapp.db.models import Partner, Template, TemplateKind, TemplateVersion
from rxapp.domain import (
    compose,
    message,
    partners,
    personas,
    settings,
    tag_catalog,
    trials,
    unsubscribe,
)
from rxapp.domain.compose import Composed, Source, Used
from rxapp.domain.email.markup import scan
from rxapp.domain.email.problems import Problem
from rxapp.domain.message import Recipient
from rxapp.domain.render import Rendered
from rxapp.domain.settings import Program
from rxapp.domain.text import as_id
from rxapp.errors import MissingVariable, NotFound

# What inboxes show beside the subject, when an email brings no preheader: its first words.
INBOX_LINE = 200
NO_PREHEADER = "Without a preheader, inboxes show the first words of the email."
# The names of custom fields change with an import at most, and take a while to find among many
# partners. Saving always asks anew.
KNOWN_SECONDS = 5
# What an email's tag is called while no automation sends it.
SAMPLE_TAG = "VIP"
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
    session: Session,
    source: Source,
    kind: TemplateKind,
    who: str = "",
    *,
    template_id: int = 0,
    with_text: bool = False,
    own_link: bool = True,
) -> Look:
    """Render the draft for `who`, as in `recipient`.

    What is wrong with the draft is in the answer; raises NotFound for a partner who is gone.
    """
    known = known_fields(session)
    composed, problems = compose.draft(source, kind=kind, known_fields=known, with_text=with_text)
    program = settings.program(session)
    if composed is None:
        return Look(sender=program.from_, problems=problems)
    problems = problems + _about_program(composed, kind, program)
    if not source.preheader.strip():
        problems.append(Problem(NO_PREHEADER, "preheader", severity="note"))
    to = recipient(session, who, template_id, own_link=own_link)
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


def of_version(session: Session, version: TemplateVersion, to: Recipient) -> Rendered:
    """A version as `to` would get it; raises MissingVariable."""
    email = message.build(version, to, settings.program(session))
    return Rendered(email["subject"], email["html"], email["text"])


def send_trial(
    session: Session,
    version: TemplateVersion,
    addresses: list[str],
    actor: str,
    *,
    who: str = "",
    template_id: int = 0,
    tag_id: int | None = None,
) -> int:
    """Send a version as a test: as `who` would get it, but with nobody's unsubscribe link.

    Whoever gets the test cannot unsubscribe the partner with it. Raises like `trials.send`, and
    MissingVariable; what is returned `trials.result` asks for.
    """
    to = recipient(session, who, template_id, tag_id=tag_id, own_link=False)
    email = message.build(version, to, settings.program(session))
    template = session.get(Template, template_id) if template_id else None
    number = as_id(who)
    return trials.send(session, email, addresses, actor, partner_id=number, template=template)


def recipient(
    session: Session,
    who: str,
    template_id: int = 0,
    *,
    tag_id: int | None = None,
    own_link: bool = True,
) -> Recipient:
    """Whom the email is shown for: a partner's id, one of `personas.WORST`, or nobody (empty).

    It names the tag that would send it to them, unless told another one; where none does, a
    made-up one. A partner's unsubscribe link is their own, as in the email, with `own_link`; who
    may not subscribe them again must not read it. One who is made up has nobody's. Raises NotFound.
    """
    tag = _tag(session, template_id, tag_id)
    if number := as_id(who):
        data = partner_data(partners.find(session, number))
        return Recipient(number if own_link else unsubscribe.NOBODY, data, tag)
    known = known_fields(session)
    if who in personas.WORST:
        return Recipient(unsubscribe.NOBODY, personas.worst(who, known), tag)
    if who:
        raise NotFound("There is no such partner.")
    return Recipient(unsubscribe.NOBODY, personas.sample(known), tag)


def partner_data(partner: Partner) -> dict[str, Any]:
    """What `partner.*` reads; where a custom field is called like a built-in one, that wins."""
    return {**partner.fields, **{name: getattr(partner, name) for name in personas.SAMPLE}}


def known_fields(session: Session) -> list[str]:
    """The custom fields that emails can read, as of some seconds ago at most."""
    address = str(session.connection().engine.url)
    read_at, names = _known.get(address, (-KNOWN_SECONDS, []))
    if time.monotonic() - read_at > KNOWN_SECONDS:
        names = partner_reads.known_fields(session)
        _known[address] = (time.monotonic(), names)
    return names


def _tag(session: Session, template_id: int, tag_id: int | None) -> str:
    if tag_id is not None:
        return tag_catalog.find(session, tag_id).name
    return sql.sent_by(session, template_id) or SAMPLE_TAG


def first_words(document: str) -> str:
    """What an inbox shows of an email without a preheader: the words it begins with."""
    found: list[str] = []
    for piece in scan(document):
        if piece.kind == "text":
            found += html.unescape(document[piece.start : piece.end]).split()
        if sum(map(len, found)) > INBOX_LINE:
            break
    return " ".join(found)[:INBOX_LINE]


def _about_program(composed: Composed, kind: TemplateKind, program: Program) -> list[Problem]:
    """What the email needs of the program's settings, and does not find there."""
    found: list[Problem] = []
    for used in composed.variables:
        group, _, name = used.name.partition(".")
        if group == "program" and not used.has_fallback and not getattr(program, name, ""):
            sentence = f"{used.name} is not filled in under Settings: this email reaches nobody."
            found.append(Problem(sentence, "body", severity="warning"))
    if kind == TemplateKind.MARKETING and not program.address:
        sentence = "Marketing emails must carry a postal address. Enter yours under Settings."
        found.append(Problem(sentence, "body", severity="warning"))
    return found


def _version(composed: Composed, kind: TemplateKind) -> TemplateVersion:
    return TemplateVersion(
        template_id=0, number=0, kind=kind, subject=composed.subject,
        body="", html=composed.html, text=composed.text,
    )  # fmt: skip
