"""The visual editor's document becomes HTML that parses, whatever is in the document."""

import json
from typing import Any

import pytest

from rxapp.db.models import TemplateKind
from rxapp.domain import templates
from rxapp.domain.compose import Source, compose
from rxapp.domain.email import chips, visual, visual_theme
from rxapp.domain.render import Context, render
from rxapp.errors import InvalidTemplate

FIRST_NAME = '{{ partner.first_name | default("there") }}'


def doc(*blocks: dict[str, Any], **theme: Any) -> dict[str, Any]:
    within = [{"type": "container", "content": list(blocks)}]
    return {"doc": {"type": "doc", "content": within}, "theme": theme}


def paragraph(*content: dict[str, Any], **attrs: Any) -> dict[str, Any]:
    return {"type": "paragraph", "attrs": attrs, "content": list(content)}


def text(words: str, *marks: str, **link: str) -> dict[str, Any]:
    given: list[dict[str, Any]] = [{"type": mark} for mark in marks]
    if link:
        given.append({"type": "link", "attrs": link})
    return {"type": "text", "text": words, "marks": given}


def chip(source: str = FIRST_NAME, **link: str) -> dict[str, Any]:
    marks = [{"type": "link", "attrs": link}] if link else []
    return {"type": "variable", "attrs": {"source": source}, "marks": marks}


def sent(document: dict[str, Any], **partner: str) -> str:
    """The HTML a partner gets."""
    body = visual.to_html(document)
    source = Source(subject="Hello", preheader="", body=body)
    composed = compose(source, kind=TemplateKind.MARKETING, known_fields=["level"])
    context = Context({"email": "a@b.example", **partner}, "vip", {}, "https://u.example/x")
    return render(composed, context).html


def test_words_marks_and_variables_come_out_as_they_look() -> None:
    hello = paragraph(text("Hello "), chip(), text(", you are "), text("in", "bold", "italic"))
    assert visual.to_html(doc(hello)) == (
        f"<p>Hello {FIRST_NAME}, you are <strong><em>in</em></strong></p>\n"
    )


def test_a_link_goes_around_all_it_holds_a_variable_among_it() -> None:
    to = {"href": "https://a.example/?ref={{ partner.key }}&x=1"}
    html = visual.to_html(doc(paragraph(text("To ", **to), chip(**to), text("’s page", **to))))
    assert html.count("<a ") == 1
    assert 'href="https://a.example/?ref={{ partner.key }}&amp;x=1"' in html
    assert "https://a.example/?ref=A%26B" in sent(doc(paragraph(text("here", **to))), key="A&B")


@pytest.mark.parametrize(
    "typed",
    [
        "{{ partner.first_name",
        "{{ not a variable at all }} and more",
        "{% if x %} no end",
        "{% raw %}",
        "{# a comment",
        "}} {{ {% %} #}",
        "{{{{{{",
        "</p><script>alert(1)</script>",
        "a < b & c > d \"e\" 'f'",
        "\u202eright to left \u0000 null",
        "{{ '{{' }}",
    ],
)
def test_typed_text_stays_text(typed: str) -> None:
    body = visual.to_html(doc(paragraph(text(typed)), paragraph(text("last"))))
    composed = compose(Source("s", "", body), kind=TemplateKind.TRANSACTIONAL, known_fields=[])
    html = render(composed, Context({"email": "a@b.example"}, "vip", {}, "u")).html
    shown = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert typed.replace("\u0000", "").split("<")[0] in shown.replace("\u0000", "")
    assert "<script" not in html


@pytest.mark.parametrize(
    "source",
    [
        "{{ partner.first_name",
        "partner.first_name",
        "{{ partner.first_name }} and {% if",
        "{% if partner.company %}a",
        "{% endif %}",
        "",
        "<b>",
        "{# x #}",
        "{{",
    ],
)
def test_a_broken_chip_comes_out_as_text(source: str) -> None:
    html = visual.to_html(doc(paragraph(text("a"), chip(source), text("b"))))
    compose(Source("s", "", html), kind=TemplateKind.TRANSACTIONAL, known_fields=[])


