"""An email that shows how the program's emails look: for the settings, and to test sending."""

from dataclasses import asdict
from functools import lru_cache
from typing import Any

from rxapp.db.models import TemplateKind
from rxapp.domain.compose import Composed, Source, compose
from rxapp.domain.render import Context, Rendered, render
from rxapp.domain.settings import Program

_SAMPLE = Source(
    subject="Welcome to {{ program.name }}",
    preheader="This is how your emails look.",
    body="<h1>Hello Ada,</h1>"
    "<p>thank you for being a partner of <strong>{{ program.name }}</strong>. "
    "This is how your emails look.</p>"
    '<table class="button-table" role="presentation"><tr><td class="button-cell">'
    '<a class="button" href="{{ program.website | default(\'https://partners.test\') }}">'
    "Open the partner portal</a></td></tr></table>",
)
_CHECK = Source(
    subject="{{ program.name }} can send emails",
    preheader="",
    body="<h1>It works.</h1><p>This test left the app the way every email to a partner does. "
    "If it is in your inbox, and not among spam, so will those be.</p>",
)


def sample(program: Program) -> Rendered:
    """The sample with these settings."""
    return _rendered(_composed(_SAMPLE, TemplateKind.MARKETING), program)


def check_email(program: Program) -> dict[str, Any]:
    """A message for `trials.send` that says that sending works."""
    rendered = _rendered(_composed(_CHECK, TemplateKind.TRANSACTIONAL), program)
    email = {"from": program.from_, "to": [], "subject": rendered.subject}
    email |= {"html": rendered.html, "text": rendered.text}
    return email | ({"reply_to": program.reply_to} if program.reply_to else {})


def _rendered(composed: Composed, program: Program) -> Rendered:
    return render(composed, Context({}, "", asdict(program), "#"))


@lru_cache
def _composed(source: Source, kind: TemplateKind) -> Composed:
    return compose(source, kind=kind, known_fields=())
