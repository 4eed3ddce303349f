"""The preview is the email: what is shown and what reaches the provider are the same bytes.

Every starter, as HTML in the layout, as a whole document of its own, and as the visual editor
writes it, for 200 partners with awkward data each.
"""

import json
import random
from typing import Any

import pytest
from sqlmodel import Session

from rxapp.db.engine import reading, writing
from rxapp.db.models import Partner, Source, TemplateKind
from rxapp.dispatch.dispatcher import Dispatcher
from rxapp.domain import preview, settings, starters, templates
from rxapp.domain.compose import Source as Draft
from rxapp.domain.starters import Starter
from rxapp.domain.tags import assign_tags
from tests import factory
from tests.fakes.resend import FakeResend

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
NUMBER = 200
AWKWARD = [
    "Ada", "O'Brien", '"Quote"', "<b>bold</b>", "</p></td></table>", "<script>alert(1)</script>",
    "a & b &amp; c", "{{ partner.email }}", "{% if x %}", "{# no #}", "}}", "\\", "`", "%s %d",
    "مريم", "בן־דוד", "\u202egnorw", "Zoë", "Zoe\u0308", "👩🏽‍💻", "日本語", "ß", "İstanbul",
    "a\tb", "line\nbreak", "two\r\nlines", "\u2028", "\x07bell", "  spaces  ", "nbsp\xa0here",
    "x" * 300, "long " * 60, "0", "-1", "None", "null", "=1+1", "javascript:alert(1)",
    "https://a.example/?b=c&d=e", "Bcc: all@a.example", "\ufeffbom", "\U0001f600" * 20, "&lt;",
]  # fmt: skip


def _people(session: Session, seed: int) -> list[int]:
    """Partners with a mixture of what breaks emails, some of it empty."""
    pick = random.Random(seed)

    def value() -> str | None:
        return pick.choice([None, "", *AWKWARD, *AWKWARD])

    rows = [
        Partner(
            email=f"p{number}@partners.test", email_key=f"p{number}@partners.test",
            first_name=value() or "", last_name=value() or "", company=value() or "",
            key=f"{number} {value()}", fields={"level": value() or "", "link": value() or ""},
        )
        for number in range(NUMBER)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def _as_layout(one: Starter) -> dict[str, Any]:
    return {"body": one.body + "<p>{{ partner.level | default('-') }} {{ tag.name }}</p>"}


def _as_document(one: Starter) -> dict[str, Any]:
    style = "<style>p { color: #333 } .a:hover { color: red }</style>"
    link = "<a href=\"{{ partner.link | default('https://a.example') }}\">x</a>"
    return {
        "body": f"<!DOCTYPE html><html><head>{style}</head><body>{one.body}{link}</body></html>"
    }


def _as_blocks(one: Starter) -> dict[str, Any]:
    name = '{{ partner.first_name | default("there") }}'
    link = {"type": "link", "attrs": {"href": "https://a.example/?ref={{ partner.key }}&x=1"}}
    within = [
        {"type": "heading", "attrs": {"level": 1}, "content": [{"type": "text", "text": one.name}]},
        {"type": "paragraph", "content": [
            {"type": "text", "text": "Hello "},
            {"type": "variable", "attrs": {"source": name}},
            {"type": "text", "text": " of {{ not a variable }}"},
            {"type": "variable", "attrs": {"source": "{{ tag.name }}"}, "marks": [link]},
        ]},
    ]  # fmt: skip
    document = {"doc": {"type": "doc", "content": [{"type": "container", "content": within}]}}
    return {"document": json.dumps(document | {"theme": {}})}


@pytest.fixture
def vip(database: str) -> int:
    """A tag, in a program that has everything an email reads of it."""
    with writing() as session:
        changes = {
            "name": "Larks & <Co>",
            "address": "1 Lane\nTown",
            "website": "https://a.example",
        }
        settings.update(session, changes, "a test")
        return factory.tag(session, "VIP & <gold>")


@pytest.mark.parametrize("written", [_as_layout, _as_document, _as_blocks])
@pytest.mark.parametrize("slug", [one.slug for one in starters.starters()])
def test_what_is_previewed_is_what_the_provider_gets(
    vip: int, dispatcher: Dispatcher, fake: FakeResend, slug: str, written: Any
) -> None:
    starter = next(one for one in starters.starters() if one.slug == slug)
    said = {"subject": starter.subject, "preheader": starter.preheader, **written(starter)}
    with writing() as session:
        people = _people(session, seed=len(slug))
        email = templates.create(session, name="It", kind=starter.kind, author="a test", **said)
        factory.automation(session, vip, factory.email(email.id))
        assign_tags(session, vip, people, source=Source.API, actor="a test")
    dispatcher.drain()
    arrived = {entry.to: entry for entry in fake.ledger(bodies=True)}
    assert len(arrived) == NUMBER
    with reading() as session:
        for place, person in enumerate(people):
            look = _look(session, email.id, starter.kind, said, str(person))
            sent = arrived[f"p{place}@partners.test"]
            assert (look.subject, look.html) == (sent.subject, sent.html)
            # The text of some: it takes the longest, and is made of the same.
            if place % 10 == 0:
                text = _look(session, email.id, starter.kind, said, str(person), text=True).text
                assert text == sent.text


def _look(
    session: Session, number: int, kind: TemplateKind, said: Any, who: str, *, text: bool = False
) -> preview.Look:
    body = templates.body_of(said["document"]) if "document" in said else said["body"]
    draft = Draft(said["subject"], said["preheader"], body)
    return preview.look(session, draft, kind, who, template_id=number, with_text=text)