def test_a_condition_can_be_one_chip() -> None:
    source = "{% if partner.company %}{{ partner.company }} <has>{% else %}you have{% endif %}"
    document = doc(paragraph(chip(source)))
    assert "Acme &lt;has&gt;" in sent(document, company="Acme")
    assert "you have" in sent(document)


def test_every_block_reaches_the_email() -> None:
    def words(one: str) -> dict[str, Any]:
        return paragraph(text(one))

    html = sent(
        doc(
            {"type": "heading", "attrs": {"level": 2}, "content": [text("Heading")]},
            paragraph(text("Middle"), alignment="center"),
            {"type": "bulletList", "content": [{"type": "listItem", "content": [words("Item")]}]},
            {"type": "blockquote", "content": [words("Quote")]},
            {"type": "codeBlock", "content": [text("if a {\n  b }")]},
            {
                "type": "button",
                "attrs": {"href": "acme.example", "alignment": "center"},
                "content": [text("Press "), chip()],
            },
            {
                "type": "image",
                "attrs": {"src": "https://a.example/i.png", "alt": 'A "b"', "width": "300"},
            },
            {"type": "horizontalRule"},
            {"type": "section", "content": [words("Boxed")]},
            {"type": "section", "attrs": {"class": "highlight"}, "content": [words("Bright")]},
            {
                "type": "twoColumns",
                "content": [
                    {"type": "columnsColumn", "content": [words("Left")]},
                    {"type": "columnsColumn", "content": [words("Right")]},
                ],
            },
        )
    )
    for words_ in ("Heading", "Middle", "Item", "Quote", "Press there", "Boxed", "Left", "Right"):
        assert words_ in html
    assert 'href="https://acme.example"' in html
    assert 'alt="A &quot;b&quot;"' in html
    assert "if a {" in html
    assert "text-align: center" in html or "text-align:center" in html


def test_empty_paragraphs_make_room_but_not_at_the_end() -> None:
    empty = {"type": "paragraph"}
    html = visual.to_html(doc(paragraph(text("a")), empty, paragraph(text("b")), empty, empty))
    assert html == "<p>a</p>\n<p>&nbsp;</p>\n<p>b</p>\n"
    assert visual.is_empty(doc(empty))


def test_a_theme_changes_colours_font_and_corners_and_nothing_else() -> None:
    html = sent(
        doc(
            {"type": "button", "attrs": {"href": "#"}, "content": [text("Go")]},
            accent="#112233",
            font="serif",
            radius=3,
            background="red;} body{display:none",
        )
    )
    assert "#112233" in html
    assert "Georgia" in html
    assert "border-radius: 3px" in html or "border-radius:3px" in html
    assert "display:none}" not in html.replace(" ", "")
    assert visual_theme.style({}) == ""


@pytest.mark.parametrize("broken", [{}, {"doc": []}, {"doc": "x"}, {"doc": None}])
def test_what_is_no_document_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(InvalidTemplate, match="Reload"):
        visual.to_html(broken)
    assert visual.to_html({"doc": {"type": "doc", "content": 3}}) == ""


@pytest.mark.parametrize("wrong", ["not json", "[]", "3", '"x"', "null"])
def test_what_is_not_even_json_is_refused_as_well(wrong: str) -> None:
    with pytest.raises(InvalidTemplate, match="Reload"):
        templates.body_of(wrong)


def test_a_document_that_is_too_deep_or_too_long_is_refused() -> None:
    deep: dict[str, Any] = paragraph(text("x"))
    for _ in range(500):
        deep = {"type": "section", "content": [deep]}
    with pytest.raises(InvalidTemplate):
        visual.to_html(doc(deep))
    with pytest.raises(InvalidTemplate):
        visual.to_html(doc(*[paragraph(text("x"))] * 20_000))


def test_a_line_is_cut_into_text_and_tags() -> None:
    line = "Dear {{ partner.first_name }}, {{ oops and {{ tag.name }}"
    assert list(chips.pieces(line)) == [
        ("text", "Dear "),
        ("tag", "{{ partner.first_name }}"),
        ("text", ", {{ oops and "),
        ("tag", "{{ tag.name }}"),
    ]
    assert json.dumps(chips.markup('a"{{ tag.name }}<')) == '"a&quot;{{ tag.name }}&lt;"'
