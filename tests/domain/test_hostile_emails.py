"""Hostile emails and hostile data: a clear error or harmless output, never a hang, never a leak.

What each may cost is bounded before anything expensive sees it (characters, tags, elements, depth,
styles: `compose` and `email.htmlcheck`), so no test here measures time.
"""

import re
from typing import Any

import pytest

from rxapp.db.engine import writing
from rxapp.db.models import TemplateKind
from rxapp.domain import compose, message, preview, settings, unsubscribe
from rxapp.domain.compose import Source
from rxapp.domain.email.markup import scan
from rxapp.domain.message import Recipient
from tests import factory

pytestmark = [
    pytest.mark.usefixtures("database"),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
SECRET = "grace-the-secret@partners.test"

# Bodies that are refused, with a word the reason must hold.
REFUSED = {
    "a class through a string": ("{{ ''.__class__.__mro__ }}", "not available"),
    "a class through a variable": ("{{ partner.__class__ }}", "no variable"),
    "the globals of a function": ("{{ partner.first_name.__init__.__globals__ }}", "no variable"),
    "subscripts": ("{{ partner['email'] }}", "brackets"),
    "a call": ("{{ partner.first_name.upper() }}", "not available"),
    "a call of a call": ("{{ cycler.__init__.__globals__.os.popen('id') }}", "not available"),
    "attributes by a filter": ("{{ partner | attr('email') }}", "no variable"),
    "a filter that is not listed": ("{{ partner.email | map('upper') }}", "filter"),
    "a number of thousands of digits": ("{{ " + "9" * 5_000 + " }}", "too long"),
    "a number as long, in a few letters": ("{{ 0x" + "f" * 20_000 + " }}", "too long"),
    "such a fallback": ("{{ partner.first_name | default(0x" + "f" * 20_000 + ") }}", "too long"),
    "such a comparison": ("{% if tag.name == 0x" + "f" * 20_000 + " %}a{% endif %}", "too long"),
    "such an argument": ("{{ partner.first_name | truncate(0x" + "f" * 9_000 + ") }}", "too long"),
    "half of one, spelled": ('{{ tag.name | default("\\ud83d") }}', "broken character"),
    "a control character": ('{{ "\\x00" }}', "broken character"),
    "a loop over everybody": ("{% for p in partners %}{{ p.email }}{% endfor %}", "Loops"),
    "a loop without end": ("{% for a in range(9**9) %}x{% endfor %}", "Loops"),
    "a macro that calls itself": ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "Macros"),
    "a file of the server": ("{% include '/etc/passwd' %}", "Includes"),
    "an import": ("{% import 'os' as os %}", "Imports"),
    "another layout": ("{% extends 'layout.html' %}", "Layouts"),
    "the settings of the server": ("{{ config.secret_key }}", "no variable"),
    "the template itself": ("{{ self }}", "no variable"),
    "a huge number": ("{{ 9 ** 9 ** 9 }}", "Calculations"),
    "a huge text": ("{{ 'x' * 999999999 }}", "Calculations"),
    "a variable set": ("{% set x = 1 %}{{ x }}", "Setting"),
    "joining": ("{{ 'a' ~ partner.email }}", "Joining"),
    "conditions nested too deep": ("{% if tag.name %}" * 40 + "x" + "{% endif %}" * 40, "deep"),
    "brackets nested too deep": ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "nested"),
    "a name of a thousand parts": ("{{ partner.first_name" + ".a" * 1000 + " }}", "Names"),
    "conditions without end": ("{% if " + "not " * 5000 + "tag.name %}x{% endif %}", "nested"),
    "escaping switched off": ("{% autoescape false %}{{ tag.name }}{% endautoescape %}", "blocks"),
    "escaping switched off around much": (
        "{% autoescape false %}{{ tag" + ".a" * 5000 + " }}{% endautoescape %}", "blocks",
    ),
    "a filter chain": ("{{ partner.email" + " | upper" * 2000 + " }}", "filters"),
    "too many variables": ("{{ partner.email }}" * 501, "500"),
    "too many characters": ("x" * 256_001, "characters"),
    "elements nested too deep": ("<div>" * 20_000, "deep"),
    "too many elements": ("<br>" * 20_000, "elements"),
    "a table bomb": ("<table><tr><td>" * 3000, "deep"),
    "too much style": (
        "<style>" + "".join(f".a{n}{{color:red}}" for n in range(6000)) + "</style>"
        + "<i class=a1></i>" * 4000,
        "styles",
    ),
    "a script": ("<script>fetch('/api/v1/partners')</script>", "scripts"),
    "an event": ("<img src=x onerror=alert(1)>", "scripts"),
    "a script in a link": ("<a href=' java\tscript:alert(1)'>x</a>", "script"),
    "a script in coded letters": ("<a href='&#106;avascript:alert(1)'>x</a>", "script"),
    "a document in a link": ("<a href='data:text/html,<script>1</script>'>x</a>", "script"),
    "a frame": ("<iframe src='https://a.example'></iframe>", "iframe"),
    "a form": ("<form action='https://a.example'><input name=password></form>", "form"),
    "another base": ("<base href='https://evil.example/'>", "base"),
    "a drawing with scripts": ("<svg onload=alert(1)>", "svg"),
    "a tag that never ends": ("<p>Hello <a href='https://a.example", "never ends"),
    "a variable for a tag": ("<{{ partner.first_name }}>x", "tag"),
    "a variable for an attribute": ("<p {{ partner.first_name }}>x</p>", "attribute"),
    "a condition over a tag's end": ("<p>{% if tag.name %}</p><div>{% endif %}", "condition"),
    "half of a character": ("<p>\ud83d</p>", "broken character"),
    "no end of a condition": ("{% if partner.email %}x", "endif"),
    "a raw block": ("{% raw %}{{ x }}{% endraw %}", "raw"),
}  # fmt: skip

