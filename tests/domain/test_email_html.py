"""What an email's HTML may be: every document gets an answer, soon, and none ends the process."""

import random
import time

import css_inline
import pytest

from rxapp.db.models import TemplateKind
from rxapp.domain.compose import Composed, Source, check, compose
from rxapp.domain.email.markup import VOID, scan
from rxapp.domain.email.nesting import Nesting
from rxapp.domain.email.problems import Problem
from rxapp.domain.render import Context, Rendered, render
from rxapp.errors import InvalidTemplate
from tests.patience import PATIENCE

# Far more than any takes (the longest about half a second), far less than one that hangs.
FULL = {"company": "Acme", "key": "k"}


def made(body: str, kind: TemplateKind = TemplateKind.TRANSACTIONAL) -> Composed:
    return compose(Source("Hi", "", body), kind=kind, known_fields=[])


def sent(body: str, **partner: str) -> Rendered:
    return render(made(body), Context(partner, "vip", {}, "https://x.test/u"))


def problems(body: str, kind: TemplateKind = TemplateKind.TRANSACTIONAL) -> list[Problem]:
    return check(Source("Hi", "", body), kind=kind, known_fields=[])


def styled(css: str, body: str) -> str:
    return f"<html><head><style>{css}</style></head><body>{body}</body></html>"


MANY_PROPERTIES = "p{" + "".join(f"--a{number}:1;" for number in range(1990)) + "}"
HUGE = {
    "deep blocks": "<div>" * 50_000,
    "deep formatting": "<b>" * 80_000,
    "formatting opened again in each block": "<p><b id=1></p>" * 15_000,
    "end tags that end nothing": "<table><tr><td></div>" * 9_000,
    "blocks moved out of tables": "<table><b>" * 9_000,
    "names that only look closed": "<div\xa0></div>" * 10_000,
    "styles hidden in svg": "<svg><style>" + "<g>" * 50_000,
    "styles hidden in select": "<select><style></select>" + "<div>" * 40_000,
    "a comment without end": "<!--" * 60_000,
    "angle brackets": "<" * 250_000,
    "tags in tags": "<a" * 120_000,
    "quotes without end": '<a x="' * 40_000,
    "attributes": "<a " + "x " * 120_000 + ">",
    "equal signs": "<a " + "= " * 120_000,
    "many properties on many elements": styled(MANY_PROPERTIES, "<p>" * 1_000),
    "slow selectors": styled(":not(:not(* ~ x)) :nth-child(2n){color:red}" * 900, "<p>" * 2_000),
    "a long word in a style": styled("a" * 200_000, "x"),
    "styles without end": "<style>" * 36_000,
    "addresses in styles": '<p style="' + "url(" * 60_000 + '{{ partner.key }}">',
    "Outlook comments in each other": "<!--[if " * 30_000 + "-->",
    "problems on every line": "<img>\n" * 4_900,
    "parentheses": "{{ " + "(" * 50_000 + "1" + ")" * 50_000 + " }}",
    "nots": "{% if " + "not " * 50_000 + "partner.key %}{% endif %}",
    "ands": "{% if " + "partner.key and " * 5_000 + "partner.key %}{% endif %}",
    "filters": "{{ partner.key " + "|upper" * 5_000 + " }}",
    "branches": "{% if partner.key %}" + "{% elif partner.key %}x" * 490 + "{% endif %}",
    "conditions in each other": "{% if partner.key %}" * 200 + "{% endif %}" * 200,
    "conditions": "{% if partner.key %}a{% endif %}" * 5_000,
    "braces": "{" * 250_000,
    "open variables": "{{" * 100_000,
    "too long": "x" * 300_000,
}


@pytest.mark.parametrize("body", HUGE.values(), ids=HUGE)
def test_a_huge_or_deep_document_is_answered_soon(body: str) -> None:
    began = time.monotonic()
    try:
        answer = render(made(body), Context(FULL, "vip", {}, "https://x.test/u")).html
    except InvalidTemplate as error:
        answer = error.sentence
    assert 10 < len(answer) < 2_500_000
    assert time.monotonic() - began < PATIENCE


