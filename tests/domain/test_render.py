"""One function renders for preview, test and dispatch: what goes in, and what never gets out."""

from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from markupsafe import Markup

from rxapp.db.models import TemplateKind
from rxapp.domain.compose import Composed, Source, compose
from rxapp.domain.render import Context, Rendered, render
from rxapp.errors import InvalidTemplate, MissingVariable

FIELDS = ("joined", "tier", "sales", "site")
UNSUBSCRIBE = "https://x.test/unsubscribe/1"


@dataclass(frozen=True)
class Sources:
    """Sources as they could stand in a database, made by `compose` or not."""

    subject: str
    html: str
    text: str


def made(body: str, subject: str = "Hi") -> Composed:
    return compose(Source(subject, "", body), kind=TemplateKind.TRANSACTIONAL, known_fields=FIELDS)


def sent(email: Composed, program: dict[str, Any] | None = None, **partner: Any) -> Rendered:
    return render(email, Context(partner, "vip", program or {}, UNSUBSCRIBE))


def said(source: str, **partner: Any) -> str:
    """What a subject line of this source says: nothing is escaped or laid out there."""
    return sent(made("<p>x</p>", source), **partner).subject


@pytest.mark.parametrize("nothing", [None, "", "   ", "\t\n", "\x00\x07", "\u3000"])
def test_what_is_blank_takes_the_fallback(nothing: str | None) -> None:
    assert said('{{ partner.first_name | default("there") }}', first_name=nothing) == "there"


def test_a_fallback_may_be_nothing() -> None:
    assert said('Hi{{ partner.first_name | default("") }}!') == "Hi!"


def test_the_fallback_works_at_any_place_of_the_chain() -> None:
    assert said('{{ partner.first_name | upper | default("there") }}') == "there"
    assert said('{{ partner.first_name | default("there") | upper }}') == "THERE"


@pytest.mark.parametrize("part", ["subject", "html", "text"])
def test_a_missing_value_is_named_whatever_part_needs_it(part: str) -> None:
    sources = {"subject": "s", "html": "h", "text": "t", part: "{{ partner.first_name }}"}
    with pytest.raises(MissingVariable) as caught:
        render(Sources(**sources), Context({}, "vip", {}, UNSUBSCRIBE))
    assert caught.value.variable == "first_name"


def test_a_missing_value_of_the_program_is_named_in_full() -> None:
    with pytest.raises(MissingVariable) as caught:
        said("{{ program.website }}")
    assert caught.value.variable == "program.website"


def test_an_empty_value_is_false_in_a_condition() -> None:
    source = "{% if partner.company %}{{ partner.company }}{% else %}alone{% endif %}"
    assert said(source) == "alone"
    assert said(source, company="Acme") == "Acme"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("partner.sales > 9", True),  # by number, though fields are texts: "10" > "9"
        ("partner.sales >= 10.0", True),
        ("partner.sales == 10", True),
        ('partner.sales == "10.0"', False),
        ('partner.tier == "gold"', True),
        ('partner.tier == "Gold"', False),
        ('partner.joined < "2025-01-01"', True),
        ("partner.key == 7", True),
        ('partner.key == "7"', False),  # a key is a text: 007 is not 7
        ("partner.company < 5", False),
        ("partner.company > 5", False),
        ('partner.company == ""', True),
        ('partner.company != ""', False),
        ("partner.tier > 3", True),  # no number: compared as texts, and never an error
        ("not partner.company", True),
        ("partner.tier and partner.company", False),
        ("partner.tier or partner.company", True),
    ],
)
def test_comparisons_never_fail_and_follow_what_was_meant(condition: str, holds: bool) -> None:
    source = f"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}"
    partner = {"sales": "10", "tier": "gold", "joined": "2024-05-01", "key": "007"}
    assert said(source, **partner) == ("yes" if holds else "no")


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ('{{ partner.joined | date("%d %B %Y") }}', "01 May 2024"),
        ('{{ partner.joined | date("%A, %-d %b %y") }}', "Wednesday, 1 May 24"),
        ("{{ partner.joined | date }}", "1 May 2024"),
        ("{{ partner.first_name | title }}", "Mary-Ann O'neil"),
        ("{{ partner.first_name | truncate(5) }}", "mary…"),
        ("{{ partner.first_name | capitalize }}", "Mary-ann o'neil"),
        ("{{ partner.last_name | trim | lower }}", "straße"),
        ("{{ program.color | contrast }}", "#111111"),
    ],
)
def test_filters_do_what_their_name_says(source: str, result: str) -> None:
    email = made("<p>x</p>", source)
    partner = {"joined": "2024-05-01", "first_name": "mary-ann o'neil", "last_name": " STRAßE "}
    assert sent(email, {"color": "#ffd43b"}, **partner).subject == result


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("2024-05-01T23:30:00Z", "1 May 2024"),
        (date(2024, 5, 1), "1 May 2024"),
        ("next week", "next week"),
        ("2024-02-31", "2024-02-31"),
    ],
)
def test_a_date_that_is_none_stays_as_it_is(value: str | date, result: str) -> None:
    assert said("{{ partner.joined | date }}", joined=value) == result


@pytest.mark.parametrize(
    "value",
    ["Ada\r\nBcc: all@x.test", "Ada\nX", "Ada\x0b\x0cX", "Ada\u2028X", "Ada\x85X", "Ada\x00\x1bX"],
)
def test_a_subject_is_one_line_without_control_characters(value: str) -> None:
    subject = said("Hi {{ partner.first_name }}", first_name=value)
    assert len(subject.splitlines()) == 1
    assert subject.isprintable()