# Data that must come out as text, or not at all.
VALUES = {
    "a script": "<script>alert(1)</script>",
    "an image with an event": "<img src=x onerror=alert(1)>",
    "the end of everything": "</p></td></tr></table></body></html><h1>Mine</h1>",
    "a template": "{{ program.from_ }}{% for p in partners %}{{ p }}{% endfor %}",
    "a comment": "{# x #}<!-- x --><!--[if mso]><b>x</b><![endif]-->",
    "another header": "Ada\r\nBcc: everybody@a.example\r\n\r\nBody",
    "another header in unicode": "Ada\u2028Bcc: a@a.example\u0085X: y",
    "a link that runs": "javascript:alert(document.cookie)",
    "a document": "data:text/html;base64,PHNjcmlwdD4=",
    "the end of an attribute": "\" onmouseover=\"alert(1)",
    "the end of a style": "red}</style><script>alert(1)</script>",
    "a style that loads": "url(https://evil.example/?x)",
    "format strings": "%s%n{0.__class__}",
    "controls": "\x00\x01\x07\x08\x1b[31m\x7f",
    "halves of characters": "\ud800 \udfff",
    "right to left": "\u202e\u2066evil\u2069",
    "combining without end": "a" + "\u0301" * 5000,
    "very much": "x" * 200_000,
    "emoji": "👨‍👩‍👧‍👦" * 500,
    "nothing to see": "\u200b\u00a0\ufeff",
}  # fmt: skip
EVERYWHERE = (
    "<style>.a { color: {{ program.color }} }</style>"
    "<p class='a' title=\"{{ partner.company | default('x') }}\""
    " style=\"color: {{ partner.company | default('red') }}\">{{ partner.company | default('x') }}"
    "</p><a href=\"{{ partner.company | default('x') }}\">a</a>"
    "<a href=\"https://a.example/{{ partner.company | default('x') }}"
    "?b={{ partner.company | default('x') }}\">b</a>"
    "<!--[if mso]><p>{{ partner.company | default('x') }}</p><![endif]-->"
)


def _look(body: str, *, subject: str = "Hello", who: str = "") -> preview.Look:
    with writing() as session:
        grace = {"email": SECRET, "company": "Secret & Co"}
        factory.partner(session, "grace", **grace)
        return preview.look(session, Source(subject, "", body), TemplateKind.MARKETING, who)


@pytest.mark.parametrize(("body", "word"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_email_is_refused_in_plain_words(body: str, word: str) -> None:
    look = _look(body)
    errors = [problem.message for problem in look.problems if problem.severity == "error"]
    assert word in " ".join(errors)
    assert all(len(sentence) < 300 and "Traceback" not in sentence for sentence in errors)
    assert look.html == ""


@pytest.mark.parametrize("tag", ["autoescape false", "for a in b", "with", "set a = 1", "raw"])
def test_what_is_refused_names_its_line(tag: str) -> None:
    word = tag.split(maxsplit=1)[0]
    look = _look("<p>Hello</p>\n\n{% " + tag + " %}{{ tag.name }}{% end" + word + " %}")
    errors = [problem.line for problem in look.problems if problem.severity == "error"]
    assert errors
    assert errors[0] == 3


@pytest.mark.parametrize(("body", "_word"), REFUSED.values(), ids=REFUSED)
def test_a_hostile_subject_is_refused_or_stays_one_harmless_line(body: str, _word: str) -> None:
    look = _look("<p>Hello</p>", subject=body)
    assert SECRET not in look.subject
    assert look.subject.isprintable()
    assert "root" not in look.subject


def _email(value: str, subject: str) -> dict[str, Any]:
    """The email of a partner whose every field holds the value."""
    with writing() as session:
        program = settings.program(session)
        source = Source(subject, "{{ partner.company | default('x') }}", EVERYWHERE)
        composed, _ = compose.draft(source, kind=TemplateKind.MARKETING, known_fields=[])
        assert composed
        partner = dict.fromkeys(("first_name", "last_name", "company", "key"), value)
        to = Recipient(unsubscribe.NOBODY, partner | {"email": "ada@partners.test"}, value)
        version = preview._version(composed, TemplateKind.MARKETING)
        return message.build(version, to, program)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_hostile_data_comes_out_as_text(value: str) -> None:
    with writing() as session:
        factory.partner(session, "grace", email=SECRET)
    subject = "{{ partner.company | default('x') }} {{ tag.name | default('x') }}"
    email = _email(value, subject)
    assert email["subject"].isprintable() or not value.isprintable()
    assert not re.search(r"[\r\n\u2028\x00-\x1f]", email["subject"])
    plain = _email("Plain", subject)
    # Word by word the same elements with the same attributes as for anybody else.
    assert _shape(email["html"]) == _shape(plain["html"])
    assert SECRET not in email["html"] + email["text"] + email["subject"]
    email["html"].encode()
    email["text"].encode()


def _shape(html: str) -> list[tuple[str, str, list[str]]]:
    """The elements of a document and the names of their attributes; links by their kind."""
    shape: list[tuple[str, str, list[str]]] = []
    for piece in scan(html):
        if piece.kind in ("open", "close", "broken"):
            names = [attribute.name for attribute in piece.attributes]
            shape.append((piece.kind, piece.name, names))
        for name in ("href", "src") if piece.kind == "open" else ():
            kind = (piece.get(name) or "").strip().lower()
            assert not re.match(r"(java|vb)script:|data:text", re.sub(r"\s", "", kind))
    return shape


def test_there_are_forty_and_more() -> None:
    assert len(REFUSED) + len(VALUES) >= 40