BLOCKS = ("p", "div", "center", "h1", "h2", "button", "blockquote", "pre", "x-y", "label", "span")
LISTS = ("ul", "ol", "li", "dl", "dt", "dd")
TABLES = ("table", "table", "tbody", "tr", "td", "th", "caption")
FORMATTING = ("a", "b", "i", "em", "font", "nobr")


def _tag_soup(chance: random.Random) -> str:
    names = chance.sample(BLOCKS + LISTS + TABLES + FORMATTING, chance.randint(2, 8))
    tags = ["<%s>", "</%s>", "text<%s>", "<%s title=x>"]
    motif = [chance.choice(tags) % chance.choice(names) for _ in range(chance.randint(3, 12))]
    return "".join(motif) * chance.choice([1, 3, 30])


@pytest.mark.parametrize("seed", range(6))
def test_documents_are_not_deeper_than_counted_before_the_parser_sees_them(seed: int) -> None:
    chance = random.Random(seed)
    inliner = css_inline.CSSInliner()
    compared = 0
    for _ in range(400):
        soup, nesting, repaired, deepest = _tag_soup(chance), Nesting(), "", 0
        for piece in scan(soup):
            repaired += nesting.see(piece) + soup[piece.start : piece.end]
            deepest = max(deepest, nesting.depth)
            if nesting.problem:
                break
        else:
            compared += 1
            parsed = inliner.inline(f"<!DOCTYPE html><html><body>{repaired}</body></html>")
            # Around it the parser has html and body. It may double an element to end another.
            assert _depth(parsed) - 2 <= 2 * deepest + 4, soup
            assert parsed.count("<") <= 8 * nesting.elements + 40, soup
    assert compared > 100


def _depth(html: str) -> int:
    depth = deepest = 0
    for piece in scan(html):
        if piece.kind == "open" and piece.name not in VOID:
            depth += 1
        elif piece.kind == "close":
            depth -= 1
        deepest = max(deepest, depth)
    return deepest


def test_the_pieces_of_a_document_are_the_document() -> None:
    chance = random.Random(1)
    for _ in range(2_000):
        source = "".join(chance.choices("<>/!-=\"' abstyle{}&\n", k=60))
        pieces = list(scan(source))
        assert "".join(source[piece.start : piece.end] for piece in pieces) == source


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        "<p onclick=x>x</p>",
        "<img src=x ONERROR=x>",
        "<iframe src=https://x.test></iframe>",
        "<object data=x></object>",
        "<form action=https://x.test></form>",
        "<svg onload=x></svg>",
        "<base href=https://x.test>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" java&#10;script:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        "<p {{ partner.key }}>x</p>",
        "<{{ partner.key }}>x",
        "<p {% if partner.key %}class=a{% endif %}>x</p>",
        '<p style="background: url({{ partner.key }})">x</p>',
        "<style>{% if partner.key %}p { color: red }{% endif %}</style>",
        '<a title="{% if partner.key %}">x</a>{% endif %}',
        "<!-- {% if partner.key %} -->{% endif %}",
        "{% if partner.key %}<div>{% endif %}x",
        "{% if partner.key %}<div>{% else %}<div>{% endif %}x</div>",
        "<table>{% if partner.key %}text{% endif %}<tr><td>x</td></tr></table>",
        "<table><tr><p>x</p></tr></table>",
        "<p>\ud800</p>",
    ],
)
def test_what_inboxes_refuse_or_parsers_move_is_an_error_at_its_line(body: str) -> None:
    found = problems("<p>first</p>\n{{ partner.key\n}}\n" + body)
    assert found[0].severity == "error"
    assert found[0].line in (4, None)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<img src=https://x.test/a.png>", "alt"),
        ("<a href=''>x</a>", "nowhere"),
        ("<a href=/path>x</a>", "https://"),
        ("<img alt='' src='data:image/png;base64,x'>", "Gmail"),
        ("<p>Dear *|FNAME|*</p>", "another tool"),
        ("<table>text<tr><td>x</td></tr></table>", "outside its cells"),
        (f"<p>{'x' * 110_000}</p>", "Gmail"),
    ],
)
def test_what_is_worth_knowing_is_a_warning_and_does_not_stop_saving(body: str, says: str) -> None:
    (warning,) = problems(body)
    assert (warning.severity, says in warning.message) == ("warning", True)
    assert made(body).warnings == [warning]