class Structure(HTMLParser):
    """The tags, attributes and comments of a document, as another parser than ours sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(("/" + tag, ()))

    def handle_comment(self, data: str) -> None:
        self.seen.append(("comment", ()))
        if data.startswith("[if"):
            self.seen += Structure.of(data)

    @staticmethod
    def of(html: str) -> list[tuple[str, tuple[str, ...]]]:
        parser = Structure()
        parser.feed(html)
        parser.close()
        return parser.seen


HOSTILE_VALUES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "--><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "{{ partner.company }}{% for x in y %}",
    "{0.__class__.__mro__} %s %(email)s",
    "${7*7} <%= 7*7 %> #{7*7}",
    "&lt;script&gt;",
    "rxj0x rxj1x",
    "\ud800 half a character",
    "مرحبا \u202eevil 👩‍👩‍👧",
    "x" * 100_000,
]


@pytest.mark.parametrize("value", HOSTILE_VALUES, ids=range(len(HOSTILE_VALUES)))
def test_a_hostile_value_is_shown_as_text_wherever_it_stands(value: str) -> None:
    email = made(
        "<html><head><style>p { color: {{ partner.tier }} }</style></head><body>"
        "<!-- {{ partner.tier }} --><p title={{ partner.tier }}>{{ partner.tier }}</p>"
        '<a style="color: {{ partner.tier }}" href="{{ partner.tier }}">x</a>'
        "<!--[if mso]><a href='{{ partner.tier }}'>x</a><![endif]--></body></html>"
    )
    seen = sent(email, tier=value, company="another secret")
    harmless = sent(email, tier="gold", company="another secret")
    assert Structure.of(seen.html) == Structure.of(harmless.html)
    assert "another secret" not in seen.html
    assert seen.html.encode()


def test_a_value_that_claims_to_be_safe_html_is_escaped_all_the_same() -> None:
    assert "<b>" not in sent(made("<p>{{ partner.tier }}</p>"), tier=Markup("<b>x</b>")).html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.test/x",
        "not a link",
    ],
)
@pytest.mark.parametrize("before", ["", "java", "{% if partner.key %}x{% endif %}"])
def test_data_cannot_choose_the_kind_of_a_link(address: str, before: str) -> None:
    seen = sent(made(f'<a href="{before}{{{{ partner.site }}}}">x</a>'), site=address)
    assert 'href="#"' in seen.html
    assert "(#)" in seen.text


@pytest.mark.parametrize(
    ("source", "value", "address"),
    [
        ("{{ partner.site }}", "https://a.test/x?y=1&z=é", "https://a.test/x?y=1&amp;z=é"),
        ("{{ partner.site }}", "a.test/x", "https://a.test/x"),
        ("{{ partner.site }}", "mailto:a@b.test", "mailto:a@b.test"),
        ("mailto:{{ partner.site }}", "a+b@c.test", "mailto:a+b@c.test"),
        ("https://x.test/{{ partner.site }}", "a b/c", "https://x.test/a%20b/c"),
        ("https://x.test/?q={{ partner.site }}&amp;r=1", "a&r=2#", "https://x.test/?q=a%26r%3D2%23&amp;r=1"),
        ("{{ program.website }}?q={{ partner.site }}", "a/b", "https://p.test?q=a%2Fb"),
        ("{% if partner.site %}{{ partner.site }}{% else %}https://x.test{% endif %}", "", "https://x.test"),
    ],
)  # fmt: skip
def test_data_in_a_link_fits_its_place(source: str, value: str, address: str) -> None:
    seen = sent(made(f'<a href="{source}">x</a>'), {"website": "https://p.test"}, site=value)
    assert f'href="{address}"' in seen.html


@pytest.mark.parametrize(
    "source",
    [
        "{{ partner.__class__ }}",
        "{{ partner.first_name.__class__ }}",
        "{{ partner.first_name.upper() }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ 'x' * 9999 }}",
        "{% for x in partner.first_name %}{% endfor %}",
        "{{ partner.first_name | attr('x') }}",
        "{{ partner | _link }}",
        "{% filter upper %}x{% endfilter %}",
        "{% if",
    ],
)
def test_a_source_that_compose_did_not_make_does_not_run(source: str) -> None:
    with pytest.raises(InvalidTemplate):
        render(Sources("s", source, "t"), Context({"first_name": "A"}, "vip", {}, UNSUBSCRIBE))


def test_the_plain_text_is_not_escaped() -> None:
    assert (
        "Rivera & Söhne <3"
        in sent(made("<p>{{ partner.tier }}</p>"), tier="Rivera & Söhne <3").text
    )


def test_the_same_input_gives_the_same_bytes() -> None:
    body = '<p style="color:{{ program.color }}">{{ partner.tier | default("x") }}</p>'
    first, again = (sent(made(body), {"color": "#123456"}, tier="ü") for _ in range(2))
    assert first.html.encode() == again.html.encode()
    assert first == again


def test_one_partner_never_sees_another_ones_data() -> None:
    email = made("<p>{{ partner.first_name }} {{ partner.tier | default('none') }}</p>")
    assert "gold" in sent(email, first_name="Ada", tier="gold").html
    assert "gold" not in sent(email, first_name="Bob").html