def test_structured_data_for_inboxes_is_let_through() -> None:
    body = '<script type="application/ld+json">{"name": "{{ partner.key }}"}</script>'
    assert '{"name": "&lt;/script&gt;"}' in sent(body, key="</script>").html


@pytest.mark.parametrize(
    "body",
    [
        "<table>{% if partner.company %}<tr><td>HERE</td></tr>{% endif %}<tr><td>x</table>",
        "<table><tbody><tr>{% if partner.company %}<td>HERE</td>{% endif %}</tr></tbody></table>",
        "<ul>{% if partner.company %}<li>HERE{% endif %}<li>x</ul>",
        "<p>x{% if partner.company %}<p>HERE{% endif %}<p>y",
        "<p title='{% if partner.company %}HERE{% endif %}'>x</p>",
        "<!--[if mso]>{% if partner.company %}HERE{% endif %}<![endif]-->",
        "<title>{% if partner.company %}HERE{% endif %}</title>",
        "<div>{% if partner.company %}<div><b>HERE</b></div>{% endif %}</div>",
    ],
)
def test_a_condition_holds_just_what_it_was_written_around(body: str) -> None:
    assert "HERE" in sent(body, company="Acme").html
    assert "HERE" not in sent(body).html


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("body", "is_offered"),
    [
        ('<a href="{{ unsubscribe_url }}">Stop</a>', True),
        ("<p>Stop: {{ unsubscribe_url }}</p>", True),
        ("{% if partner.key %}<a href='{{ unsubscribe_url }}'>Stop</a>{% endif %}", False),
        ("<a href='{% if partner.key %}{{ unsubscribe_url }}{% endif %}'>Stop</a>", False),
        ("<!-- {{ unsubscribe_url }} -->", False),
        ("<p>unsubscribe_url</p>", False),
    ],
)
def test_marketing_mail_always_offers_to_unsubscribe(
    body: str, is_offered: bool, whole: bool
) -> None:
    source = f"<html><body>{body}</body></html>" if whole else body
    seen = render(
        made(source, TemplateKind.MARKETING), Context({}, "vip", {}, "https://x.test/out")
    )
    added = 'href="https://x.test/out"' in seen.html.partition("one of our partners")[2]
    assert added is not (whole and is_offered)
    assert "https://x.test/out" in seen.text


def test_a_whole_document_keeps_its_declarations_and_what_only_outlook_reads() -> None:
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org">'
    outlook = (
        "<!--[if mso]><v:rect href='{{ program.website }}'>&nbsp;</v:rect><![endif]-->",
        "<!--[if !mso]><!--><p>others</p><!--<![endif]-->",
        "<![if !mso]><p>old</p><![endif]>",
    )
    html = made(f"{doctype}\n<html><body>{''.join(outlook)}</body></html>").html
    assert html.startswith(doctype)
    assert "{% filter _link %}{{ program.website }}{% endfilter %}" in html
    assert "<!--[if !mso]><!-->" in html
    assert "<![if !mso]>" in html
    assert html.count("<![endif]") == 3


def test_styles_keep_what_cannot_be_inlined_and_load_nothing() -> None:
    css = (
        "a:hover{color:red}@media (max-width:9px){#x{color:blue}}[data-ogsc] p{color:green}"
        "@import url(file:///etc/passwd);"
    )
    body = "<link rel=stylesheet href='file:///etc/passwd'><p id=x>x</p>"
    html = made(styled(css, body)).html
    for kept in ("a:hover{color:red}", "#x{color:blue}", "[data-ogsc] p{color:green}"):
        assert kept in html
    assert "root:" not in html


def test_what_only_looks_like_a_variable_stays_text() -> None:
    seen = sent("<p>&#123;&#123; partner.key }} &#123;% x %} &#123;{{ partner.key }}}</p>", key="K")
    assert "{{ partner.key }} {% x %} {K}" in seen.html
    assert "{{ partner.key }} {% x %} {K}" in seen.text


def test_the_words_that_stand_for_tags_can_be_written_too() -> None:
    assert "rxj0x rxjj1x K" in sent("<p>rxj0x rxjj1x {{ partner.key }}</p>", key="K").html
